import { type IConnection, requestAPI, segments } from './request';
import type { IDag, IDagDetail } from './types';

/** Switch a DAG's schedule on or off. */
export function setPaused(
  connection: IConnection,
  dagId: string,
  isPaused: boolean
): Promise<IDag> {
  return requestAPI(connection, `dags/${segments(dagId)}`, {
    method: 'PATCH',
    body: { is_paused: isPaused }
  });
}

/** What the current version says of a DAG. */
export function getDagDetails(connection: IConnection, dagId: string): Promise<IDagDetail> {
  return requestAPI(connection, `dags/${segments(dagId)}/details`);
}
