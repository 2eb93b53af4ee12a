import { describe, expect, it } from 'vitest';

import { barOf, preciseDuration, stepsOf } from '../../logic/tryTimeline';
import { plainTrans as trans } from '../../logic/trans';
import { aTry } from '../helpers';

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
    expect(steps.slice(-1).map(step => barOf(step, steps))).toEqual([{ left: 30, width: 70 }]);
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
