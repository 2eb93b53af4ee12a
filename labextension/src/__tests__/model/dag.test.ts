import { describe, expect, it } from 'vitest';

import { DagModel } from '../../model/dag';
import {
  aCell,
  aColumn,
  aDag,
  aLiveSession,
  aPanel,
  aProblem,
  aRun,
  aStructure,
  aTask,
  FakeServer,
  until
} from '../helpers';

async function open(columns = [aColumn(1)]): Promise<{ server: FakeServer; dag: DagModel }> {
  const server = new FakeServer({
    'views/dags/sales': aDag('sales', { recent_runs: columns.map(column => column.run) }),
    'views/dags/sales/grid': { dag_id: 'sales', runs: columns, before: null },
    'views/dags/sales/structure': {
      dag_id: 'sales',
      version: 1,
      versions: 1,
      tasks: [aTask('load')],
      doc_md: null,
      orientation: 'LR',
      created_at: '2026-11-01T00:00:00Z'
    },
    'views/dags/sales/runs/run-1/tasks/load': aPanel()
  });
  const dag = new DagModel(await aLiveSession(server), 'sales');
  await dag.load();
  return { server, dag };
}

describe('the page of a DAG', () => {
  it('fills the grid from events', async () => {
    const { server, dag } = await open();
    const started = {
      dag_id: 'sales',
      run: aRun(2, { state: 'running' }),
      tasks: [aCell('load', 'queued')]
    };
    server.socket.push('run', started, { id: 11, dag_id: 'sales' });
    const ended = { dag_id: 'sales', run: aRun(2), tasks: [aCell('load')] };
    server.socket.push('run', ended, { id: 12, dag_id: 'sales' });
    expect(dag.runs.find('run-2')?.tasks.map(cell => cell.state)).toEqual(['success']);
  });

  it('knows by what names people call the DAG and its tasks, once they are loaded', async () => {
    const { server, dag } = await open();
    expect([dag.name, dag.taskName('load')]).toEqual(['sales', 'load']);
    server.set('views/dags/sales', aDag('sales', { dag_display_name: 'Sales' }));
    server.set(
      'views/dags/sales/structure',
      aStructure([aTask('load', [], { task_display_name: 'Load all files' })])
    );
    await dag.row.load();
    await dag.structure(null).load();
    expect([dag.name, dag.taskName('load')]).toEqual(['Sales', 'Load all files']);
    expect(dag.taskName('gone')).toBe('gone');
  });

  it('colours the graph by the newest run until another is selected', async () => {
    const { dag } = await open([aColumn(1), aColumn(2)]);
    expect(dag.shownRun?.run.id).toBe(2);
    dag.go({ runId: 'run-1' });
    expect(dag.shownRun?.run.id).toBe(1);
  });

  it('opens the task of a started run when it is the only one', async () => {
    const { server, dag } = await open();
    dag.showRun('run-2');
    expect(dag.place.taskId).toBeNull();
    const event = { dag_id: 'sales', run: aRun(2), tasks: [aCell('load', 'queued')] };
    server.socket.push('run', event, { id: 11, dag_id: 'sales' });
    await until(() => dag.place.taskId === 'load');
  });

  it('shows a started run of several tasks as a whole', async () => {
    const { server, dag } = await open();
    dag.showRun('run-2');
    const run = aRun(2, { task_counts: { none: 3, queued: 1 } });
    const event = { dag_id: 'sales', run, tasks: [aCell('load', 'queued')] };
    server.socket.push('run', event, { id: 11, dag_id: 'sales' });
    await until(() => dag.runs.find('run-2') !== undefined);
    expect(dag.place).toMatchObject({ runId: 'run-2', taskId: null });
  });

  it('keeps the selected task up to date', async () => {
    const { server, dag } = await open();
    dag.go({ runId: 'run-1', taskId: 'load' });
    await until(() => dag.task?.status === 'ready');
    const event = { dag_id: 'sales', run: aRun(1), tasks: [aCell('load', 'failed')] };
    server.socket.push('run', event, { id: 11, dag_id: 'sales' });
    expect(dag.task?.value?.cell.state).toBe('failed');
    await until(() => server.paths().filter(path => path.endsWith('tasks/load')).length === 2);
  });

  it('asks again for a task that changed while it was being loaded', async () => {
    const { server, dag } = await open();
    dag.go({ runId: 'run-1', taskId: 'load' });
    const event = { dag_id: 'sales', run: aRun(1), tasks: [aCell('load', 'failed')] };
    server.socket.push('run', event, { id: 11, dag_id: 'sales' });
    await until(() => server.paths().filter(path => path.endsWith('tasks/load')).length === 2);
  });

  it('shows runs of a backfill, which are older than those before', async () => {
    const { server, dag } = await open();
    const event = { dag_id: 'sales', run: aRun(29, { execution_date: '2026-10-01T06:00:00Z' }) };
    server.socket.push('run', { ...event, tasks: [] }, { id: 11, dag_id: 'sales' });
    expect(dag.runs.runs.map(({ run }) => run.id)).toEqual([29, 1]);
  });

  it('takes a deleted run away and keeps the others', async () => {
    const { server, dag } = await open();
    server.socket.push('run', { dag_id: 'sales', run: aRun(2), tasks: [] }, { dag_id: 'sales' });
    const asked = server.requests.length;
    const gone = { dag_id: 'sales', run_id: 'run-1', key: 1 };
    server.socket.push('deleted', gone, { id: 12, dag_id: 'sales' });
    expect(dag.runs.runs.map(({ run }) => run.id)).toEqual([2]);
    expect(server.paths().slice(asked)).not.toContain('views/dags/sales/grid');
  });

  it('hands on what the server says about a run id that is taken', async () => {
    const { server, dag } = await open();
    server.set('POST dags/sales/dagRuns', aProblem(409, 'run-exists', 'There is such a run.'));
    await expect(dag.trigger({ conf: {} })).rejects.toThrow('There is such a run.');
  });

  it('loads again what may be out of date after events were missed', async () => {
    const { server } = await open();
    const before = server.requests.length;
    server.socket.push('reset', {});
    await until(() => server.requests.length >= before + 2);
    expect(server.paths().slice(before)).toContain('views/dags/sales/grid');
  });
});
