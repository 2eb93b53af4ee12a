import type { IRunBrief, IRunChanged, IGridRun, ITaskCell } from '../api/types';
import type { ITrans } from '../tokens';
import { formatDuration, formatTime, secondsBetween } from './time';

/** Insert or replace a run; oldest first, at most the `limit` newest. */
export function upsertRun(runs: IRunBrief[], run: IRunBrief, limit: number): IRunBrief[] {
  return [...runs.filter(other => other.id !== run.id), run].sort(byDate).slice(-limit);
}

/**
 * Apply a "run" event to grid columns. While there are older runs that are not loaded (`hasOlder`),
 * one older than those that are is left out: it comes with its page.
 */
export function applyRunEvent(runs: IGridRun[], event: IRunChanged, hasOlder: boolean): IGridRun[] {
  const index = runs.findIndex(column => column.run.id === event.run.id);
  const column = runs[index];
  if (column) {
    const merged = { run: event.run, tasks: mergeTasks(column.tasks, event.tasks) };
    return runs.map((other, at) => (at === index ? merged : other));
  }
  const oldest = runs[0];
  if (hasOlder && oldest && byDate(event.run, oldest.run) < 0) {
    return runs;
  }
  return [...runs, { run: event.run, tasks: event.tasks }].sort((a, b) => byDate(a.run, b.run));
}

/** Put an older page in front of the columns, without doubles. */
export function prependRuns(older: IGridRun[], runs: IGridRun[]): IGridRun[] {
  const known = new Set(runs.map(column => column.run.id));
  return [...older.filter(column => !known.has(column.run.id)), ...runs];
}

/** Seconds that a run took, or has taken so far; null before it started. */
function runSeconds(run: IRunBrief, now: number): number | null {
  return secondsBetween(run.start_date, run.end_date ?? new Date(now).toISOString());
}

/** Heights between 0 and 1 for duration bars: the longest is 1, the shortest stays visible. */
export function barHeights(runs: IRunBrief[], now: number): number[] {
  const seconds = runs.map(run => runSeconds(run, now) ?? 0);
  const longest = Math.max(...seconds, 0.001);
  return seconds.map(value => Math.max(0.12, value / longest));
}

/** "3 ok · 1 failed" for runs; empty without runs. */
export function runSummary(runs: IRunBrief[], trans: ITrans): string {
  const count = (state: string): number => runs.filter(run => run.state === state).length;
  const parts: [number, string][] = [
    [count('failed'), trans.__('%1 failed', count('failed'))],
    [count('running'), trans.__('%1 running', count('running'))],
    [count('queued'), trans.__('%1 queued', count('queued'))],
    [count('success'), trans.__('%1 ok', count('success'))]
  ];
  return parts
    .filter(([number]) => number > 0)
    .map(([, text]) => text)
    .join(' · ');
}

/** How many task instances a run has, in all states. */
export function taskCount(run: IRunBrief): number {
  return Object.values(run.task_counts).reduce((sum, count) => sum + count, 0);
}

/** At most eight tasks of a run: those that failed, wait for another try or run now. */
export function tasksToLookAt(column: IGridRun): ITaskCell[] {
  const states = ['failed', 'up_for_retry', 'running'];
  return states.flatMap(state => column.tasks.filter(cell => cell.state === state)).slice(0, 8);
}

/** Why a run ended although no task of it failed; null if there is nothing to say. */
export function endReason(run: IRunBrief, trans: ITrans): string | null {
  switch (run.reason) {
    case 'all_tasks_deadlocked':
      return trans.__('Nothing that was left could ever run');
    case 'dagrun_timeout':
      return trans.__('It took longer than its dagrun_timeout');
    default:
      return null;
  }
}

/** How a run came about: "by hand, alice", "backfill", "on schedule". */
export function startText(run: IRunBrief, trans: ITrans): string {
  switch (run.run_type) {
    case 'manual':
      return trans.__('by hand, %1', run.triggered_by ?? trans.__('unknown'));
    case 'backfill':
      return trans.__('backfill');
    default:
      return trans.__('on schedule');
  }
}

/** What a bar says when pointed at. */
export function runTitle(run: IRunBrief, state: string, now: number, trans: ITrans): string {
  const seconds = runSeconds(run, now);
  const lines = [`${formatTime(run.execution_date)} · ${state}`, startText(run, trans)];
  if (seconds !== null) {
    lines.push(formatDuration(seconds, trans));
  }
  return lines.join('\n');
}

/** Order of the columns: by execution date, then by creation. */
function byDate(a: IRunBrief, b: IRunBrief): number {
  return Date.parse(a.execution_date) - Date.parse(b.execution_date) || a.id - b.id;
}

function mergeTasks(known: ITaskCell[], changed: ITaskCell[]): ITaskCell[] {
  const byId = new Map(known.map(cell => [cellKey(cell), cell]));
  for (const cell of changed) {
    byId.set(cellKey(cell), cell);
  }
  return [...byId.values()];
}

/** A mapped task is one cell until it is expanded; that cell then is its first instance. */
function cellKey(cell: ITaskCell): string {
  return `${cell.task_id} ${Math.max(0, cell.map_index)}`;
}
