import { type IConnection, requestAPI, segments } from './request';
import type { IDagRun, ITriggerRun } from './types';

/** Start a run now. 409 run-exists when the run id is taken. */
export function trigger(
  connection: IConnection,
  dagId: string,
  body: ITriggerRun
): Promise<IDagRun> {
  return requestAPI(connection, `dags/${segments(dagId)}/dagRuns`, { method: 'POST', body });
}
