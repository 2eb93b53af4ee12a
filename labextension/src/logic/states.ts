import type { ITrans } from '../tokens';

/** Names of icons in `components/common/Icon`. */
export type StateIcon =
  | 'check'
  | 'play'
  | 'cross'
  | 'broken-link'
  | 'retry'
  | 'clock'
  | 'hourglass'
  | 'dot'
  | 'skip'
  | 'dash';

interface IStateLook {
  icon: StateIcon;
  /** Rank in summaries: what needs a person comes first. */
  rank: number;
}

/** Every state of a task instance or run; the colours are `--jp-hubflow-state-*` in style/states.css. */
const LOOKS: Record<string, IStateLook> = {
  failed: { icon: 'cross', rank: 0 },
  upstream_failed: { icon: 'broken-link', rank: 1 },
  up_for_retry: { icon: 'retry', rank: 2 },
  running: { icon: 'play', rank: 3 },
  queued: { icon: 'hourglass', rank: 4 },
  up_for_reschedule: { icon: 'clock', rank: 5 },
  deferred: { icon: 'clock', rank: 6 },
  scheduled: { icon: 'dot', rank: 7 },
  success: { icon: 'check', rank: 8 },
  skipped: { icon: 'skip', rank: 9 },
  removed: { icon: 'dash', rank: 10 },
  none: { icon: 'dash', rank: 11 }
};
const UNKNOWN: IStateLook = { icon: 'dash', rank: 12 };

export const FINISHED: ReadonlySet<string> = new Set([
  'success',
  'failed',
  'upstream_failed',
  'skipped',
  'removed'
]);

export function stateIcon(state: string): StateIcon {
  return (LOOKS[state] ?? UNKNOWN).icon;
}

/** The state as one or two words. */
export function stateLabel(state: string, trans: ITrans): string {
  const words: Record<string, string> = {
    success: trans.__('success'),
    running: trans.__('running'),
    failed: trans.__('failed'),
    upstream_failed: trans.__('upstream failed'),
    up_for_retry: trans.__('up for retry'),
    up_for_reschedule: trans.__('waiting'),
    deferred: trans.__('deferred'),
    queued: trans.__('queued'),
    scheduled: trans.__('scheduled'),
    skipped: trans.__('skipped'),
    removed: trans.__('removed'),
    none: trans.__('not started')
  };
  return words[state] ?? state;
}

/** Value of the attribute `data-state`, which style/states.css reads. */
export function knownState(state: string): string {
  return state in LOOKS ? state : 'none';
}

/** The state that stands for several: the one that needs a person most; "none" for no states. */
export function worstState(states: Iterable<string>): string {
  let worst = 'none';
  for (const state of states) {
    if ((LOOKS[state] ?? UNKNOWN).rank < (LOOKS[worst] ?? UNKNOWN).rank) {
      worst = state;
    }
  }
  return worst;
}

/** Counts by state as [state, count], those that need a person first, without zeroes. */
export function sortedCounts(counts: Record<string, number>): [string, number][] {
  return Object.entries(counts)
    .filter(([, count]) => count > 0)
    .sort(([a], [b]) => (LOOKS[a] ?? UNKNOWN).rank - (LOOKS[b] ?? UNKNOWN).rank);
}
