import { type IConnection, requestAPI, segments } from './request';
import type {
  IAttention,
  IDagRow,
  IDagRows,
  IFile,
  IGrid,
  IHealth,
  IMe,
  ISource,
  IStructure,
  ITaskPanel
} from './types';

export interface IDagQuery {
  search: string;
  state: string | null;
  /** `new` are those that are off and never ran. */
  paused: 'false' | 'true' | 'all' | 'new';
}

/** One page of the DAG list, by dag_id. */
export function listDagRows(
  connection: IConnection,
  query: IDagQuery,
  page: string | null,
  limit: number,
  signal?: AbortSignal
): Promise<IDagRows> {
  const search = query.search.trim() || null;
  return requestAPI(connection, 'views/dags', {
    query: { ...query, search, page, limit },
    signal
  });
}

export function getDagRow(connection: IConnection, dagId: string): Promise<IDagRow> {
  return requestAPI(connection, `views/dags/${segments(dagId)}`);
}

/** Failed DAGs and broken files, newest first. */
export function getAttention(connection: IConnection): Promise<IAttention> {
  return requestAPI(connection, 'views/attention');
}

/** A DAG file by its path in the DAG folder, and why it cannot be read if it cannot. */
export function getFile(connection: IConnection, path: string): Promise<IFile> {
  return requestAPI(connection, 'views/file', { query: { path } });
}

/** A page of runs with the states of their tasks; `before` is a run's number. */
export function getGrid(
  connection: IConnection,
  dagId: string,
  limit: number,
  before: number | null = null
): Promise<IGrid> {
  return requestAPI(connection, `views/dags/${segments(dagId)}/grid`, {
    query: { limit, before }
  });
}

export function getStructure(
  connection: IConnection,
  dagId: string,
  version: number | null = null
): Promise<IStructure> {
  return requestAPI(connection, `views/dags/${segments(dagId)}/structure`, { query: { version } });
}

export function getSource(
  connection: IConnection,
  dagId: string,
  version: number | null = null
): Promise<ISource> {
  return requestAPI(connection, `views/dags/${segments(dagId)}/source`, { query: { version } });
}

/** Everything about one task instance except its log; of several the first that failed. */
export function getTaskPanel(
  connection: IConnection,
  dagId: string,
  runId: string,
  taskId: string,
  mapIndex: number | null = null
): Promise<ITaskPanel> {
  const path = segments(dagId, 'runs', runId, 'tasks', taskId);
  return requestAPI(connection, `views/dags/${path}`, { query: { map_index: mapIndex } });
}

export function getMe(connection: IConnection): Promise<IMe> {
  return requestAPI(connection, 'me');
}

export function getHealth(connection: IConnection): Promise<IHealth> {
  return requestAPI(connection, 'health');
}
