import { outputUrl } from '../api/notebooks';
import type { ITryKey } from '../api/taskLogs';
import type { ITaskPanel } from '../api/types';
import { ErrorBanner, Skeleton } from '../components/common/Screens';
import { useTrans } from '../components/common/trans';
import type { ILogViewProps } from '../components/task/LogView';
import { TaskPanel } from '../components/task/TaskPanel';
import { cellFailure } from '../logic/tries';
import type { DagModel } from '../model/dag';
import type { TaskInstanceModel } from '../model/taskInstance';
import type { TaskLogModel } from '../model/taskLog';
import { ChangeTask } from './changeTask';
import { saveText } from './saveText';
import { useModel } from './useModel';

/** Open an executed notebook where it can be edited, at the cell that failed if one did. */
export type OpenNotebook = (key: ITryKey, failedCell: number | null) => void;

interface ITaskPaneProps {
  dag: DagModel;
  task: TaskInstanceModel;
  onOpenNotebook: OpenNotebook | null;
}

/** The side panel of a task instance, tied to its model. */
export function TaskPane({ dag, task, onOpenNotebook }: ITaskPaneProps): JSX.Element {
  const trans = useTrans();
  const close = (): void => dag.go({ runId: task.runId, taskId: null, tryNumber: null });
  if (task.value) {
    return <LoadedTask dag={dag} task={task} panel={task.value} onOpenNotebook={onOpenNotebook} />;
  }
  return (
    <section className="jp-hubflow-SidePanel" aria-label={trans.__('Task')}>
      {task.error ? (
        <ErrorBanner
          what={trans.__('The task %1 could not be loaded.', task.taskId)}
          error={task.error}
          onRetry={() => void task.load()}
          onDismiss={close}
        />
      ) : (
        <Skeleton lines={6} />
      )}
    </section>
  );
}

function LoadedTask(props: ITaskPaneProps & { panel: ITaskPanel }): JSX.Element {
  const { dag, task, panel, onOpenNotebook } = props;
  const tryNumber = dag.place.tryNumber ?? Math.max(1, panel.cell.try_number);
  const log = task.logOf(tryNumber);
  useModel(log);
  const key: ITryKey = { ...log.key };
  const tried = panel.tries.find(item => item.try_number === tryNumber);
  const hasNotebook = tried?.artifacts.includes('notebook') ?? false;
  const { connection } = dag.session;
  return (
    <TaskPanel
      key={`${task.runId} ${task.taskId}`}
      panel={panel}
      tryNumber={tryNumber}
      log={logProps(task, log, tryNumber)}
      notebookUrls={
        hasNotebook
          ? {
              html: outputUrl(connection, key, 'html'),
              ipynb: outputUrl(connection, key, 'ipynb')
            }
          : null
      }
      onOpenNotebook={
        onOpenNotebook && (() => onOpenNotebook(key, cellFailure(tried)?.cell ?? null))
      }
      actions={
        <ChangeTask
          session={dag.session}
          dagId={task.dagId}
          runId={task.runId}
          taskId={task.taskId}
        />
      }
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
        saveText(text, `${task.dagId}.${task.taskId}.try${tryNumber}.log`);
      });
    }
  };
}
