import { describe, expect, it } from 'vitest';

import {
  barOf,
  beforeOf,
  type IStep,
  preciseDuration,
  stepLabel,
  stepsOf,
  stepTimes
} from '../../logic/tryTimeline';
import { plainTrans as trans } from '../../logic/trans';
import { aCell, aPanel, aTaskSpec, aTry } from '../helpers';

const AT = Date.parse('2026-11-22T06:00:00Z');
const at = (seconds: number) => new Date(AT + 1000 * seconds).toISOString();

describe('the steps of a try', () => {
  it('tile the time from due to end', () => {
    const tried = aTry(1, {
      ready_at: at(60),
      queued_at: at(61),
      start_date: at(62),
      code_at: at(63),
      end_date: at(70)
    });
    const steps = stepsOf(tried, at(0), AT);
    expect(steps.map(({ kind, from, to }) => [kind, (to - from) / 1000])).toEqual([
      ['before', 60],
      ['slot', 1],
      ['process', 1],
      ['prepare', 1],
      ['run', 7]
    ]);
    expect(steps.slice(-1).map(step => barOf(step, steps))).toEqual([
      { left: 65, width: 35, isCut: false }
    ]);
    // A long wait gets as much room as the try.
    expect(barOf(steps[0] as IStep, steps)).toEqual({ left: 0, width: 50, isCut: true });
  });

  it('leave out what was not recorded', () => {
    const tried = aTry(1, {
      ready_at: null,
      queued_at: at(1),
      start_date: at(2),
      code_at: null,
      end_date: at(5)
    });
    expect(stepsOf(tried, at(0), AT).map(({ kind }) => kind)).toEqual(['process', 'run']);
  });

  it('grow while the try runs', () => {
    const tried = aTry(1, {
      ready_at: at(0),
      queued_at: at(0),
      start_date: at(1),
      code_at: null,
      end_date: null
    });
    const last = stepsOf(tried, at(0), AT + 9000).slice(-1);
    expect(last.map(({ kind, isOpen, from, to }) => [kind, isOpen, to - from])).toEqual([
      ['run', true, 8000]
    ]);
  });

  it('never go backwards when clocks differ', () => {
    const tried = aTry(1, {
      ready_at: at(2),
      queued_at: at(1),
      start_date: at(3),
      end_date: at(4)
    });
    expect(stepsOf(tried, null, AT).every(({ from, to }) => to >= from)).toBe(true);
  });
});

it('shows short stretches in milliseconds', () => {
  expect([preciseDuration(12.4, trans), preciseDuration(2400, trans)]).toEqual(['12 ms', '2.4 s']);
});

describe('what was before a try', () => {
  const panel = (maxTries: number, retries: number, states: string[]) =>
    aPanel({
      task: aTaskSpec('load', { retries }),
      cell: aCell('load', 'success', { max_tries: maxTries }),
      tries: states.map((state, index) => aTry(index + 1, { state }))
    });

  it.each([
    ['first', 1, panel(1, 0, ['success'])],
    ['retry', 2, panel(2, 1, ['failed', 'success'])],
    ['clear', 2, panel(3, 1, ['success', 'success'])],
    ['clear', 2, panel(2, 0, ['failed', 'success'])],
    ['retry', 3, panel(3, 1, ['success', 'failed', 'success'])],
    // Cleared twice: whether a try before the last clear was a retry, nobody knows.
    ['again', 2, panel(4, 1, ['failed', 'failed', 'success'])]
  ])('was %s for try %i', (before, tryNumber, shown) => {
    expect(beforeOf(tryNumber, shown)).toBe(before);
  });
});

describe('the words for a step', () => {
  const run = { kind: 'run' as const, from: AT, to: AT + 61_000, isOpen: true };

  it('tell a deferred try from one that runs', () => {
    expect(stepLabel(run, 'first', 'deferred', trans)).toBe('Ran, and waits now without a slot');
    expect(stepLabel(run, 'first', 'running', trans)).toBe('Ran');
  });

  it('name the times, with the dates where these are two days', () => {
    expect(stepTimes({ ...run, isOpen: false }, trans)).toMatch(/^\d\d:00:00 – \d\d:01:01$/);
    expect(stepTimes(run, trans)).toMatch(/^since \d\d:00:00$/);
    const long = { ...run, isOpen: false, to: AT + 2 * 86_400_000 };
    expect(stepTimes(long, trans)).toMatch(/22, 2026.* – .*24, 2026/);
  });
});
