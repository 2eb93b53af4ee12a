import { type IConnection, requestAPI, requestText, segments } from './request';
import type { ILog } from './types';

/** One try of one task instance. */
export interface ITryKey {
  dag_id: string;
  run_id: string;
  task_id: string;
  try_number: number;
  /** Which instance of a mapped task; -1 for others. */
  map_index: number;
}

/** One page of a log from a continuation token; without one from the start. */
export function readLog(
  connection: IConnection,
  key: ITryKey,
  token: string | null,
  signal?: AbortSignal
): Promise<ILog> {
  return requestAPI(connection, logPath(key), {
    query: { token, map_index: key.map_index },
    signal
  });
}

/** The whole log as text. */
export function readWholeLog(connection: IConnection, key: ITryKey): Promise<string> {
  return requestText(connection, logPath(key), { query: { map_index: key.map_index } });
}

function logPath(key: ITryKey): string {
  const instance = segments(key.dag_id, 'dagRuns', key.run_id, 'taskInstances', key.task_id);
  return `dags/${instance}/${segments('logs', key.try_number)}`;
}
