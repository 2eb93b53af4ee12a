import { Model } from './model';

export type Status = 'loading' | 'ready' | 'error';
const SOON_MS = 250;

/**
 * One value from the server. A refresh keeps the old value on the screen; an error during a
 * refresh is kept beside the value.
 */
export class Resource<T> extends Model {
  constructor(private readonly fetchValue: () => Promise<T>) {
    super();
  }

  get status(): Status {
    if (this._value !== null) {
      return 'ready';
    }
    return this._error ? 'error' : 'loading';
  }

  get value(): T | null {
    return this._value;
  }

  get error(): Error | null {
    return this._error;
  }

  /** A request is on its way: what happens now may or may not be in its answer. */
  get isLoading(): boolean {
    return this.pending > 0;
  }

  /** Fetch; when called again before the answer came, only the last call counts. */
  readonly load = async (): Promise<void> => {
    const call = (this.calls += 1);
    clearTimeout(this.timer);
    this.timer = 0;
    if (this._error) {
      this._error = null;
      this.touch();
    }
    this.pending += 1;
    try {
      const value = await this.fetchValue();
      if (call === this.calls) {
        this.set(value);
      }
    } catch (reason) {
      if (call === this.calls) {
        this._error = asError(reason);
        this.touch();
      }
    } finally {
      this.pending -= 1;
    }
  };

  /** Fetch a little later, once for all calls until then. */
  readonly loadSoon = (): void => {
    if (!this.timer && !this.isDisposed) {
      this.timer = window.setTimeout(() => void this.load(), SOON_MS);
    }
  };

  set(value: T): void {
    this._value = value;
    this._error = null;
    this.touchSoon();
  }

  override dispose(): void {
    clearTimeout(this.timer);
    this.calls += 1;
    super.dispose();
  }

  private _value: T | null = null;
  private _error: Error | null = null;
  private calls = 0;
  private pending = 0;
  private timer = 0;
}

export function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}
