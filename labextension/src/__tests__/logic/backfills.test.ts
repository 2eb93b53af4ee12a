import { describe, expect, it } from 'vitest';

import type { IBackfill, IBackfillDates } from '../../api/types';
import { backfillBody, dateNotes, previewText, shownBackfills } from '../../logic/backfills';
import { plainTrans } from '../../logic/trans';

const NOW = Date.parse('2026-11-20T12:00:00Z');
const FORM = {
  from: '2026-11-01',
  to: '2026-11-10',
  reprocess: 'none' as const,
  isBackwards: false
};

function ask(
  change: Partial<typeof FORM>,
  zone = 'Europe/Berlin'
): ReturnType<typeof backfillBody> {
  return backfillBody('sales', zone, { ...FORM, ...change }, NOW, plainTrans);
}

describe('the request for a backfill', () => {
  it('means whole days in the time zone of the DAG', () => {
    expect(ask({})).toMatchObject({
      body: { from_date: '2026-10-31T23:00:00.000Z', to_date: '2026-11-10T22:59:59.999Z' }
    });
  });

  it('ends now when the last day is today', () => {
    expect(ask({ to: '2026-11-20' })).toMatchObject({
      body: { to_date: '2026-11-20T12:00:00.000Z' }
    });
  });

  it.each([
    [{ from: '' }, 'Choose the first and the last day.'],
    [{ to: '2026-10-01' }, 'The last day is before the first.'],
    [{ from: '2026-12-01', to: '2026-12-02' }, 'A backfill is for the past']
  ])('says what is wrong with %o', (change, problem) => {
    expect(ask(change)).toMatchObject({ problem: expect.stringContaining(problem) as string });
  });
});

function dates(backfills: IBackfillDates['backfills'], change = {}): IBackfillDates {
  return {
    backfills,
    total_entries: backfills.length,
    before_start: 0,
    unfinished: 0,
    ...change
  };
}

it('says which dates of a backfill may surprise', () => {
  expect(dateNotes(dates([]), plainTrans)).toEqual([]);
  const notes = dateNotes(dates([], { before_start: 2, unfinished: 1 }), plainTrans);
  expect(notes[0]).toMatch(/^2 dates are before the start date of the DAG/);
  expect(notes[1]).toMatch(/^The interval of the last date is not over yet/);
});

it('says how many runs a backfill makes, and what becomes of those that exist', () => {
  const actions = ['create', 'create', 'clear', 'leave'];
  const backfills = actions.map(action => ({
    logical_date: '2026-11-01T00:00:00Z',
    dag_run_id: null,
    state: null,
    action
  }));
  expect(previewText(dates(backfills), plainTrans)).toBe(
    '4 runs: 2 new, 1 cleared and run again, 1 left as they are.'
  );
});

it('shows backfills that are under way, and the newest for a day', () => {
  const one = (id: number, state: string, completed_at: string | null): IBackfill =>
    ({ id, state, completed_at, created_at: '2026-11-01T00:00:00Z' }) as IBackfill;
  const ids = (...backfills: IBackfill[]): number[] =>
    shownBackfills(backfills, NOW).map(({ id }) => id);
  const old = one(1, 'running', null);
  expect(ids(one(2, 'success', '2026-11-20T11:00:00Z'), old)).toEqual([2, 1]);
  expect(ids(one(2, 'success', '2026-11-10T11:00:00Z'), old)).toEqual([1]);
});
