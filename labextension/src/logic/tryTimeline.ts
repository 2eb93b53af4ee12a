import type { ITaskPanel, ITry } from '../api/types';
import type { ITrans } from '../tokens';
import { formatDuration, formatTime, isSameDay, preciseClock } from './time';

type StepKind = 'before' | 'slot' | 'process' | 'prepare' | 'run';

/** One stretch of a try, from `from` to `to` in milliseconds since the epoch. */
export interface IStep {
  kind: StepKind;
  from: number;
  to: number;
  isOpen: boolean;
}

/**
 * What a try did when. `since` is when it could have begun at the earliest: when its run was due,
 * or when the try before it ended. Moments that were not recorded leave their stretch out.
 */
export function stepsOf(tried: ITry, since: string | null, now: number): IStep[] {
  const moments: [StepKind, string | null, string | null][] = [
    ['before', since, tried.ready_at],
    ['slot', tried.ready_at, tried.queued_at],
    ['process', tried.queued_at, tried.start_date],
    ['prepare', tried.start_date, tried.code_at],
    ['run', tried.code_at ?? tried.start_date, tried.end_date]
  ];
  const last = moments.filter(([, from]) => from !== null).at(-1);
  return moments.flatMap(moment => {
    const [kind, from, to] = moment;
    if (from === null || (to === null && (moment !== last || tried.end_date !== null))) {
      return [];
    }
    const start = Date.parse(from);
    const end = Math.max(start, to === null ? now : Date.parse(to));
    return [{ kind, from: start, to: end, isOpen: to === null }];
  });
}

export interface IBar {
  left: number;
  width: number;
  /** It is longer than there is room for. */
  isCut: boolean;
}

/**
 * Where a step's bar stands, in percent. What was before the try may have taken days; it gets as
 * much room as the try at most.
 */
export function barOf(step: IStep, steps: readonly IStep[]): IBar {
  const own = steps.filter(({ kind }) => kind !== 'before');
  const [first] = own.length > 0 ? own : steps;
  const start = first?.from ?? step.from;
  const end = Math.max(...steps.map(({ to }) => to));
  const room = own.length > 0 ? end - start || 1 : Infinity;
  const left = Math.max(Math.min(...steps.map(({ from }) => from)), start - room);
  const span = end - left || 1;
  const from = Math.max(step.from, left);
  return {
    left: (100 * (from - left)) / span,
    width: (100 * (step.to - from)) / span,
    isCut: step.from < left
  };
}

/** Why a try did not begin earlier. */
export type Before = 'first' | 'retry' | 'clear' | 'again';

/**
 * What was before a try: its run, a try that failed and was tried again, or one that was cleared.
 * A clear gives a task all its tries anew, so `max_tries` tells after which the last clear came.
 */
export function beforeOf(tryNumber: number, panel: ITaskPanel): Before {
  const former = panel.tries.find(({ try_number: n }) => n === tryNumber - 1);
  if (tryNumber === 1) {
    return 'first';
  }
  const cleared = panel.task ? panel.cell.max_tries - panel.task.retries - 1 : 0;
  if (former?.state === 'failed' && tryNumber - 1 !== cleared) {
    return tryNumber - 1 > cleared ? 'retry' : 'again';
  }
  return former ? 'clear' : 'again';
}

/** What a step is called. A try in `state` deferred has no process, and waits. */
export function stepLabel(step: IStep, before: Before, state: string, trans: ITrans): string {
  switch (step.kind) {
    case 'before':
      return beforeLabel(before, trans);
    case 'slot':
      return trans.__('Waited for a slot');
    case 'process':
      return trans.__('Process started');
    case 'prepare':
      return trans.__('Code loaded, templates filled in');
    case 'run':
      return step.isOpen && PAUSED.has(state)
        ? trans.__('Ran, and waits now without a slot')
        : trans.__('Ran');
  }
}

const PAUSED = new Set(['deferred', 'up_for_reschedule']);

function beforeLabel(before: Before, trans: ITrans): string {
  switch (before) {
    case 'first':
      return trans.__('Waited for earlier tasks');
    case 'retry':
      return trans.__('Waited to try again');
    case 'clear':
      return trans.__('Was over, until somebody cleared it');
    case 'again':
      return trans.__('Waited to run again');
  }
}

/** "06:00:01 – 06:00:03"; with the dates where these are two days, "since …" while it goes on. */
export function stepTimes(step: IStep, trans: ITrans, isExact = false): string {
  const start = new Date(step.from).toISOString();
  const end = new Date(step.to).toISOString();
  const isShort = !isExact && isSameDay(start, end);
  const [from, to] = [start, end].map(moment =>
    isShort ? preciseClock(moment) : formatTime(moment, undefined, true)
  );
  if (step.isOpen) {
    return trans.__('since %1', from ?? '');
  }
  return from === to ? (from ?? '') : `${from} – ${to}`;
}

/** A duration that may be very short: "12 ms". */
export function preciseDuration(milliseconds: number, trans: ITrans): string {
  return milliseconds < 1000
    ? trans.__('%1 ms', Math.round(milliseconds))
    : formatDuration(milliseconds / 1000, trans);
}
