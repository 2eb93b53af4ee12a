import type { IGridRun } from '../api/types';
import type { ITrans } from '../tokens';
import { sortedCounts, stateLabel } from './states';

/** Of a mapped task, state → how many instances. */
export type InstanceCounts = Record<string, number>;

/** Of the mapped tasks of a run whose number of instances is known; kept with the column. */
export function instanceCounts(column: IGridRun): ReadonlyMap<string, InstanceCounts> {
  let counts = countsOfColumn.get(column);
  if (!counts) {
    const found = new Map<string, InstanceCounts>();
    for (const { task_id, state, map_index } of column.tasks) {
      if (map_index >= 0) {
        const of = found.get(task_id) ?? {};
        of[state] = (of[state] ?? 0) + 1;
        found.set(task_id, of);
      }
    }
    counts = found;
    countsOfColumn.set(column, counts);
  }
  return counts;
}

const countsOfColumn = new WeakMap<IGridRun, ReadonlyMap<string, InstanceCounts>>();

/** "×3", or "[ ]" as long as nobody knows how many. */
export function instancesMark(counts: InstanceCounts | undefined): string {
  return counts ? `×${total(counts)}` : '[ ]';
}

/** "3 instances: 1 failed, 2 success". */
export function instancesText(counts: InstanceCounts | undefined, trans: ITrans): string {
  if (!counts) {
    return trans.__('mapped; how many instances is not known yet');
  }
  const parts = sortedCounts(counts).map(
    ([state, count]) => `${count} ${stateLabel(state, trans)}`
  );
  return `${trans._n('%1 instance', '%1 instances', total(counts))}: ${parts.join(', ')}`;
}

function total(counts: InstanceCounts): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}
