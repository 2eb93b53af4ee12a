import { describe, expect, it } from 'vitest';

import { cellsById, gridRows, removedTasks, rowState } from '../../logic/treeGrid';
import { aCell, aColumn, aTask } from '../helpers';

const TASKS = ['extract', 'transform.clean', 'transform.deep.a', 'transform.join', 'load'].map(id =>
  aTask(id)
);

describe('lines of the grid', () => {
  it('stand in the order of the tasks, with a line above each group', () => {
    const rows = gridRows(TASKS, new Set());
    expect(rows.map(row => `${'  '.repeat(row.depth)}${row.label}`)).toEqual([
      'extract',
      'transform',
      '  clean',
      '  deep',
      '    a',
      '  join',
      'load'
    ]);
  });

  it('hide what is in a closed group', () => {
    const rows = gridRows(TASKS, new Set(['transform']));
    expect(rows.map(row => row.label)).toEqual(['extract', 'transform', 'load']);
  });

  it('show a group by the worst state of its tasks', () => {
    const [, group] = gridRows(TASKS, new Set());
    const cells = cellsById(
      aColumn(1, [aCell('transform.clean'), aCell('transform.deep.a', 'failed')])
    );
    expect(group && rowState(group, cells)).toBe('failed');
  });

  it('are empty where a run never had the task', () => {
    const [extract] = gridRows(TASKS, new Set());
    expect(extract && rowState(extract, new Map())).toBeUndefined();
  });

  it('end with tasks that only old runs have', () => {
    const rows = removedTasks(TASKS, [aColumn(1, [aCell('gone'), aCell('load')])]);
    expect(rows.map(row => row.key)).toEqual(['gone']);
  });
});
