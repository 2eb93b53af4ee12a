import { describe, expect, it } from 'vitest';

import type { ITaskInstanceReference, ITouched } from '../../api/types';
import { doneText, formerState, instanceName, takesBack } from '../../logic/changes';
import { plainTrans } from '../../logic/trans';
import { aCell, aColumn, aRun } from '../helpers';

const DATES = { start_date: '2026-11-20T06:00:00Z', end_date: '2026-11-20T06:01:00Z' };

function reference(change: Partial<ITaskInstanceReference> = {}): ITaskInstanceReference {
  return {
    task_id: 'load',
    dag_id: 'sales',
    dag_run_id: 'run-1',
    execution_date: '2026-11-20T06:00:00Z',
    map_index: -1,
    state: 'failed',
    change: 'marked_success',
    ...change
  };
}

function touched(...task_instances: ITaskInstanceReference[]): ITouched {
  return { task_instances, total_entries: task_instances.length, dag_runs: 1 };
}

describe('what a mark can be taken back to', () => {
  const over = [aColumn(1, [aCell('load', 'failed', DATES)])];

  it('is the state that all of it had, when that was over', () => {
    expect(formerState(touched(reference()), over)).toBe('failed');
  });

  it('is nothing when a task was cleared with it', () => {
    const cleared = reference({ task_id: 'report', change: 'cleared' });
    const runs = [aColumn(1, [aCell('load', 'failed', DATES), aCell('report', 'failed', DATES)])];
    expect(formerState(touched(reference(), cleared), runs)).toBeNull();
  });

  it.each([
    ['it never started', [aColumn(1, [aCell('load', 'failed')])], reference()],
    ['its run is not known', [], reference()],
    ['people cannot set its state', over, reference({ state: 'upstream_failed' })],
    ['it was under way', over, reference({ state: 'running' })],
    [
      'another run is under way',
      [...over, { run: aRun(2, { end_date: null }), tasks: [] }],
      reference()
    ]
  ])('is nothing when %s', (_, runs, one) => {
    expect(formerState(touched(one), runs)).toBeNull();
  });

  it('is nothing when states were mixed', () => {
    const other = reference({ task_id: 'report', state: 'skipped' });
    const runs = [aColumn(1, [aCell('load', 'failed', DATES), aCell('report', 'skipped', DATES)])];
    expect(formerState(touched(reference(), other), runs)).toBeNull();
  });
});

describe('taking a mark back', () => {
  const done = touched(reference(), reference({ task_id: 'report' }));
  const now = (change: Partial<ITaskInstanceReference>): ITouched =>
    touched(
      reference({ task_id: 'report', state: 'success', change: 'marked_failed' }),
      reference({ state: 'success', change: 'marked_failed', ...change })
    );

  it('is exact when it touches the same instances as the mark left them', () => {
    expect(takesBack(now({}), done, 'success')).toBe(true);
  });

  it('is not exact when one has changed since, is missing, or more would be cleared', () => {
    expect(takesBack(now({ state: 'running' }), done, 'success')).toBe(false);
    expect(takesBack(now({ change: 'cleared' }), done, 'success')).toBe(false);
    expect(takesBack(touched(...now({}).task_instances.slice(1)), done, 'success')).toBe(false);
  });
});

it('says what was done in one sentence', () => {
  const two = { ...touched(reference(), reference()), dag_runs: 2 };
  expect(doneText(two, 'clear', '', plainTrans)).toBe('Cleared 2 task instances of 2 runs.');
  const resumed = touched(reference(), reference({ change: 'cleared' }));
  expect(doneText(resumed, 'success', 'success', plainTrans)).toBe(
    'Marked 1 task instance as success. 1 that had failed below runs again.'
  );
});

it('names an instance of a mapped task with its index', () => {
  expect(instanceName({ task_id: 'load', map_index: -1 })).toBe('load');
  expect(instanceName({ task_id: 'shop.load', map_index: 0 })).toBe('shop.load [0]');
  expect(instanceName({ task_id: 'shop.load', map_index: 12 })).toBe('shop.load [12]');
});
