import { type IConnection, requestAPI, segments } from './request';
import type { IClearTaskInstances, ITouched, IUpdateTaskInstancesState } from './types';

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
