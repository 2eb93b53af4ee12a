import { createBackfill, previewBackfill } from '../api/backfills';
import { clearRun, deleteRun, markRun, previewMarkRun } from '../api/dagRuns';
import {
  clearTaskInstances,
  getDependencies,
  markTaskInstances,
  runTask
} from '../api/taskInstances';
import type {
  IBackfill,
  IClearTaskInstances,
  ITouched,
  IUpdateTaskInstancesState
} from '../api/types';
import { useTrans } from '../components/common/trans';
import { BackfillForm } from '../components/forms/BackfillForm';
import { ChangeForm } from '../components/forms/ChangeForm';
import { ConfirmForm } from '../components/forms/ConfirmForm';
import { RunTaskForm } from '../components/forms/RunTaskForm';
import {
  CLEAR_REACH,
  doneText,
  formerState,
  instanceName,
  type IReach,
  type ITaskGroup,
  type MarkState,
  NO_REACH,
  takesBack
} from '../logic/changes';
import { stateLabel } from '../logic/states';
import { taskCount } from '../logic/runs';
import { formatTime } from '../logic/time';
import type { DagModel } from '../model/dag';
import type { Session } from '../model/session';
import type { ITrans } from '../tokens';

/** A task in a run; `mapIndex` is one of its instances, without it all are meant. */
export interface ITaskTarget {
  runId: string;
  taskId: string;
  mapIndex?: number | null;
}

/** Something that a person wants to do and that a dialog asks about first. */
export type Asked =
  | ({ kind: 'clear-task' | 'run-task' } & ITaskTarget)
  | ({ kind: 'mark-task'; state: MarkState } & ITaskTarget)
  | { kind: 'clear-group'; runId: string; group: ITaskGroup }
  | { kind: 'clear-run' | 'delete-run'; runId: string }
  | { kind: 'backfill' }
  | { kind: 'cancel-backfill'; backfill: IBackfill }
  | { kind: 'mark-run'; runId: string; state: 'success' | 'failed' };

/** What was done, and how to take it back; `undo` is null where that is not possible exactly. */
export interface IDone {
  text: string;
  /** Take it back and return what to say then; throws when something has changed since. */
  undo: (() => Promise<string>) | null;
}

interface IChangeDialogProps<A extends Asked = Asked> {
  dag: DagModel;
  asked: A;
  onDone: (done: IDone) => void;
  onClose: () => void;
}

const AROUND = ['past', 'future', 'upstream', 'downstream'] as const;

/** The dialog for what is asked. */
export function ChangeDialog(props: IChangeDialogProps): JSX.Element {
  const { asked } = props;
  switch (asked.kind) {
    case 'mark-task':
      return <MarkTaskDialog {...props} asked={asked} />;
    case 'mark-run':
      return <MarkRunDialog {...props} asked={asked} />;
    case 'backfill':
      return <BackfillDialog {...props} />;
    case 'cancel-backfill':
      return <CancelBackfillDialog {...props} asked={asked} />;
    case 'clear-task':
    case 'run-task':
      return asked.kind === 'run-task' ? (
        <RunTaskDialog {...props} asked={asked} />
      ) : (
        <ClearTasksDialog
          {...props}
          runId={asked.runId}
          name={nameOf(asked)}
          which={{ task_ids: [asked.taskId], map_index: asked.mapIndex }}
        />
      );
    case 'clear-group':
      return (
        <ClearTasksDialog
          {...props}
          runId={asked.runId}
          name={asked.group.label}
          which={{ task_ids: asked.group.taskIds }}
        />
      );
    case 'clear-run':
    case 'delete-run':
      return asked.kind === 'clear-run' ? (
        <ClearRunDialog {...props} asked={asked} />
      ) : (
        <DeleteRunDialog {...props} asked={asked} />
      );
  }
}

type OnTask = Extract<Asked, { kind: 'clear-task' | 'run-task' }>;
type OnRun = Extract<Asked, { kind: 'clear-run' | 'delete-run' }>;
type CancelBackfill = Extract<Asked, { kind: 'cancel-backfill' }>;
type MarkTask = Extract<Asked, { kind: 'mark-task' }>;
type MarkRun = Extract<Asked, { kind: 'mark-run' }>;

interface IClearTasksProps extends IChangeDialogProps {
  runId: string;
  name: string;
  which: Pick<IClearTaskInstances, 'task_ids' | 'map_index'>;
}

function ClearTasksDialog({ dag, runId, name, which, ...rest }: IClearTasksProps): JSX.Element {
  const trans = useTrans();
  const send = (reach: IReach, isDryRun: boolean): Promise<ITouched> =>
    clearTaskInstances(dag.session.connection, dag.dagId, {
      ...around(runId, reach),
      ...which,
      dry_run: isDryRun,
      only_failed: reach.onlyFailed,
      include_subdags: reach.recursive,
      include_parentdag: reach.recursive
    });
  return (
    <ChangeForm
      words={{
        title: trans.__('Clear %1 and run it again', name),
        button: trans.__('Clear'),
        failed: trans.__('Nothing was cleared.')
      }}
      options={[...AROUND, 'recursive', 'onlyFailed']}
      initial={CLEAR_REACH}
      onPreview={reach => send(reach, true)}
      onChange={async reach => {
        const touched = await send(reach, false);
        rest.onDone({ text: doneText(touched, 'clear', '', trans), undo: null });
      }}
      onClose={rest.onClose}
    />
  );
}

function MarkTaskDialog({ dag, asked, ...rest }: IChangeDialogProps<MarkTask>): JSX.Element {
  const trans = useTrans();
  const { connection } = dag.session;
  const label = stateLabel(asked.state, trans);
  const bodyOf = (reach: IReach): IUpdateTaskInstancesState => ({
    ...around(asked.runId, reach),
    task_id: asked.taskId,
    map_index: asked.mapIndex,
    new_state: asked.state
  });
  return (
    <ChangeForm
      words={{
        title: trans.__('Mark %1 as %2', nameOf(asked), label),
        button: trans.__('Mark'),
        failed: trans.__('Nothing was marked.')
      }}
      options={[...AROUND]}
      initial={NO_REACH}
      onPreview={reach => markTaskInstances(connection, dag.dagId, bodyOf(reach))}
      onChange={async reach => {
        const body = bodyOf(reach);
        const before = dag.runs.runs;
        const touched = await markTaskInstances(connection, dag.dagId, {
          ...body,
          dry_run: false
        });
        const former = formerState(touched, before);
        rest.onDone({
          text: doneText(touched, asked.state, label, trans),
          undo: former && (() => undoMark(dag.session, dag.dagId, body, touched, former, trans))
        });
      }}
      onClose={rest.onClose}
    />
  );
}

/** Mark back what a mark has touched, if that is still as the mark left it. */
async function undoMark(
  { connection }: Session,
  dagId: string,
  body: IUpdateTaskInstancesState,
  done: ITouched,
  former: MarkState,
  trans: ITrans
): Promise<string> {
  const back = { ...body, new_state: former };
  const listed = await markTaskInstances(connection, dagId, back);
  if (!takesBack(listed, done, body.new_state)) {
    throw new Error(trans.__('Something has changed since, so nothing was taken back.'));
  }
  const touched = await markTaskInstances(connection, dagId, { ...back, dry_run: false });
  return trans._n(
    'Undone: %1 task instance is back to %2.',
    'Undone: %1 task instances are back to %2.',
    touched.total_entries,
    stateLabel(former, trans)
  );
}

function RunTaskDialog({ dag, asked, ...rest }: IChangeDialogProps<OnTask>): JSX.Element {
  const trans = useTrans();
  const { runId, taskId, mapIndex } = asked;
  const { connection } = dag.session;
  return (
    <RunTaskForm
      taskId={nameOf(asked)}
      onAsk={() => getDependencies(connection, dag.dagId, runId, taskId, mapIndex)}
      onRun={async body => {
        await runTask(connection, dag.dagId, runId, taskId, { ...body, map_index: mapIndex });
        rest.onDone({
          text: trans.__('%1 runs as soon as there is a slot.', nameOf(asked)),
          undo: null
        });
      }}
      onClose={rest.onClose}
    />
  );
}

function ClearRunDialog({ dag, asked, ...rest }: IChangeDialogProps<OnRun>): JSX.Element {
  const trans = useTrans();
  const send = (reach: IReach, isDryRun: boolean): Promise<ITouched> =>
    clearRun(dag.session.connection, dag.dagId, asked.runId, {
      dry_run: isDryRun,
      only_failed: reach.onlyFailed
    });
  return (
    <ChangeForm
      words={{
        title: trans.__('Clear the run of %1', dateOf(dag, asked.runId)),
        button: trans.__('Clear'),
        failed: trans.__('Nothing was cleared.')
      }}
      options={['onlyFailed']}
      initial={NO_REACH}
      onPreview={reach => send(reach, true)}
      onChange={async reach => {
        const touched = await send(reach, false);
        rest.onDone({ text: doneText(touched, 'clear', '', trans), undo: null });
      }}
      onClose={rest.onClose}
    />
  );
}

function MarkRunDialog({ dag, asked, ...rest }: IChangeDialogProps<MarkRun>): JSX.Element {
  const trans = useTrans();
  const { runId, state } = asked;
  const { connection } = dag.session;
  const date = dateOf(dag, runId);
  const label = stateLabel(state, trans);
  return (
    <ChangeForm
      words={{
        title: trans.__('Mark the run of %1 as %2', date, label),
        button: trans.__('Mark'),
        failed: trans.__('Nothing was marked.'),
        untouched: trans.__('This ends the run; all its task instances stay as they are.')
      }}
      options={[]}
      initial={NO_REACH}
      onPreview={() => previewMarkRun(connection, dag.dagId, runId, state)}
      onChange={async (_, listed) => {
        await markRun(connection, dag.dagId, runId, state);
        const tasks = trans._n('%1 task instance', '%1 task instances', listed.total_entries);
        rest.onDone({
          text: trans.__('Marked the run of %1 as %2, with %3.', date, label, tasks),
          undo: null
        });
      }}
      onClose={rest.onClose}
    />
  );
}

function DeleteRunDialog({ dag, asked, ...rest }: IChangeDialogProps<OnRun>): JSX.Element {
  const trans = useTrans();
  const run = dag.runs.find(asked.runId)?.run;
  const count = run ? taskCount(run) : 0;
  const date = dateOf(dag, asked.runId);
  const tasks = trans._n('%1 task instance', '%1 task instances', count);
  return (
    <ConfirmForm
      title={trans.__('Delete the run of %1', date)}
      text={trans.__(
        'This deletes the run with its %1, their tries and XComs, and ends what runs of it. The logs stay. It cannot be undone.',
        tasks
      )}
      button={trans.__('Delete')}
      failed={trans.__('Nothing was deleted.')}
      onConfirm={async () => {
        await deleteRun(dag.session.connection, dag.dagId, asked.runId);
        if (dag.place.runId === asked.runId) {
          dag.go({ runId: null, taskId: null, tryNumber: null });
        }
        rest.onDone({
          text: trans.__('Deleted the run of %1 with its %2.', date, tasks),
          undo: null
        });
      }}
      onClose={rest.onClose}
    />
  );
}

function BackfillDialog({ dag, ...rest }: IChangeDialogProps): JSX.Element {
  const trans = useTrans();
  const { connection } = dag.session;
  const row = dag.row.value;
  return (
    <BackfillForm
      dagId={dag.dagId}
      timezone={row?.timezone ?? 'UTC'}
      scheduleReading={row?.schedule_reading ?? ''}
      onPreview={body => previewBackfill(connection, body)}
      onCreate={async body => {
        const backfill = await createBackfill(connection, body);
        dag.backfills.put(backfill);
        dag.go({ tab: 'runs', runId: null, taskId: null, tryNumber: null });
        rest.onDone({
          text: trans._n(
            'The backfill has begun, with %1 run.',
            'The backfill has begun, with %1 runs.',
            backfill.total
          ),
          undo: null
        });
      }}
      onClose={rest.onClose}
    />
  );
}

function CancelBackfillDialog({
  dag,
  asked,
  ...rest
}: IChangeDialogProps<CancelBackfill>): JSX.Element {
  const trans = useTrans();
  const { id, done, total } = asked.backfill;
  return (
    <ConfirmForm
      title={trans.__('Cancel the backfill of %1', dag.dagId)}
      text={trans.__(
        '%1 of its %2 runs are over. No further ones are made, those that wait fail, those that run go on.',
        done,
        total
      )}
      button={trans.__('Cancel the backfill')}
      failed={trans.__('It was not cancelled.')}
      keep={trans.__('Let it go on')}
      onConfirm={async () => {
        const cancelled = await dag.backfills.cancel(id);
        rest.onDone({
          text: trans.__(
            'Cancelled the backfill after %1 of %2 runs.',
            cancelled.done,
            cancelled.total
          ),
          undo: null
        });
      }}
      onClose={rest.onClose}
    />
  );
}

function nameOf({ taskId, mapIndex }: ITaskTarget): string {
  return instanceName({ task_id: taskId, map_index: mapIndex ?? -1 });
}

function dateOf(dag: DagModel, runId: string): string {
  const run = dag.runs.find(runId)?.run;
  return run ? formatTime(run.execution_date) : runId;
}

function around(
  runId: string,
  reach: IReach
): Omit<IUpdateTaskInstancesState, 'task_id' | 'new_state'> {
  return {
    dag_run_id: runId,
    include_past: reach.past,
    include_future: reach.future,
    include_upstream: reach.upstream,
    include_downstream: reach.downstream
  };
}
