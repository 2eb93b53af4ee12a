import { type IConnection, requestAPI, segments } from './request';
import type { IDagVersionDiff, IDagVersions } from './types';

/** A page of the versions of a DAG, newest first. */
export function listDagVersions(
  connection: IConnection,
  dagId: string,
  limit: number,
  offset: number
): Promise<IDagVersions> {
  return requestAPI(connection, `dags/${segments(dagId)}/dagVersions`, {
    query: { limit, offset }
  });
}

/** What differs from one version to another. */
export function diffDagVersions(
  connection: IConnection,
  dagId: string,
  before: number,
  after: number
): Promise<IDagVersionDiff> {
  const path = segments(dagId, 'dagVersions', before, 'diff', after);
  return requestAPI(connection, `dags/${path}`);
}
