import { type IConnection, requestAPI, segments } from './request';
import type {
  IClearTaskInstances,
  IRunTask,
  ITaskDependencies,
  ITaskInstance,
  ITouched,
  IUpdateTaskInstancesState
} from './types';

/** Clear task instances, or list which ones that would be (`dry_run`, the default). */
export function clearTaskInstances(
  connection: IConnection,
  dagId: string,
  body: IClearTaskInstances
): Promise<ITouched> {
  const path = `dags/${segments(dagId)}/clearTaskInstances`;
  return requestAPI(connection, path, { method: 'POST', body });
}

/** Mark task instances, or list which ones that would be (`dry_run`, the default). */
export function markTaskInstances(
  connection: IConnection,
  dagId: string,
  body: IUpdateTaskInstancesState
): Promise<ITouched> {
  const path = `dags/${segments(dagId)}/updateTaskInstancesState`;
  return requestAPI(connection, path, { method: 'POST', body });
}

/** One task instance as scripts see it, with what its templates became. */
export function getTaskInstance(
  connection: IConnection,
  dagId: string,
  runId: string,
  taskId: string,
  mapIndex: number
): Promise<ITaskInstance> {
  const instance = mapIndex < 0 ? [taskId] : [taskId, mapIndex];
  const path = segments(dagId, 'dagRuns', runId, 'taskInstances', ...instance);
  return requestAPI(connection, `dags/${path}`);
}

/** Queue a task instance now. 409 with the reasons when something that counts is against it. */
export function runTask(
  connection: IConnection,
  dagId: string,
  runId: string,
  taskId: string,
  body: IRunTask
): Promise<ITaskInstance> {
  const path = segments(dagId, 'dagRuns', runId, 'taskInstances', taskId);
  return requestAPI(connection, `dags/${path}/run`, { method: 'POST', body });
}

/** Why a task instance does not run by itself. */
export function getDependencies(
  connection: IConnection,
  dagId: string,
  runId: string,
  taskId: string,
  mapIndex: number | null = null
): Promise<ITaskDependencies> {
  const path = segments(dagId, 'runs', runId, 'tasks', taskId);
  return requestAPI(connection, `views/dags/${path}/dependencies`, {
    query: { map_index: mapIndex }
  });
}
