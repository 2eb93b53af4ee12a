import type { IGridRun, ITaskCell, ITouched } from '../api/types';
import type { ITrans } from '../tokens';

/** States that people may set by hand. */
export type MarkState = 'success' | 'failed' | 'skipped';

/** The tasks of a group, and how these are called together. */
export interface ITaskGroup {
  label: string;
  taskIds: string[];
}

/** How far a change reaches. The last two count for a clear only. */
export interface IReach {
  past: boolean;
  future: boolean;
  upstream: boolean;
  downstream: boolean;
  recursive: boolean;
  onlyFailed: boolean;
}

/** A mark is about the task alone. */
export const NO_REACH: IReach = {
  past: false,
  future: false,
  upstream: false,
  downstream: false,
  recursive: false,
  onlyFailed: false
};

/** A clear takes what depends on the task with it. */
export const CLEAR_REACH: IReach = { ...NO_REACH, downstream: true, recursive: true };

/** "14 task instances of 2 runs". */
export function touchedText(touched: ITouched, trans: ITrans): string {
  const tasks = trans._n('%1 task instance', '%1 task instances', touched.total_entries);
  const runs = trans._n('%1 run', '%1 runs', touched.dag_runs);
  return trans.__('%1 of %2', tasks, runs);
}

/** What a clear or a mark did, as a sentence. */
export function doneText(
  touched: ITouched,
  change: 'clear' | MarkState,
  label: string,
  trans: ITrans
): string {
  if (change === 'clear') {
    return trans.__('Cleared %1.', touchedText(touched, trans));
  }
  const cleared = touched.task_instances.filter(item => item.change === 'cleared').length;
  const marked = touched.total_entries - cleared;
  const text = trans._n(
    'Marked %1 task instance as %2.',
    'Marked %1 task instances as %2.',
    marked,
    label
  );
  return cleared
    ? `${text} ${trans._n('%1 that had failed below runs again.', '%1 that had failed below run again.', cleared)}`
    : text;
}

/**
 * The state that marking all these instances would give each of them back exactly; null if there
 * is none.
 *
 * A mark of what is over leaves its dates, its tries and its run alone, and while no run of the
 * DAG is under way, nothing of it starts because of the mark. Everything else cannot be taken
 * back: a clear forgets dates and lets tasks run, a mark of what was under way ended it.
 */
export function formerState(touched: ITouched, before: IGridRun[]): MarkState | null {
  const [first] = touched.task_instances;
  const state = (['success', 'failed', 'skipped'] as const).find(name => name === first?.state);
  const isIdle = before.every(({ run }) => run.end_date !== null);
  const isOver = touched.task_instances.every(item => {
    const column = before.find(({ run }) => run.run_id === item.dag_run_id);
    const cell = column?.tasks.find(
      ({ task_id, map_index }) => task_id === item.task_id && map_index === item.map_index
    );
    return item.change !== 'cleared' && item.state === state && cell?.start_date && cell.end_date;
  });
  return state && isIdle && isOver ? state : null;
}

/** Whether a change would touch exactly what an earlier one has touched, as that left it. */
export function takesBack(listed: ITouched, done: ITouched, marked: MarkState): boolean {
  const keys = (touched: ITouched): string[] =>
    touched.task_instances
      .map(item => `${item.dag_run_id} ${item.task_id} ${item.map_index}`)
      .sort();
  return (
    listed.task_instances.every(item => item.state === marked && item.change !== 'cleared') &&
    keys(listed).join('\n') === keys(done).join('\n')
  );
}

/** What of a run a change is about: tasks of it, or with null the whole run. */
export interface IPart {
  taskIds: readonly string[] | null;
  /** One instance of a mapped task; without it, all are meant. */
  mapIndex?: number | null;
}

/**
 * Whether there is anything to clear: what has never run is as a clear would leave it. Of a run
 * that is not loaded, only the server knows.
 */
export function hasBegun(column: IGridRun | undefined, { taskIds, mapIndex }: IPart): boolean {
  if (!column) {
    return true;
  }
  const cells = column.tasks.filter(
    cell =>
      (taskIds === null || taskIds.includes(cell.task_id)) &&
      (typeof mapIndex !== 'number' || cell.map_index === mapIndex)
  );
  return cells.some(wasTried) || (taskIds === null && column.run.end_date !== null);
}

function wasTried({ state, start_date, try_number }: ITaskCell): boolean {
  // A try gets its number with its slot, before it starts.
  const former = state === 'queued' ? try_number - 1 : try_number;
  const waits = ['none', 'scheduled', 'queued', 'removed'].includes(state);
  return !waits || start_date !== null || former > 0;
}

/** "load", or "load [3]" for an instance of a mapped task; by another name if one is given. */
export function instanceName(
  { task_id, map_index }: { task_id: string; map_index: number },
  name = task_id
): string {
  return map_index < 0 ? name : `${name} [${map_index}]`;
}
