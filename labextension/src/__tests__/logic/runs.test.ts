import { describe, expect, it } from 'vitest';

import {
  applyRunEvent,
  barHeights,
  endReason,
  prependRuns,
  runSummary,
  tasksToLookAt,
  upsertRun
} from '../../logic/runs';
import { plainTrans } from '../../logic/trans';
import { aCell, aColumn, aRun } from '../helpers';

const ids = (runs: { id: number }[]): number[] => runs.map(run => run.id);

describe('upsertRun', () => {
  it('replaces a run in its place', () => {
    const runs = upsertRun([aRun(1), aRun(2)], aRun(1, { state: 'failed' }), 14);
    expect(ids(runs)).toEqual([1, 2]);
    expect(runs[0]?.state).toBe('failed');
  });

  it('keeps the newest and the order of execution dates', () => {
    expect(ids(upsertRun([aRun(2), aRun(4)], aRun(3), 2))).toEqual([3, 4]);
  });
});

describe('applyRunEvent', () => {
  const runs = [aColumn(5, [aCell('a'), aCell('b', 'running')]), aColumn(6)];

  it('changes the cells that the event names and no others', () => {
    const event = {
      dag_id: 'd',
      run: aRun(5, { state: 'running' }),
      tasks: [aCell('b', 'failed')]
    };
    const [column] = applyRunEvent(runs, event, false);
    expect(column?.tasks.map(cell => cell.state)).toEqual(['success', 'failed']);
    expect(column?.run.state).toBe('running');
  });

  it('turns the one cell of a mapped task into its instances', () => {
    const waiting = [aColumn(5, [aCell('m', 'none')])];
    const instances = [0, 1].map(map_index => aCell('m', 'running', { map_index }));
    const [column] = applyRunEvent(waiting, { dag_id: 'd', run: aRun(5), tasks: instances }, false);
    expect(column?.tasks.map(cell => [cell.map_index, cell.state])).toEqual([
      [0, 'running'],
      [1, 'running']
    ]);
  });

  it('adds a new run at the right', () => {
    const after = applyRunEvent(runs, { dag_id: 'd', run: aRun(7), tasks: [] }, false);
    expect(ids(after.map(column => column.run))).toEqual([5, 6, 7]);
  });

  it('leaves out a run that is older than those loaded, while there are more of these', () => {
    const event = { dag_id: 'd', run: aRun(1), tasks: [] };
    expect(applyRunEvent(runs, event, true)).toBe(runs);
    expect(ids(applyRunEvent(runs, event, false).map(column => column.run))).toEqual([1, 5, 6]);
  });

  it('starts an empty grid', () => {
    expect(applyRunEvent([], { dag_id: 'd', run: aRun(1), tasks: [] }, false)).toHaveLength(1);
  });
});

it('puts older runs in front without doubles', () => {
  const all = prependRuns([aColumn(1), aColumn(2)], [aColumn(2), aColumn(3)]);
  expect(ids(all.map(column => column.run))).toEqual([1, 2, 3]);
});

it('scales bars to the longest run and keeps short ones visible', () => {
  const short = aRun(1, { end_date: '2026-11-02T06:00:00Z' });
  expect(barHeights([short, aRun(2)], Date.now())).toEqual([0.12, 1]);
});

it('sums runs up with the failed ones first', () => {
  const runs = [aRun(1), aRun(2, { state: 'failed' }), aRun(3)];
  expect(runSummary(runs, plainTrans)).toBe('1 failed · 2 ok');
  expect(runSummary([], plainTrans)).toBe('');
});

it('offers failed tasks before running ones, and no more than eight', () => {
  const cells = Array.from({ length: 9 }, (_, index) => aCell(`run-${index}`, 'running'));
  const tasks = tasksToLookAt(aColumn(1, [...cells, aCell('bad', 'failed'), aCell('ok')]));
  expect(tasks).toHaveLength(8);
  expect(tasks[0]?.task_id).toBe('bad');
});

describe('endReason', () => {
  it('speaks only when no task tells what went wrong', () => {
    const reason = (given: string | null): string | null =>
      endReason(aRun(1, { reason: given }), plainTrans);
    expect(reason('all_tasks_deadlocked')).toBe('Nothing that was left could ever run');
    expect(reason('dagrun_timeout')).toBe('It took longer than its dagrun_timeout');
    expect(reason('task_failure')).toBeNull();
    expect(reason(null)).toBeNull();
  });
});
