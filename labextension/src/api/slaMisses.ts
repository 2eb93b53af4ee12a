import { type IConnection, requestDone } from './request';

/** Take SLA misses out of what needs attention; the list of misses keeps them. */
export function dismissSlaMisses(connection: IConnection, ids: number[]): Promise<void> {
  const body = { sla_miss_ids: ids };
  return requestDone(connection, 'slaMisses/dismiss', { method: 'POST', body });
}
