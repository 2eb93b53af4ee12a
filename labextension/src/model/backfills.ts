import { cancelBackfill, listBackfills } from '../api/backfills';
import type { EventStream } from '../api/events';
import type { IBackfill, IBackfillChanged, IEvent } from '../api/types';
import { Resource } from './resource';
import type { Session } from './session';

const NEWEST = 5;

/** The newest backfills of one DAG, newest first; how far they are comes with events. */
export class BackfillsModel extends Resource<IBackfill[]> {
  constructor(
    private readonly session: Session,
    private readonly dagId: string
  ) {
    super(async () => {
      await session.stream.ready;
      return (await listBackfills(session.connection, dagId, NEWEST)).backfills;
    });
    session.stream.received.connect(this.onEvent, this);
    session.stream.reset.connect(this.loadSoon, this);
  }

  /** Make no further runs; throws when the server refuses. */
  async cancel(id: number): Promise<IBackfill> {
    const cancelled = await cancelBackfill(this.session.connection, id);
    this.put(cancelled);
    return cancelled;
  }

  /** One that was just made, or has changed. */
  put(backfill: IBackfill): void {
    const others = (this.value ?? []).filter(known => known.id !== backfill.id);
    this.set([...others, backfill].sort((a, b) => b.id - a.id));
  }

  private onEvent(_: EventStream, event: IEvent): void {
    if (event.kind !== 'backfill' || event.dag_id !== this.dagId) {
      return;
    }
    const changed = event.data as IBackfillChanged;
    const known = this.value?.find(({ id }) => id === changed.id);
    if (known) {
      this.put({ ...known, ...changed });
    }
    if (!known || this.isLoading || changed.state !== known.state) {
      this.loadSoon();
    }
  }
}
