import { type IConnection, requestAPI, requestDone, segments } from './request';
import type { IClearDagRun, IDagRun, ITouched, ITriggerRun } from './types';

/** Start a run now. 409 run-exists when the run id is taken. */
export function trigger(
  connection: IConnection,
  dagId: string,
  body: ITriggerRun
): Promise<IDagRun> {
  return requestAPI(connection, `dags/${segments(dagId)}/dagRuns`, { method: 'POST', body });
}

/** Clear all tasks of a run, or list which ones that would be (`dry_run`, the default). */
export function clearRun(
  connection: IConnection,
  dagId: string,
  runId: string,
  body: IClearDagRun
): Promise<ITouched> {
  const path = `dags/${segments(dagId, 'dagRuns', runId)}/clear`;
  return requestAPI(connection, path, { method: 'POST', body });
}

/** List what `markRun` would touch. */
export function previewMarkRun(
  connection: IConnection,
  dagId: string,
  runId: string,
  state: 'success' | 'failed'
): Promise<ITouched> {
  const path = `views/dags/${segments(dagId, 'runs', runId)}/mark`;
  return requestAPI(connection, path, { query: { state } });
}

/** End a run with its tasks. */
export function markRun(
  connection: IConnection,
  dagId: string,
  runId: string,
  state: 'success' | 'failed'
): Promise<IDagRun> {
  const path = `dags/${segments(dagId, 'dagRuns', runId)}`;
  return requestAPI(connection, path, { method: 'PATCH', body: { state } });
}

/** Delete a run with its task instances; what runs of it is ended. */
export function deleteRun(connection: IConnection, dagId: string, runId: string): Promise<void> {
  const path = `dags/${segments(dagId, 'dagRuns', runId)}`;
  return requestDone(connection, path, { method: 'DELETE' });
}
