import { type ISignal, Signal } from '@lumino/signaling';

/** One frame at 30 per second: bursts of events become one repaint. */
const FRAME_MS = 33;

/** State that views watch. `revision` grows with every change. */
export abstract class Model {
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get revision(): number {
    return this._revision;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    clearTimeout(this.frame);
    Signal.clearData(this);
  }

  /** Say that something changed, now: for what a person did. */
  protected touch(): void {
    if (!this._isDisposed) {
      clearTimeout(this.frame);
      this.frame = 0;
      this._revision += 1;
      this._changed.emit();
    }
  }

  /** Say so within a frame: for what the event stream brought. */
  protected touchSoon(): void {
    if (!this.frame && !this._isDisposed) {
      this.frame = window.setTimeout(() => this.touch(), FRAME_MS);
    }
  }

  private readonly _changed = new Signal<this, void>(this);
  private _revision = 0;
  private _isDisposed = false;
  private frame = 0;
}
