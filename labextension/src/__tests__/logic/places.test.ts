import { describe, expect, it } from 'vitest';

import { formatAddress, isInWorkspace, NOWHERE, parseAddress, START } from '../../logic/places';
import { failedCellIndex, resultPath } from '../../logic/results';

describe('addresses', () => {
  it('survive names with special characters', () => {
    const place = {
      tab: 'graph' as const,
      runId: 'manual__2026-11-22T11:27:37+00:00',
      taskId: 'a/b ü',
      mapIndex: 3,
      tryNumber: 2,
      view: 'xcom' as const,
      version: 4,
      comparedWith: 2
    };
    const address = { ...NOWHERE, dagId: 'sales & more/x', place };
    expect(parseAddress(formatAddress(address))).toEqual(address);
    const file = { ...NOWHERE, filePath: 'reports/a b?.py' };
    expect(parseAddress(formatAddress(file))).toEqual(file);
  });

  it('lead to the start when they make no sense', () => {
    for (const text of ['', '/', '/nonsense', '/dags/%E0%A4%A', '/dags/', '/files/']) {
      expect(parseAddress(text)).toEqual(NOWHERE);
    }
    expect(parseAddress('/dags/x/nonsense?view=nonsense').place).toEqual(START);
  });
});

it('knows the folder that scheduled runs can read', () => {
  expect(isInWorkspace('common_workspace/a.ipynb')).toBe(true);
  expect(isInWorkspace('common_workspace_2/a.ipynb')).toBe(false);
  expect(isInWorkspace('mine/common_workspace/a.ipynb')).toBe(false);
});

it('names the copy of an executed notebook so that every file system takes it', () => {
  const key = { dag_id: '../up', run_id: 'a:b+c', task_id: 'run it', try_number: 1 };
  expect(resultPath(key)).toBe('hubflow-results/-up/run-it.a-b-c.try1.ipynb');
});

it('finds the cell that failed by its output', () => {
  const cells = [
    {},
    { outputs: [{ output_type: 'stream' }] },
    { outputs: [{ output_type: 'error' }] }
  ];
  expect(failedCellIndex({ cells })).toBe(2);
  expect(failedCellIndex({ cells: [] })).toBeNull();
  expect(failedCellIndex(null)).toBeNull();
});
