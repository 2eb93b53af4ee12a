import type { EventStream } from '../api/events';
import type { IDeleted, IEvent, IGridRun, IRunChanged } from '../api/types';
import { getGrid } from '../api/views';
import { applyRunEvent, prependRuns } from '../logic/runs';
import { Model } from './model';
import { asError, type Status } from './resource';
import type { Session } from './session';

const PAGE_SIZE = 25;

/** The runs of one DAG with the states of their tasks, oldest first. */
export class DagRunsModel extends Model {
  constructor(
    private readonly session: Session,
    private readonly dagId: string
  ) {
    super();
    session.stream.received.connect(this.onEvent, this);
    session.stream.reset.connect(this.onReset, this);
  }

  runs: IGridRun[] = [];
  status: Status = 'loading';
  error: Error | null = null;
  isLoadingOlder = false;

  get hasOlder(): boolean {
    return this.before !== null;
  }

  readonly load = async (): Promise<void> => {
    this.waiting = [];
    this.error = null;
    await this.session.stream.ready;
    try {
      const grid = await getGrid(this.session.connection, this.dagId, PAGE_SIZE);
      this.runs = grid.runs;
      this.before = grid.before;
      this.status = 'ready';
      const events = this.waiting;
      this.waiting = null;
      events.forEach(event => this.apply(event));
    } catch (reason) {
      this.waiting = null;
      this.error = asError(reason);
      this.status = this.runs.length ? 'ready' : 'error';
    }
    this.touch();
  };

  readonly loadOlder = async (): Promise<void> => {
    if (this.isLoadingOlder || this.before === null) {
      return;
    }
    this.isLoadingOlder = true;
    this.touch();
    try {
      const { connection } = this.session;
      const grid = await getGrid(connection, this.dagId, PAGE_SIZE, this.before);
      this.runs = prependRuns(grid.runs, this.runs);
      this.before = grid.before;
    } catch (reason) {
      this.error = asError(reason);
    }
    this.isLoadingOlder = false;
    this.touch();
  };

  find(runId: string | null): IGridRun | undefined {
    return this.runs.find(column => column.run.run_id === runId);
  }

  private onEvent(_: EventStream, event: IEvent): void {
    if (event.kind === 'deleted' && event.dag_id === this.dagId) {
      this.remove(event.data as IDeleted);
    } else if (event.kind === 'run' && event.dag_id === this.dagId) {
      if (this.waiting) {
        this.waiting.push(event);
      } else {
        this.apply(event);
      }
    }
  }

  /** Take a run away; the pages that somebody has loaded stay. */
  private remove({ run_id, key }: IDeleted): void {
    if (run_id === null || this.waiting) {
      void this.load();
      return;
    }
    this.runs = this.runs.filter(({ run }) => run.id !== key);
    if (this.before === key) {
      this.before = this.runs[0]?.run.id ?? null;
    }
    this.touch();
  }

  private onReset(): void {
    void this.load();
  }

  private apply(event: IEvent): void {
    this.runs = applyRunEvent(this.runs, event.data as IRunChanged, this.hasOlder);
    this.touchSoon();
  }

  private before: number | null = null;
  private waiting: IEvent[] | null = null;
}
