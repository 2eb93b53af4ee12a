import type { ITouched } from '../api/types';
import type { ITrans } from '../tokens';

/** What may be done to a task instance by hand. */
export type TaskChange = 'clear' | 'success' | 'failed';

/** How far a change reaches. The last two count for a clear only. */
export interface IReach {
  past: boolean;
  future: boolean;
  upstream: boolean;
  downstream: boolean;
  recursive: boolean;
  onlyFailed: boolean;
}

/** A clear takes what depends on the task with it, a mark is about the task alone. */
export function usualReach(change: TaskChange): IReach {
  const isClear = change === 'clear';
  return {
    past: false,
    future: false,
    upstream: false,
    downstream: isClear,
    recursive: isClear,
    onlyFailed: false
  };
}

/** "14 task instances of 2 runs". */
export function touchedText(touched: ITouched, trans: ITrans): string {
  const tasks = trans._n('%1 task instance', '%1 task instances', touched.total_entries);
  const runs = trans._n('%1 run', '%1 runs', touched.dag_runs);
  return trans.__('%1 of %2', tasks, runs);
}

/** "load", or "load [3]" for an instance of a mapped task. */
export function instanceName(instance: { task_id: string; map_index: number }): string {
  const { task_id, map_index } = instance;
  return map_index < 0 ? task_id : `${task_id} [${map_index}]`;
}
