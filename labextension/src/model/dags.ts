import type { EventStream } from '../api/events';
import { setPaused } from '../api/dags';
import type {
  IDagChanged,
  IDagRow,
  IDagRows,
  IEvent,
  IProgress,
  IRunBrief,
  IRunChanged
} from '../api/types';
import { getDagRow, type IDagQuery, listDagRows } from '../api/views';
import { FINISHED } from '../logic/states';
import { upsertRun } from '../logic/runs';
import { Model } from './model';
import { asError, type Status } from './resource';
import type { Session } from './session';

const PAGE_SIZE = 50;
const RECENT_RUNS = 14;
const SOON_MS = 250;
/** When so many rows are out of date at once, one request for the list is cheaper. */
const MANY_ROWS = 8;

/** The list of DAGs: filtered, paged by dag_id, kept up to date by events. */
export class DagListModel extends Model {
  constructor(private readonly session: Session) {
    super();
    session.stream.received.connect(this.onEvent, this);
    session.stream.reset.connect(this.onReset, this);
  }

  readonly query: IDagQuery = { search: '', state: null, paused: 'false' };
  rows: IDagRow[] = [];
  total = 0;
  pausedCount = 0;
  /** Paused DAGs that the list leaves out. */
  hiddenCount = 0;
  /** DAGs that are off and never ran, in the list or not. */
  newCount = 0;
  status: Status = 'loading';
  error: Error | null = null;
  isLoadingMore = false;

  get hasMore(): boolean {
    return this.nextPage !== null;
  }

  get isFiltered(): boolean {
    return this.query.search !== '' || this.query.state !== null;
  }

  readonly setQuery = (change: Partial<IDagQuery>): void => {
    Object.assign(this.query, change);
    void this.load();
  };

  /** Load from the start; rows on the screen stay until the answer is here. */
  readonly load = async (): Promise<void> => {
    const call = (this.calls += 1);
    this.waiting = [];
    if (this.error) {
      this.error = null;
      this.status = 'loading';
    }
    this.touch();
    await this.session.stream.ready;
    const wanted = Math.max(PAGE_SIZE, Math.min(this.rows.length, 4 * PAGE_SIZE));
    try {
      const page = await listDagRows(this.session.connection, this.query, null, wanted);
      if (call === this.calls) {
        this.rows = page.dags;
        this.setCounts(page);
        this.nextPage = page.next_page;
        this.status = 'ready';
        this.replay();
      }
    } catch (reason) {
      if (call === this.calls) {
        this.error = asError(reason);
        this.status = this.rows.length ? 'ready' : 'error';
        this.waiting = null;
        this.touch();
      }
    }
  };

  readonly loadMore = async (): Promise<void> => {
    if (this.isLoadingMore || this.nextPage === null) {
      return;
    }
    const call = this.calls;
    this.isLoadingMore = true;
    try {
      const { connection } = this.session;
      const page = await listDagRows(connection, this.query, this.nextPage, PAGE_SIZE);
      if (call === this.calls) {
        const known = new Set(this.rows.map(row => row.dag_id));
        this.rows = [...this.rows, ...page.dags.filter(row => !known.has(row.dag_id))];
        this.nextPage = page.next_page;
      }
    } catch (reason) {
      this.error = asError(reason);
    } finally {
      this.isLoadingMore = false;
      this.touch();
    }
  };

  /** Switch a DAG on or off; the switch moves at once and comes back if the server refuses. */
  readonly setPaused = async (dagId: string, isPaused: boolean): Promise<void> => {
    this.patch(dagId, row => ({ ...row, is_paused: isPaused }));
    this.touch();
    try {
      await setPaused(this.session.connection, dagId, isPaused);
    } catch (reason) {
      this.patch(dagId, row => ({ ...row, is_paused: !isPaused }));
      this.error = asError(reason);
      this.touch();
    }
  };

  readonly dismissError = (): void => {
    this.error = null;
    this.touch();
  };

  override dispose(): void {
    clearTimeout(this.staleTimer);
    super.dispose();
  }

  private onEvent(_: EventStream, event: IEvent): void {
    if (this.waiting) {
      this.waiting.push(event);
    } else {
      this.apply(event);
    }
  }

  private onReset(): void {
    void this.load();
  }

  private replay(): void {
    const events = this.waiting ?? [];
    this.waiting = null;
    events.forEach(event => this.apply(event));
    this.touch();
  }

  private apply(event: IEvent): void {
    if (event.kind === 'run') {
      this.applyRun(event.data as IRunChanged);
    } else if (event.kind === 'progress') {
      const progress = event.data as IProgress;
      this.patch(progress.dag_id, row => ({ ...row, progress }));
    } else if (event.kind === 'dag') {
      this.applyDag(event.data as IDagChanged);
    }
  }

  private applyRun({ dag_id, run, tasks }: IRunChanged): void {
    this.applyHidden(dag_id, run);
    this.patch(dag_id, row => {
      const isNew = !row.recent_runs.some(known => known.id === run.id);
      if (isNew && run.run_type === 'scheduled') {
        this.refetch(dag_id);
      }
      const { progress } = row;
      const isOver =
        progress?.run_id === run.run_id &&
        (FINISHED.has(run.state) ||
          tasks.some(cell => cell.task_id === progress.task_id && cell.state !== 'running'));
      return {
        ...row,
        recent_runs: upsertRun(row.recent_runs, run, RECENT_RUNS),
        progress: isOver ? null : progress
      };
    });
  }

  /** One that is off comes into sight when it runs. */
  private applyHidden(dagId: string, run: IRunBrief): void {
    const mayShow = this.query.paused === 'false' && this.query.state === null;
    const isKnown = this.rows.some(row => row.dag_id === dagId);
    if (!isKnown && mayShow && run.end_date === null && this.isWithinPages(dagId)) {
      this.refetch(dagId);
    }
  }

  private applyDag({ dag_id, change }: IDagChanged): void {
    if (change === 'removed') {
      this.rows = this.rows.filter(row => row.dag_id !== dag_id);
      this.touchSoon();
    } else {
      this.refetch(dag_id);
    }
  }

  /** Fetch a row again a little later; several together. */
  private refetch(dagId: string): void {
    this.stale.add(dagId);
    this.staleTimer ||= window.setTimeout(() => void this.fetchStale(), SOON_MS);
  }

  private async fetchStale(): Promise<void> {
    const ids = [...this.stale];
    this.stale.clear();
    this.staleTimer = 0;
    if (ids.length > MANY_ROWS) {
      await this.load();
      return;
    }
    const fetched = await Promise.allSettled(ids.map(id => getDagRow(this.session.connection, id)));
    const rows = fetched.flatMap(result => (result.status === 'fulfilled' ? [result.value] : []));
    const areKnown = rows.every(row => this.rows.some(other => other.dag_id === row.dag_id));
    rows.forEach(row => this.place(row));
    if (!areKnown) {
      await this.recount();
    }
    this.touch();
  }

  private setCounts(page: IDagRows): void {
    this.total = page.total_entries;
    this.pausedCount = page.paused_count;
    this.hiddenCount = page.hidden_count;
    this.newCount = page.new_count;
  }

  /** Only the server knows how a row that is not here was counted. */
  private async recount(): Promise<void> {
    try {
      const page = await listDagRows(this.session.connection, this.query, null, 1);
      this.setCounts(page);
    } catch {
      // The counts stay a little old; the next load brings them.
    }
  }

  /** Put a fresh row where it belongs. A row on the screen stays there, paused or not. */
  private place(row: IDagRow): void {
    const known = this.rows.find(other => other.dag_id === row.dag_id);
    if (known) {
      this.patch(row.dag_id, () => row);
    } else if (!this.isHidden(row) && this.matches(row) && this.isWithinPages(row.dag_id)) {
      this.rows = [...this.rows, row].sort((a, b) => compare(a.dag_id, b.dag_id));
    }
  }

  private isHidden(row: IDagRow): boolean {
    const isKept = row.is_new || row.recent_runs.some(run => run.end_date === null);
    return this.query.paused === 'new'
      ? !neverRan(row)
      : this.query.paused === 'false' && row.is_paused && !isKept;
  }

  private matches(row: IDagRow): boolean {
    const { search, state } = this.query;
    const last = row.recent_runs[row.recent_runs.length - 1];
    return (
      row.dag_id.toLowerCase().includes(search.trim().toLowerCase()) &&
      (state === null || last?.state === state)
    );
  }

  private isWithinPages(dagId: string): boolean {
    const last = this.rows[this.rows.length - 1];
    return this.nextPage === null || (last !== undefined && compare(dagId, last.dag_id) < 0);
  }

  private patch(dagId: string, change: (row: IDagRow) => IDagRow): void {
    const index = this.rows.findIndex(row => row.dag_id === dagId);
    const row = this.rows[index];
    if (row) {
      const changed = change(row);
      this.pausedCount += Number(changed.is_paused) - Number(row.is_paused);
      this.newCount += Number(neverRan(changed)) - Number(neverRan(row));
      this.rows = this.rows.map((other, at) => (at === index ? changed : other));
      this.touchSoon();
    }
  }

  private nextPage: string | null = null;
  private calls = 0;
  private readonly stale = new Set<string>();
  private staleTimer = 0;
  /** Events that came while a list was on its way; null when none is. */
  private waiting: IEvent[] | null = null;
}

function neverRan(row: IDagRow): boolean {
  return row.is_paused && row.recent_runs.length === 0;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
