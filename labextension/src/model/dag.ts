import { type ISignal, Signal } from '@lumino/signaling';

import { trigger } from '../api/dagRuns';
import { getDagDetails, setPaused } from '../api/dags';
import { diffDagVersions } from '../api/dagVersions';
import type { EventStream } from '../api/events';
import type {
  IDagChanged,
  IDagDetail,
  IDagRow,
  IDagRun,
  IDagVersionDiff,
  IEvent,
  IGridRun,
  IProgress,
  IRunBrief,
  IRunChanged,
  ISource,
  IStructure,
  ITriggerRun
} from '../api/types';
import { getDagRow, getSource, getStructure } from '../api/views';
import { type IDagPlace, START } from '../logic/places';
import { taskCount, upsertRun } from '../logic/runs';
import { BackfillsModel } from './backfills';
import { DagRunsModel } from './dagRuns';
import { DagVersionsModel } from './dagVersions';
import { Model } from './model';
import { Resource } from './resource';
import type { Session } from './session';
import { TaskInstanceModel } from './taskInstance';

const RECENT_RUNS = 14;

/** One DAG's page: the DAG, its runs, its graph and code by version, and what is selected. */
export class DagModel extends Model {
  constructor(
    readonly session: Session,
    readonly dagId: string,
    place: IDagPlace = START
  ) {
    super();
    this.place = place;
    const { connection, stream } = session;
    this.row = new Resource<IDagRow>(async () => {
      await stream.ready;
      return getDagRow(connection, dagId);
    });
    this.runs = new DagRunsModel(session, dagId);
    this.row.changed.connect(() => this.touch());
    this.runs.changed.connect(this.onRunsChanged, this);
    stream.received.connect(this.onEvent, this);
    stream.reset.connect(this.onReset, this);
    this.chooseTask();
  }

  readonly row: Resource<IDagRow>;
  readonly runs: DagRunsModel;
  place: IDagPlace;
  /** The task instance in the side panel; null when none is selected. */
  task: TaskInstanceModel | null = null;

  /** The task groups that somebody has closed, in the grid and in the graph alike. */
  closedGroups: ReadonlySet<string> = new Set();

  /** Open a closed group, or close an open one. */
  readonly toggleGroup = (groupId: string): void => {
    const groups = new Set(this.closedGroups);
    if (!groups.delete(groupId)) {
      groups.add(groupId);
    }
    this.closedGroups = groups;
    this.touch();
  };

  /** Somebody went to another tab, run, task or try. */
  get placeChanged(): ISignal<this, IDagPlace> {
    return this._placeChanged;
  }

  /** Load everything that the page shows at first. */
  readonly load = async (): Promise<void> => {
    await Promise.all([this.row.load(), this.runs.load()]);
  };

  /** The newest backfills, loaded at the first question. */
  get backfills(): BackfillsModel {
    if (!this._backfills) {
      this._backfills = new BackfillsModel(this.session, this.dagId);
      this._backfills.changed.connect(() => this.touch());
      void this._backfills.load();
    }
    return this._backfills;
  }

  /** What the current version says of the DAG, loaded at the first question. */
  get details(): Resource<IDagDetail> {
    if (!this._details) {
      const { connection } = this.session;
      this._details = new Resource(() => getDagDetails(connection, this.dagId));
      this._details.changed.connect(() => this.touch());
      void this._details.load();
    }
    return this._details;
  }

  /** The versions, newest first, loaded at the first question. */
  get versions(): DagVersionsModel {
    if (!this._versions) {
      this._versions = new DagVersionsModel(this.session, this.dagId);
      this._versions.changed.connect(() => this.touch());
      void this._versions.load();
    }
    return this._versions;
  }

  /** The run that the graph colours by: the selected one, else the newest. */
  get shownRun(): IGridRun | undefined {
    return this.runs.find(this.place.runId) ?? this.runs.runs[this.runs.runs.length - 1];
  }

  /** A run of the page: one of the grid, or that of the task at the side. */
  runOf(runId: string): IRunBrief | undefined {
    const panel = this.task?.runId === runId ? this.task.value : null;
    return this.runs.find(runId)?.run ?? panel?.run;
  }

  /** The graph of a version, the newest when not given; loaded at the first question. */
  structure(version: number | null): Resource<IStructure> {
    const { connection } = this.session;
    return this.kept(this.structures, version, () => getStructure(connection, this.dagId, version));
  }

  /** What people read as the name of a task; its id while the graph is not loaded. */
  readonly taskName = (taskId: string): string => {
    const tasks = this.structures.get(null)?.value?.tasks ?? [];
    return tasks.find(task => task.task_id === taskId)?.task_display_name ?? taskId;
  };

  /** What people read as the name of the DAG; its id while it is not loaded. */
  get name(): string {
    return this.row.value?.dag_display_name ?? this.dagId;
  }

  /** The code of a version, the newest when not given; loaded at the first question. */
  source(version: number | null): Resource<ISource> {
    const { connection } = this.session;
    return this.kept(this.sources, version, () => getSource(connection, this.dagId, version));
  }

  /** What differs from one version to another; loaded at the first question. */
  diff(before: number, after: number): Resource<IDagVersionDiff> {
    const { connection } = this.session;
    return this.kept(this.diffs, `${before} ${after}`, () =>
      diffDagVersions(connection, this.dagId, before, after)
    );
  }

  /** Take the live tail of the log back, when this page comes to the front again. */
  followAgain(): void {
    this.task?.followAgain();
  }

  readonly go = (change: Partial<IDagPlace>): void => {
    const isElsewhere = 'runId' in change || 'taskId' in change;
    const gone = isElsewhere ? { mapIndex: null, version: null, comparedWith: null } : {};
    this.place = { ...this.place, ...gone, ...change };
    this.chooseTask();
    this._placeChanged.emit(this.place);
    this.touch();
  };

  /** Let the server choose an instance of the shown task: the one that was asked for is gone. */
  readonly showAnyInstance = (): void => {
    this.task?.dispose();
    this.task = null;
    this.go({ mapIndex: null, tryNumber: null });
  };

  /** Go to a run; when it has a single task, such as a notebook, to that task. */
  readonly showRun = (runId: string): void => {
    this.awaitedRun = runId;
    this.go({ runId, taskId: null, tryNumber: null });
    this.onRunsChanged();
  };

  /** Switch the schedule; throws when the server refuses. */
  readonly setPaused = async (isPaused: boolean): Promise<void> => {
    await setPaused(this.session.connection, this.dagId, isPaused);
    if (this.row.value) {
      this.row.set({ ...this.row.value, is_paused: isPaused });
    }
  };

  /** Start a run; throws when the server refuses. */
  readonly trigger = (body: ITriggerRun): Promise<IDagRun> =>
    trigger(this.session.connection, this.dagId, body);

  override dispose(): void {
    this.task?.dispose();
    this.row.dispose();
    this.runs.dispose();
    this._backfills?.dispose();
    this._versions?.dispose();
    this._details?.dispose();
    [this.structures, this.sources, this.diffs].forEach(known =>
      known.forEach(resource => resource.dispose())
    );
    super.dispose();
  }

  private chooseTask(): void {
    const { runId, taskId, mapIndex } = this.place;
    const isSame = this.task?.runId === runId && this.task.taskId === taskId;
    if (isSame && this.task?.asked === mapIndex) {
      return;
    }
    this.task?.dispose();
    this.task = null;
    if (runId !== null && taskId !== null) {
      this.task = new TaskInstanceModel(this.session, this.dagId, runId, taskId, mapIndex);
      this.task.changed.connect(() => this.touch());
      void this.task.load();
    }
  }

  private kept<K, T>(
    known: Map<K, Resource<T>>,
    key: K,
    fetchValue: () => Promise<T>
  ): Resource<T> {
    let resource = known.get(key);
    if (!resource) {
      resource = new Resource(fetchValue);
      resource.changed.connect(() => this.touch());
      known.set(key, resource);
      void resource.load();
    }
    return resource;
  }

  private onRunsChanged(): void {
    const started = this.awaitedRun === null ? undefined : this.runs.find(this.awaitedRun);
    const [first] = started?.tasks ?? [];
    if (started && first) {
      this.awaitedRun = null;
      if (taskCount(started.run) === 1) {
        this.go({ taskId: first.task_id });
      }
    }
    this.touch();
  }

  private onEvent(_: EventStream, event: IEvent): void {
    if (event.dag_id !== this.dagId) {
      return;
    }
    if (event.kind === 'dag') {
      this.applyDag(event.data as IDagChanged);
    } else if (event.kind === 'deleted') {
      this.row.loadSoon();
    } else if (event.kind === 'run') {
      this.applyRun(event.data as IRunChanged);
    } else if (event.kind === 'progress' && this.row.value) {
      this.row.set({ ...this.row.value, progress: event.data as IProgress });
    }
  }

  private applyDag({ change }: IDagChanged): void {
    this.row.loadSoon();
    if (change === 'changed' || change === 'added') {
      this.loadCurrentSoon();
    }
  }

  private applyRun({ run }: IRunChanged): void {
    const row = this.row.value;
    const isNew = row && !row.recent_runs.some(known => known.id === run.id);
    if (isNew || this.row.isLoading) {
      this.row.loadSoon();
      this._versions?.loadSoon();
    }
    if (row) {
      this.row.set({ ...row, recent_runs: upsertRun(row.recent_runs, run, RECENT_RUNS) });
    }
  }

  private onReset(): void {
    void this.row.load();
    this.loadCurrentSoon();
  }

  /** Read again what is of the current version, as far as somebody has asked for it. */
  private loadCurrentSoon(): void {
    this.structures.get(null)?.loadSoon();
    this.sources.get(null)?.loadSoon();
    this._details?.loadSoon();
    this._versions?.loadSoon();
  }

  private _backfills: BackfillsModel | null = null;
  private _details: Resource<IDagDetail> | null = null;
  private _versions: DagVersionsModel | null = null;
  private awaitedRun: string | null = null;
  private readonly _placeChanged = new Signal<this, IDagPlace>(this);
  private readonly structures = new Map<number | null, Resource<IStructure>>();
  private readonly sources = new Map<number | null, Resource<ISource>>();
  private readonly diffs = new Map<string, Resource<IDagVersionDiff>>();
}
