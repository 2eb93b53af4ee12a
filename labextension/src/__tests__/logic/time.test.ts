import { describe, expect, it, test } from 'vitest';

import {
  dueTime,
  formatDuration,
  isoToZoned,
  relativeTime,
  secondsBetween,
  zonedToIso
} from '../../logic/time';
import { plainTrans } from '../../logic/trans';

const NOW = Date.parse('2026-11-22T12:00:00Z');

test.each([
  [0.04, '40 ms'],
  [9.94, '9.9 s'],
  [9.96, '10 s'],
  [59.4, '59 s'],
  [252, '4 min 12 s'],
  [3600, '1 h 0 min'],
  [11_520, '3 h 12 min'],
  [187_200, '2 d 4 h']
])('%d seconds read "%s"', (seconds, text) => {
  expect(formatDuration(seconds, plainTrans)).toBe(text);
});

test.each([
  ['2026-11-22T12:00:02Z', 'now'],
  ['2026-11-22T11:59:58Z', 'just now'],
  ['2026-11-22T12:00:30Z', 'in 30 s'],
  ['2026-11-22T11:55:00Z', '5 min ago'],
  ['2026-11-22T15:12:00Z', 'in 3 h 12 min'],
  ['2026-11-22T14:59:59Z', 'in 3 h'],
  ['2026-11-24T12:00:00Z', 'in 2 days'],
  ['2026-11-21T12:00:00Z', '1 day ago']
])('%s is "%s"', (iso, text) => {
  expect(relativeTime(iso, NOW, plainTrans)).toBe(text);
});

describe('wall clocks', () => {
  it('reads a local time in its zone, in winter and in summer', () => {
    expect(zonedToIso('2026-11-23T06:00', 'Europe/Berlin')).toBe('2026-11-23T05:00:00.000Z');
    expect(zonedToIso('2026-07-01T06:00', 'Europe/Berlin')).toBe('2026-07-01T04:00:00.000Z');
  });

  it('is the reverse of reading a moment, also next to a change of the clock', () => {
    for (const local of ['2026-03-29T01:59', '2026-03-29T03:00', '2026-10-25T03:30']) {
      expect(isoToZoned(Date.parse(zonedToIso(local, 'Europe/Berlin')), 'Europe/Berlin')).toBe(
        local
      );
    }
  });

  it('shows a due time in the zone of its schedule', () => {
    expect(dueTime('2026-11-23T05:00:00Z', 'Europe/Berlin')).toContain('06:00');
  });

  it('names the year of a due time only when it is another one', () => {
    const now = Date.parse('2026-11-22T12:00:00Z');
    expect(dueTime('2026-12-01T11:00:00Z', 'UTC', now)).not.toContain('2026');
    expect(dueTime('2027-10-01T11:00:00Z', 'UTC', now)).toContain('2027');
  });
});

it('counts no seconds without both ends', () => {
  expect(secondsBetween(null, '2026-11-22T12:00:00Z')).toBeNull();
  expect(secondsBetween('2026-11-22T12:00:00Z', '2026-11-22T12:00:03Z')).toBe(3);
});
