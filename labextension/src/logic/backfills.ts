import type { IBackfill, IBackfillDates, ICreateBackfill } from '../api/types';
import type { ITrans } from '../tokens';
import { zonedToIso } from './time';

/** What a person fills in: days in the time zone of the DAG, both inclusive. */
export interface IBackfillForm {
  from: string;
  to: string;
  reprocess: 'none' | 'failed' | 'completed';
  isBackwards: boolean;
}

/** For how long one that is over is still shown. */
const NEWS_MS = 24 * 3_600_000;

/** The request, or what is wrong with the days. The last day ends now if it is today. */
export function backfillBody(
  dagId: string,
  timezone: string,
  form: IBackfillForm,
  now: number,
  trans: ITrans
): { body: ICreateBackfill } | { problem: string } {
  if (!form.from || !form.to) {
    return { problem: trans.__('Choose the first and the last day.') };
  }
  if (form.to < form.from) {
    return { problem: trans.__('The last day is before the first.') };
  }
  const from = zonedToIso(`${form.from}T00:00`, timezone);
  const end = Date.parse(zonedToIso(`${form.to}T23:59`, timezone)) + 59_999;
  if (Date.parse(from) > now) {
    return { problem: trans.__('A backfill is for the past; choose an earlier first day.') };
  }
  return {
    body: {
      dag_id: dagId,
      from_date: from,
      to_date: new Date(Math.min(end, now)).toISOString(),
      reprocess_behavior: form.reprocess,
      run_backwards: form.isBackwards
    }
  };
}

/** "14 runs: 9 new, 3 cleared and run again, 2 left as they are."; the progress counts them all. */
export function previewText({ backfills }: IBackfillDates, trans: ITrans): string {
  const count = (action: string): number => backfills.filter(date => date.action === action).length;
  const parts: [number, string][] = [
    [count('create'), trans.__('%1 new', count('create'))],
    [count('clear'), trans.__('%1 cleared and run again', count('clear'))],
    [count('take over'), trans.__('%1 under way taken over', count('take over'))],
    [count('leave'), trans.__('%1 left as they are', count('leave'))]
  ];
  const runs = trans._n('%1 run', '%1 runs', backfills.length);
  const words = parts.filter(([number]) => number > 0).map(([, text]) => text);
  return trans.__('%1: %2.', runs, words.join(', '));
}

/** What may surprise about the dates of a backfill, in sentences. */
export function dateNotes({ before_start, unfinished }: IBackfillDates, trans: ITrans): string[] {
  return [
    ...(before_start > 0
      ? [
          trans._n(
            '%1 date is before the start date of the DAG. A backfill runs it all the same.',
            '%1 dates are before the start date of the DAG. A backfill runs them all the same.',
            before_start
          )
        ]
      : []),
    ...(unfinished > 0
      ? [
          trans.__(
            'The interval of the last date is not over yet. The backfill runs it now, so the schedule leaves it out later.'
          )
        ]
      : [])
  ];
}

export function isUnderWay(backfill: IBackfill): boolean {
  return backfill.state === 'queued' || backfill.state === 'running';
}

/** Those that are worth a line: under way, or the newest if it ended within a day. */
export function shownBackfills(backfills: IBackfill[], now: number): IBackfill[] {
  return backfills.filter(
    (backfill, index) =>
      isUnderWay(backfill) ||
      (index === 0 && now - Date.parse(backfill.completed_at ?? backfill.created_at) < NEWS_MS)
  );
}
