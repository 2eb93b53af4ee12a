import { EventStream, type StreamState } from '../api/events';
import type { IConnection } from '../api/request';
import type { IEvent, IHealth, IMe } from '../api/types';
import { getHealth, getMe } from '../api/views';
import { Model } from './model';
import { Resource } from './resource';

/** What all views of a page share: the connection, the event stream, the person, the health. */
export class Session extends Model {
  constructor(readonly connection: IConnection) {
    super();
    this.stream = new EventStream(connection);
    this.me = new Resource<IMe>(() => getMe(connection));
    this.health = new Resource<IHealth>(() => getHealth(connection));
    this.me.changed.connect(() => this.touch());
    this.health.changed.connect(() => this.touchSoon());
    this.stream.received.connect(this.onEvent, this);
    this.stream.stateChanged.connect(this.onStreamState, this);
  }

  readonly stream: EventStream;
  readonly me: Resource<IMe>;
  readonly health: Resource<IHealth>;

  /** When the stream broke; null while it is live. */
  get offlineSince(): number | null {
    return this.stream.state === 'offline' ? this._lostAt : null;
  }

  /** Connect once; later calls do nothing. */
  start(): void {
    if (!this.started) {
      this.started = true;
      this.stream.start();
      void this.me.load();
      void this.health.load();
    }
  }

  /** Whether the caller may do this. Unknown callers may not. */
  can(permission: string): boolean {
    return this.me.value?.permissions.includes(permission) ?? false;
  }

  override dispose(): void {
    this.stream.dispose();
    this.me.dispose();
    this.health.dispose();
    super.dispose();
  }

  private onEvent(_: EventStream, event: IEvent): void {
    if (event.kind === 'health') {
      this.health.set(event.data as IHealth);
    }
  }

  private onStreamState(_: EventStream, state: StreamState): void {
    if (state === 'live') {
      this._lostAt = null;
      if (this.me.status === 'error') {
        void this.me.load();
      }
      void this.health.load();
    } else {
      this._lostAt ??= Date.now();
    }
    this.touch();
  }

  private _lostAt: number | null = null;
  private started = false;
}
