import type { EventStream } from '../api/events';
import { ApiError } from '../api/request';
import { getTaskInstance } from '../api/taskInstances';
import { type ITryKey, readWholeLog } from '../api/taskLogs';
import type { IEvent, IProgress, IRunChanged, ITaskPanel } from '../api/types';
import { getTaskPanel } from '../api/views';
import { Resource } from './resource';
import type { Session } from './session';
import { TaskLogModel } from './taskLog';

/** One task instance: its tries, XCom and progress, and the log of the try that is looked at. */
export class TaskInstanceModel extends Resource<ITaskPanel> {
  constructor(
    private readonly session: Session,
    readonly dagId: string,
    readonly runId: string,
    readonly taskId: string,
    /** The map index that was asked for; null leaves the choice to the server. */
    readonly asked: number | null = null
  ) {
    super(async () => {
      await session.stream.ready;
      return getTaskPanel(session.connection, dagId, runId, taskId, this.chosen);
    });
    session.stream.received.connect(this.onEvent, this);
    session.stream.reset.connect(this.loadSoon, this);
  }

  /** There is no instance with this map index any more. */
  get isGone(): boolean {
    const isAbsent = this.error instanceof ApiError && this.error.code === 'task-not-found';
    return isAbsent && this.mapIndex >= 0;
  }

  /** The instance that is shown: -1 for a task that is not mapped. */
  get mapIndex(): number {
    return this.value?.cell.map_index ?? this.asked ?? -1;
  }

  /** The log of one try, loaded at the first question. */
  logOf(tryNumber: number): TaskLogModel {
    const isSame =
      this.log?.key.try_number === tryNumber && this.log.key.map_index === this.mapIndex;
    if (!this.log || !isSame) {
      this.log?.dispose();
      this.log = new TaskLogModel(this.session, { ...this.key, try_number: tryNumber });
      void this.log.load();
    }
    return this.log;
  }

  /** What its templates became, loaded at the first question. */
  get rendered(): Resource<Record<string, unknown>> {
    if (!this._rendered) {
      const { connection } = this.session;
      this._rendered = new Resource(async () => {
        const found = await getTaskInstance(
          connection,
          this.dagId,
          this.runId,
          this.taskId,
          this.mapIndex
        );
        return found.rendered_fields;
      });
      this._rendered.changed.connect(() => this.touch());
      void this._rendered.load();
    }
    return this._rendered;
  }

  /** Stop following the log, when it is not on the screen. */
  readonly dropLog = (): void => {
    this.log?.dispose();
    this.log = null;
  };

  followAgain(): void {
    if (this.log?.isPaused) {
      this.log.follow();
    }
  }

  wholeLog(tryNumber: number): Promise<string> {
    return readWholeLog(this.session.connection, { ...this.key, try_number: tryNumber });
  }

  override dispose(): void {
    this.dropLog();
    this._rendered?.dispose();
    super.dispose();
  }

  /** What is on the screen stays there, though another instance fails. */
  private get chosen(): number | null {
    return this.asked ?? (this.mapIndex < 0 ? null : this.mapIndex);
  }

  private get key(): Omit<ITryKey, 'try_number'> {
    return {
      dag_id: this.dagId,
      run_id: this.runId,
      task_id: this.taskId,
      map_index: this.mapIndex
    };
  }

  private onEvent(_: EventStream, event: IEvent): void {
    if (event.dag_id !== this.dagId) {
      return;
    }
    if (event.kind === 'progress') {
      this.applyProgress(event.data as IProgress);
    } else if (event.kind === 'run') {
      this.applyRun(event.data as IRunChanged);
    }
  }

  private applyProgress(progress: IProgress): void {
    const isMine =
      progress.run_id === this.runId &&
      progress.task_id === this.taskId &&
      progress.map_index === this.mapIndex;
    if (isMine && this.value) {
      this.set({ ...this.value, progress });
    }
  }

  private applyRun({ run, tasks }: IRunChanged): void {
    if (run.run_id !== this.runId) {
      return;
    }
    const changed = tasks.filter(({ task_id }) => task_id === this.taskId);
    const cell = changed.find(({ map_index }) => map_index === this.mapIndex);
    if (this.value) {
      this.set({ ...this.value, run, cell: cell ?? this.value.cell });
    }
    if (changed.length > 0 || this.isLoading) {
      this.loadSoon();
    }
    if (cell) {
      this._rendered?.loadSoon();
    }
  }

  private _rendered: Resource<Record<string, unknown>> | null = null;
  private log: TaskLogModel | null = null;
}
