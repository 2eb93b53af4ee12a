import type { ITry } from '../api/types';
import type { ITrans } from '../tokens';
import { formatDuration } from './time';

export type StepKind = 'before' | 'slot' | 'process' | 'prepare' | 'run';

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

/** Where a step's bar stands on an axis from the try's readiness to its end, in percent. */
export function barOf(step: IStep, steps: readonly IStep[]): { left: number; width: number } {
  const shown = steps.filter(({ kind }) => kind !== 'before');
  const start = Math.min(...shown.map(({ from }) => from));
  const span = Math.max(...shown.map(({ to }) => to)) - start || 1;
  return { left: (100 * (step.from - start)) / span, width: (100 * (step.to - step.from)) / span };
}

/** What a step is called. */
export function stepLabel(kind: StepKind, isFirstTry: boolean, trans: ITrans): string {
  switch (kind) {
    case 'before':
      return isFirstTry ? trans.__('Waited for earlier tasks') : trans.__('Waited to try again');
    case 'slot':
      return trans.__('Waited for a slot');
    case 'process':
      return trans.__('Process started');
    case 'prepare':
      return trans.__('Code loaded, templates filled in');
    case 'run':
      return trans.__('Ran');
  }
}

/** A duration that may be very short: "12 ms". */
export function preciseDuration(milliseconds: number, trans: ITrans): string {
  return milliseconds < 1000
    ? trans.__('%1 ms', Math.round(milliseconds))
    : formatDuration(milliseconds / 1000, trans);
}
