import { expect, test } from 'vitest';

import { knownState, sortedCounts, stateIcon, stateLabel, worstState } from '../../logic/states';
import { plainTrans } from '../../logic/trans';

test.each([
  [['success', 'success'], 'success'],
  [['success', 'running', 'failed'], 'failed'],
  [['upstream_failed', 'running'], 'upstream_failed'],
  [['none', 'scheduled'], 'scheduled'],
  [['skipped', 'success'], 'success'],
  [[], 'none']
])('of %j a person looks at %s', (states, worst) => {
  expect(worstState(states)).toBe(worst);
});

test('counts start with what needs a person and leave out zeroes', () => {
  expect(sortedCounts({ success: 3, failed: 1, queued: 0, running: 2 })).toEqual([
    ['failed', 1],
    ['running', 2],
    ['success', 3]
  ]);
});

test('a state of a newer server is shown by its own name', () => {
  expect(stateLabel('restarting', plainTrans)).toBe('restarting');
  expect(knownState('restarting')).toBe('none');
  expect(stateIcon('restarting')).toBe('dash');
});
