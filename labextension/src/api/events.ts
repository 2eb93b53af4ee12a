import { type ISignal, Signal } from '@lumino/signaling';

import { apiUrl, type IConnection } from './request';
import type { IEvent, IFollowLog, ILogChunk } from './types';

export type StreamState = 'connecting' | 'live' | 'offline';

const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 15_000;

/**
 * The one WebSocket of a page.
 *
 * After a break it resumes behind the last event it saw. When the server cannot resume there
 * (`reset`), views must be loaded again. One log can be followed at a time.
 */
export class EventStream {
  constructor(private readonly connection: IConnection) {
    this.ready = new Promise(resolve => {
      this.markReady = resolve;
    });
  }

  /** Settles when the first attempt has either succeeded or failed: then views may load. */
  readonly ready: Promise<void>;

  get received(): ISignal<this, IEvent> {
    return this._received;
  }

  /** Events were missed: whatever was loaded before is out of date. */
  get reset(): ISignal<this, void> {
    return this._reset;
  }

  get stateChanged(): ISignal<this, StreamState> {
    return this._stateChanged;
  }

  /** The log that is followed has changed; null when none is. */
  get followChanged(): ISignal<this, IFollowLog | null> {
    return this._followChanged;
  }

  get state(): StreamState {
    return this._state;
  }

  get followed(): IFollowLog | null {
    return this._followed;
  }

  start(): void {
    window.addEventListener('online', this.retryNow);
    window.addEventListener('offline', this.onBrowserOffline);
    this.open();
  }

  dispose(): void {
    this.disposed = true;
    window.removeEventListener('online', this.retryNow);
    window.removeEventListener('offline', this.onBrowserOffline);
    this.dropSocket();
    clearTimeout(this.retryTimer);
    Signal.clearData(this);
  }

  /** Try to connect at once instead of waiting for the next attempt. */
  readonly retryNow = (): void => {
    if (!this.disposed && this._state !== 'live') {
      clearTimeout(this.retryTimer);
      this.attempts = 0;
      this.open();
    }
  };

  /** Stream this log, in place of any other. */
  followLog(target: IFollowLog): void {
    this._followed = { ...target };
    this.tell(this._followed);
    this._followChanged.emit(this._followed);
  }

  unfollowLog(): void {
    this._followed = null;
    this.tell({ type: 'unfollow_log' });
    this._followChanged.emit(null);
  }

  private open(): void {
    this.dropSocket();
    const socket = this.connection.openSocket(
      apiUrl(this.connection, 'events', { after: this.lastId })
    );
    this.socket = socket;
    socket.onmessage = message => {
      this.onMessage(JSON.parse(String(message.data)) as IEvent);
    };
    socket.onclose = () => {
      this.onClose();
    };
  }

  private onMessage(event: IEvent): void {
    if (event.kind === 'hello') {
      this.onHello((event.data as { last_id: number }).last_id);
    } else if (event.kind === 'reset') {
      this.lastId = event.id ?? null;
      this._reset.emit();
    } else {
      this.lastId = event.id ?? this.lastId;
      this.advanceFollowed(event);
      this._received.emit(event);
    }
  }

  private onHello(lastId: number): void {
    const missed = this.lastId === null ? this.failedBefore : lastId < this.lastId;
    if (this.lastId === null || missed) {
      this.lastId = lastId;
    }
    this.attempts = 0;
    this.setState('live');
    this.markReady();
    if (missed) {
      this._reset.emit();
    }
    if (this._followed) {
      this.tell(this._followed);
    }
  }

  /** Remember how far the followed log has come, to go on there after a break. */
  private advanceFollowed(event: IEvent): void {
    const chunk = event.data as ILogChunk;
    if (event.kind === 'log' && this._followed && isSameTry(chunk, this._followed)) {
      this._followed = { ...this._followed, offset: chunk.next_offset };
    }
  }

  private onClose(): void {
    this.dropSocket();
    this.failedBefore = true;
    this.setState(this._state === 'live' ? 'connecting' : 'offline');
    this.markReady();
    const delay = Math.min(FIRST_DELAY_MS * 2 ** this.attempts, LONGEST_DELAY_MS);
    this.attempts += 1;
    this.retryTimer = window.setTimeout(() => this.open(), delay * (0.75 + Math.random() / 2));
  }

  private readonly onBrowserOffline = (): void => {
    if (!this.disposed) {
      clearTimeout(this.retryTimer);
      this.onClose();
      this.setState('offline');
    }
  };

  private dropSocket(): void {
    if (this.socket) {
      this.socket.onmessage = this.socket.onclose = null;
      this.socket.close();
      this.socket = null;
    }
  }

  private tell(message: object): void {
    if (this.socket?.readyState === WebSocket.OPEN && this._state === 'live') {
      this.socket.send(JSON.stringify(message));
    }
  }

  private setState(state: StreamState): void {
    if (state !== this._state) {
      this._state = state;
      this._stateChanged.emit(state);
    }
  }

  private readonly _received = new Signal<this, IEvent>(this);
  private readonly _reset = new Signal<this, void>(this);
  private readonly _stateChanged = new Signal<this, StreamState>(this);
  private readonly _followChanged = new Signal<this, IFollowLog | null>(this);
  private _state: StreamState = 'connecting';
  private _followed: IFollowLog | null = null;
  private socket: WebSocket | null = null;
  private lastId: number | null = null;
  private attempts = 0;
  private failedBefore = false;
  private disposed = false;
  private retryTimer = 0;
  private markReady: () => void = () => undefined;
}

/** Whether two messages speak of the same try. */
export function isSameTry(one: IFollowLog | ILogChunk, two: IFollowLog | ILogChunk): boolean {
  return (
    one.dag_id === two.dag_id &&
    one.run_id === two.run_id &&
    one.task_id === two.task_id &&
    one.try_number === two.try_number &&
    one.map_index === two.map_index
  );
}
