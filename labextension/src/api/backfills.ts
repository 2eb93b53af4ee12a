import { type IConnection, requestAPI, segments } from './request';
import type { IBackfill, IBackfillDates, IBackfills, ICreateBackfill } from './types';

/** The newest backfills of a DAG. */
export function listBackfills(
  connection: IConnection,
  dagId: string,
  limit: number
): Promise<IBackfills> {
  return requestAPI(connection, 'backfills', { query: { dag_id: dagId, limit } });
}

/** Ask for a run at each date of the schedule in a range. 409 while another one is under way. */
export function createBackfill(connection: IConnection, body: ICreateBackfill): Promise<IBackfill> {
  return requestAPI(connection, 'backfills', { method: 'POST', body });
}

/** Say for each date what a backfill would do. */
export function previewBackfill(
  connection: IConnection,
  body: ICreateBackfill
): Promise<IBackfillDates> {
  return requestAPI(connection, 'backfills/dry_run', { method: 'POST', body });
}

/** Make no further runs; those that wait fail, those that run go on. */
export function cancelBackfill(connection: IConnection, id: number): Promise<IBackfill> {
  return requestAPI(connection, `backfills/${segments(id)}/cancel`, { method: 'POST' });
}
