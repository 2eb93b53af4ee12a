import { expect, test } from 'vitest';

import { instanceCounts, instancesMark, instancesText } from '../../logic/instances';
import { plainTrans } from '../../logic/trans';
import { aCell, aColumn } from '../helpers';

const COLUMN = aColumn(1, [
  aCell('list'),
  aCell('clean', 'success', { map_index: 0 }),
  aCell('clean', 'failed', { map_index: 1 }),
  aCell('clean', 'success', { map_index: 2 }),
  aCell('later', 'none')
]);

test('a mapped task shows how many instances it has in the run, and how they stand', () => {
  const counts = instanceCounts(COLUMN).get('clean');
  expect(instancesMark(counts)).toBe('×3');
  expect(instancesText(counts, plainTrans)).toBe('3 instances: 1 failed, 2 success');
});

test('nobody knows how many instances a task has before it expands', () => {
  const counts = instanceCounts(COLUMN).get('later');
  expect(instancesMark(counts)).toBe('[ ]');
  expect(instancesText(counts, plainTrans)).toContain('not known yet');
});
