import type { IGridRun, IStructureTask, ITaskCell } from '../api/types';
import { nameLines } from './names';
import { worstState } from './states';

/** A line of the grid: a task, or a group of tasks whose ids share a prefix ("load.clean"). */
export interface IGridRow {
  key: string;
  label: string;
  /** The label at full length, and the id where it says more. */
  title: string;
  depth: number;
  /** Task ids below this line; a task's own line holds its id only. */
  taskIds: string[];
  isGroup: boolean;
  isOpen: boolean;
  /** No task of this version, but of one that a run ran. */
  isGone: boolean;
}

/** Lines in the order of the tasks; a group stands where its first task stands. */
export function gridRows(tasks: IStructureTask[], closed: ReadonlySet<string>): IGridRow[] {
  const root = newBranch('', '');
  for (const task of tasks) {
    place(root, task.task_id);
  }
  const names = new Map(tasks.map(task => [task.task_id, task.task_display_name]));
  return flatten(root, 0, closed, names);
}

/** Lines for tasks that exist in runs but not in this version of the DAG, after all others. */
export function removedTasks(tasks: IStructureTask[], runs: IGridRun[]): IGridRow[] {
  const known = new Set(tasks.map(task => task.task_id));
  const gone = new Set(
    runs.flatMap(column => column.tasks.map(cell => cell.task_id)).filter(id => !known.has(id))
  );
  return [...gone].map(id => ({ ...taskRow(id, id, id, 0), isGone: true }));
}

/**
 * Cells of a run by task id; kept as long as the column is the same. Of the instances of a mapped
 * task, the one that needs a person most stands for all.
 */
export function cellsById(column: IGridRun): ReadonlyMap<string, ITaskCell> {
  let cells = cellsOfColumn.get(column);
  if (!cells) {
    const found = new Map<string, ITaskCell>();
    for (const cell of column.tasks) {
      const other = found.get(cell.task_id);
      if (!other || worstState([cell.state, other.state]) !== other.state) {
        found.set(cell.task_id, cell);
      }
    }
    cells = found;
    cellsOfColumn.set(column, cells);
  }
  return cells;
}

const cellsOfColumn = new WeakMap<IGridRun, ReadonlyMap<string, ITaskCell>>();

/**
 * State of a line in one run; undefined where the run never had the task. Of a run that began
 * while we watched, only the tasks are known that have changed: the others have not started.
 */
export function rowState(row: IGridRow, column: IGridRun): string | undefined {
  const cells = cellsById(column);
  const states = row.taskIds.flatMap(id => cells.get(id)?.state ?? []);
  if (states.length) {
    return worstState(states);
  }
  return isActive(column) && !row.isGone ? 'none' : undefined;
}

/** Tasks of a line that a run has. */
export function tasksIn(row: IGridRow, column: IGridRun): string[] {
  const cells = cellsById(column);
  return row.taskIds.filter(id => cells.has(id) || isActive(column));
}

function isActive(column: IGridRun): boolean {
  return column.run.end_date === null;
}

interface IBranch {
  key: string;
  label: string;
  groups: Map<string, IBranch>;
  /** Children in order: a group or a task id. */
  children: (IBranch | string)[];
}

function newBranch(key: string, label: string): IBranch {
  return { key, label, groups: new Map(), children: [] };
}

function place(root: IBranch, taskId: string): void {
  let branch = root;
  const prefixes = taskId.split('.').slice(0, -1);
  for (const label of prefixes) {
    const key = branch.key ? `${branch.key}.${label}` : label;
    let next = branch.groups.get(label);
    if (!next) {
      next = newBranch(key, label);
      branch.groups.set(label, next);
      branch.children.push(next);
    }
    branch = next;
  }
  branch.children.push(taskId);
}

function flatten(
  branch: IBranch,
  depth: number,
  closed: ReadonlySet<string>,
  names: ReadonlyMap<string, string>
): IGridRow[] {
  return branch.children.flatMap(child => {
    if (typeof child === 'string') {
      const name = names.get(child) ?? child;
      // Its group stands above it, so the last part of an id says it all.
      const label = name === child && branch.key ? child.slice(branch.key.length + 1) : name;
      return [taskRow(child, label, nameLines(name, child).join('\n'), depth)];
    }
    const isOpen = !closed.has(child.key);
    const row: IGridRow = {
      key: `group:${child.key}`,
      label: child.label,
      title: child.label,
      depth,
      taskIds: leaves(child),
      isGroup: true,
      isOpen,
      isGone: false
    };
    return [row, ...(isOpen ? flatten(child, depth + 1, closed, names) : [])];
  });
}

function leaves(branch: IBranch): string[] {
  return branch.children.flatMap(child => (typeof child === 'string' ? [child] : leaves(child)));
}

function taskRow(taskId: string, label: string, title: string, depth: number): IGridRow {
  return {
    key: taskId,
    label,
    title,
    depth,
    taskIds: [taskId],
    isGroup: false,
    isOpen: false,
    isGone: false
  };
}
