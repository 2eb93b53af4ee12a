import { apiUrl, type IConnection, requestAPI } from './request';
import type { ITryKey } from './taskLogs';
import type { INotebook, IScheduledNotebook, IScheduleNotebook, IScheduleReading } from './types';

/** Kernel and parameters of a notebook in the common workspace. */
export function inspect(connection: IConnection, path: string): Promise<INotebook> {
  return requestAPI(connection, 'notebooks/inspect', { query: { path } });
}

export function schedule(
  connection: IConnection,
  body: IScheduleNotebook
): Promise<IScheduledNotebook> {
  return requestAPI(connection, 'notebooks/schedule', { method: 'POST', body });
}

/** A cron expression or preset in words, with its next times. 400 schedule-invalid. */
export function explainSchedule(
  connection: IConnection,
  cron: string,
  timezone: string,
  signal?: AbortSignal
): Promise<IScheduleReading> {
  return requestAPI(connection, 'schedules/explain', { query: { cron, timezone }, signal });
}

export async function listTimezones(connection: IConnection): Promise<string[]> {
  const answer = await requestAPI<{ timezones: string[] }>(connection, 'timezones');
  return answer.timezones;
}

/** Address of an executed notebook as HTML, which may only be shown in a sandboxed frame. */
export function outputPage(connection: IConnection, key: ITryKey, isDark: boolean): string {
  const theme = isDark ? 'dark' : 'light';
  return apiUrl(connection, 'notebooks/output', { ...key, format: 'html', theme });
}

/** Address of an executed notebook as a file. */
export function outputFile(connection: IConnection, key: ITryKey): string {
  return apiUrl(connection, 'notebooks/output', { ...key, format: 'ipynb' });
}

/** The executed notebook as a document. */
export function getOutput(connection: IConnection, key: ITryKey): Promise<unknown> {
  return requestAPI(connection, 'notebooks/output', { query: { ...key, format: 'ipynb' } });
}
