import { describe, expect, it } from 'vitest';

import { gridRows, removedTasks, rowState } from '../../logic/treeGrid';
import { aCell, aColumn, aRun, aTask } from '../helpers';

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

  it('are called as their tasks, and tell the ids', () => {
    const tasks = [
      aTask('load', [], { task_display_name: 'Load all files' }),
      aTask('transform.clean'),
      aTask('transform.join', [], { task_display_name: 'Join' })
    ];
    expect(gridRows(tasks, new Set()).map(({ label, title }) => [label, title])).toEqual([
      ['Load all files', 'Load all files\nload'],
      ['transform', 'transform'],
      ['clean', 'transform.clean'],
      ['Join', 'Join\ntransform.join']
    ]);
  });

  it('hide what is in a closed group', () => {
    const rows = gridRows(TASKS, new Set(['transform']));
    expect(rows.map(row => row.label)).toEqual(['extract', 'transform', 'load']);
  });

  it('show a group by the worst state of its tasks', () => {
    const [, group] = gridRows(TASKS, new Set());
    const column = aColumn(1, [aCell('transform.clean'), aCell('transform.deep.a', 'failed')]);
    expect(group && rowState(group, column)).toBe('failed');
  });

  it('are empty where a run never had the task', () => {
    const [extract] = gridRows(TASKS, new Set());
    expect(extract && rowState(extract, aColumn(1))).toBeUndefined();
  });

  it('are not started where a run goes on that has not come to the task', () => {
    const [extract] = gridRows(TASKS, new Set());
    const column = { run: aRun(1, { state: 'running', end_date: null }), tasks: [] };
    expect(extract && rowState(extract, column)).toBe('none');
    const [gone] = removedTasks(TASKS, [aColumn(2, [aCell('gone')])]);
    expect(gone && rowState(gone, column)).toBeUndefined();
  });

  it('end with tasks that only old runs have', () => {
    const rows = removedTasks(TASKS, [aColumn(1, [aCell('gone'), aCell('load')])]);
    expect(rows.map(row => row.key)).toEqual(['gone']);
  });
});
