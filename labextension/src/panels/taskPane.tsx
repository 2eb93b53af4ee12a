import { outputFile, outputPage } from '../api/notebooks';
import type { ITryKey } from '../api/taskLogs';
import { getDependencies } from '../api/taskInstances';
import type { ITaskPanel } from '../api/types';
import { Button } from '../components/common/Button';
import { ErrorBanner, Notice, Skeleton } from '../components/common/Screens';
import { StateBadge } from '../components/common/State';
import { useTrans } from '../components/common/trans';
import type { ILogViewProps } from '../components/task/LogView';
import { TaskPanel } from '../components/task/TaskPanel';
import { WaitingFor } from '../components/task/WaitingFor';
import { cellFailure } from '../logic/tries';
import type { DagModel } from '../model/dag';
import type { TaskInstanceModel } from '../model/taskInstance';
import type { TaskLogModel } from '../model/taskLog';
import { type IDagActions, type OpenDag, SideActions, zoomText } from './dagActions';
import { saveText } from './saveText';
import { StarterLink } from './starterLink';
import { useIsDark } from './useIsDark';
import { useModel } from './useModel';

/** Between its run and its process. */
const WAITS = new Set(['none', 'scheduled', 'queued']);

/** Open an executed notebook where it can be edited, at the cell that failed if one did. */
export type OpenNotebook = (key: ITryKey, failedCell: number | null) => void;

interface ITaskPaneProps {
  dag: DagModel;
  task: TaskInstanceModel;
  actions: IDagActions;
  onOpenNotebook: OpenNotebook | null;
  onOpenDag: OpenDag;
}

/** The side panel of a task instance, tied to its model. */
export function TaskPane(props: ITaskPaneProps): JSX.Element {
  const { dag, task } = props;
  const trans = useTrans();
  const close = (): void => dag.go({ runId: task.runId, taskId: null, tryNumber: null });
  if (task.value) {
    return <LoadedTask {...props} panel={task.value} />;
  }
  return (
    <section className="jp-hubflow-SidePanel" aria-label={trans.__('Task')}>
      {task.error ? (
        <ErrorBanner
          what={trans.__('The task %1 could not be loaded.', task.taskId)}
          error={task.error}
          onRetry={() => (task.isGone ? dag.showAnyInstance() : void task.load())}
          onDismiss={close}
        />
      ) : (
        <Skeleton lines={6} />
      )}
    </section>
  );
}

function LoadedTask(props: ITaskPaneProps & { panel: ITaskPanel }): JSX.Element {
  const { dag, task, panel, actions, onOpenNotebook } = props;
  const tryNumber = dag.place.tryNumber ?? Math.max(1, panel.cell.try_number);
  const log = task.logOf(tryNumber);
  useModel(log);
  const rendered = dag.place.view === 'rendered' ? task.rendered : null;
  const target = {
    runId: task.runId,
    taskId: task.taskId,
    mapIndex: task.mapIndex < 0 ? null : task.mapIndex
  };
  const trans = useTrans();
  const isDark = useIsDark();
  const key: ITryKey = { ...log.key };
  const tried = panel.tries.find(item => item.try_number === tryNumber);
  const hasNotebook = tried?.artifacts.includes('notebook') ?? false;
  const { connection } = dag.session;
  return (
    <TaskPanel
      key={`${task.runId} ${task.taskId} ${task.mapIndex}`}
      panel={panel}
      tryNumber={tryNumber}
      log={logProps(task, log, tryNumber)}
      notebookUrls={
        hasNotebook
          ? {
              html: outputPage(connection, key, isDark),
              ipynb: outputFile(connection, key)
            }
          : null
      }
      onOpenNotebook={
        onOpenNotebook && (() => onOpenNotebook(key, cellFailure(tried)?.cell ?? null))
      }
      problem={
        task.error && (
          <Notice kind="warning">
            {task.isGone
              ? trans.__('This instance is gone: the task was expanded anew. What you see is old.')
              : trans.__('What you see may be old: %1', task.error.message)}{' '}
            <Button
              look="link"
              onClick={() => (task.isGone ? dag.showAnyInstance() : void task.load())}
            >
              {task.isGone ? trans.__('Show another instance') : trans.__('Try again')}
            </Button>
          </Notice>
        )
      }
      zoom={
        <>
          {panel.run.starter?.leads && (
            <StarterLink starter={panel.run.starter} onOpenDag={props.onOpenDag} />
          )}
          <Zoom panel={panel} onOpenDag={props.onOpenDag} />
        </>
      }
      waiting={
        WAITS.has(panel.cell.state) && (
          <WaitingFor
            stamp={`${panel.cell.state} ${panel.run.state}`}
            onAsk={() =>
              getDependencies(connection, dag.dagId, task.runId, task.taskId, target.mapIndex)
            }
          />
        )
      }
      actions={<SideActions target={target} actions={actions} />}
      view={dag.place.view}
      rendered={rendered?.value ?? null}
      renderedError={rendered?.error ?? null}
      onView={view => dag.go({ view })}
      onPickInstance={mapIndex => dag.go({ mapIndex, tryNumber: null })}
      onPickTry={number => dag.go({ tryNumber: number })}
      onGo={place =>
        dag.go({
          runId: place === 'run' ? task.runId : null,
          taskId: null,
          tryNumber: null
        })
      }
      onClose={() => dag.go({ runId: task.runId, taskId: null, tryNumber: null })}
    />
  );
}

interface IZoomProps {
  panel: ITaskPanel;
  onOpenDag: OpenDag;
}

/** The way to the run that a task has started, or at least to the DAG. */
function Zoom({ panel, onOpenDag }: IZoomProps): JSX.Element | null {
  const trans = useTrans();
  const started = panel.started_run;
  const dagId = started?.dag_id ?? panel.task?.run_dag_id ?? null;
  if (dagId === null) {
    return null;
  }
  return (
    <div className="jp-hubflow-SidePanel-zoom">
      <Button
        look="link"
        icon="external"
        onClick={() => onOpenDag(dagId, { runId: started?.run_id ?? null })}
      >
        {zoomText(dagId, trans)}
      </Button>
      {started && <StateBadge state={started.state} />}
    </div>
  );
}

function logProps(task: TaskInstanceModel, log: TaskLogModel, tryNumber: number): ILogViewProps {
  return {
    log: log.log,
    status: log.status,
    error: log.error,
    isComplete: log.isComplete,
    isPaused: log.isPaused,
    onFollow: log.follow,
    onReload: () => void log.load(),
    onDownload: () => {
      void task.wholeLog(tryNumber).then(text => {
        saveText(
          text,
          `${task.dagId}.${task.taskId}${task.mapIndex < 0 ? '' : `.${task.mapIndex}`}.try${tryNumber}.log`
        );
      });
    }
  };
}
