import { describe, expect, it } from 'vitest';

import type { IDagRow } from '../../api/types';
import { DagListModel } from '../../model/dags';
import type { Session } from '../../model/session';
import { aCell, aDag, aLiveSession, aProblem, aRun, FakeServer, until } from '../helpers';

interface IOpened {
  server: FakeServer;
  session: Session;
  model: DagListModel;
}

async function open(dags: IDagRow[], nextPage: string | null = null): Promise<IOpened> {
  const page = { dags, next_page: nextPage, total_entries: dags.length, ...NONE };
  const server = new FakeServer({ 'views/dags': page });
  const session = await aLiveSession(server);
  const model = new DagListModel(session);
  await model.load();
  return { server, session, model };
}

const NONE = { paused_count: 0, hidden_count: 0, new_count: 0 };
const ids = (model: DagListModel): string[] => model.rows.map(row => row.dag_id);

describe('the list of DAGs', () => {
  it('shows a run as soon as its event comes, without asking again', async () => {
    const { server, model } = await open([aDag('a', { recent_runs: [aRun(1)] })]);
    const asked = server.requests.length;
    const run = aRun(2, { state: 'running', run_type: 'manual' });
    server.socket.push('run', { dag_id: 'a', run, tasks: [] }, { id: 11, dag_id: 'a' });
    expect(model.rows[0]?.recent_runs.map(item => item.state)).toEqual(['success', 'running']);
    expect(server.requests).toHaveLength(asked);
  });

  it('asks for the row when a schedule fired, because the next time has changed', async () => {
    const { server, model } = await open([aDag('a')]);
    server.set('views/dags/a', aDag('a', { next_due_at: '2026-11-24T06:00:00Z' }));
    server.socket.push('run', { dag_id: 'a', run: aRun(1), tasks: [] }, { id: 11, dag_id: 'a' });
    await until(() => model.rows[0]?.next_due_at !== null);
  });

  it('shows the cells of a running notebook until it ends', async () => {
    const { server, model } = await open([aDag('a')]);
    const progress = {
      dag_id: 'a',
      run_id: 'run-1',
      task_id: 'nb',
      try_number: 1,
      done: 3,
      total: 7,
      text: ''
    };
    server.socket.push('progress', progress, { dag_id: 'a' });
    expect(model.rows[0]?.progress?.done).toBe(3);
    const event = { dag_id: 'a', run: aRun(1), tasks: [aCell('nb')] };
    server.socket.push('run', event, { id: 11, dag_id: 'a' });
    expect(model.rows[0]?.progress).toBeNull();
  });

  it('adds a new DAG in order and removes one that is gone', async () => {
    const { server, model } = await open([aDag('a'), aDag('c')]);
    server.set('views/dags/b', aDag('b'));
    server.socket.push('dag', { dag_id: 'b', change: 'added' }, { id: 11, dag_id: 'b' });
    await until(() => model.rows.length === 3);
    expect(ids(model)).toEqual(['a', 'b', 'c']);
    server.socket.push('dag', { dag_id: 'a', change: 'removed' }, { id: 12, dag_id: 'a' });
    expect(ids(model)).toEqual(['b', 'c']);
  });

  it('shows a new DAG that is off, and hides one that somebody has switched off', async () => {
    const { server, model } = await open([aDag('a')]);
    server.set('views/dags/b', aDag('b', { is_paused: true, is_new: true }));
    server.set('views/dags/c', aDag('c', { is_paused: true }));
    const counted = { dags: [], next_page: null, total_entries: 2, ...NONE, paused_count: 2 };
    server.set('views/dags', counted);
    server.socket.push('dag', { dag_id: 'b', change: 'added' }, { id: 11, dag_id: 'b' });
    server.socket.push('dag', { dag_id: 'c', change: 'changed' }, { id: 12, dag_id: 'c' });
    await until(() => model.pausedCount === 2);
    expect(ids(model)).toEqual(['a', 'b']);
  });

  it('shows one that is off as soon as it runs, and none of another page', async () => {
    const { server, model } = await open([aDag('a'), aDag('c')], 'c');
    const run = aRun(1, { state: 'queued', end_date: null });
    for (const dagId of ['b', 'z']) {
      server.set(`views/dags/${dagId}`, aDag(dagId, { is_paused: true, recent_runs: [run] }));
      server.socket.push('run', { dag_id: dagId, run, tasks: [] }, { id: 11, dag_id: dagId });
    }
    await until(() => model.rows.length === 3);
    expect(ids(model)).toEqual(['a', 'b', 'c']);
    expect(server.paths()).not.toContain('views/dags/z');
  });

  it('counts a new DAG no longer when it is switched on', async () => {
    const { server, model } = await open([aDag('a', { is_paused: true, recent_runs: [] })]);
    model.newCount = 1;
    server.set('PATCH dags/a', {});
    await model.setPaused('a', false);
    expect(model.newCount).toBe(0);
  });

  it('leaves a new DAG out that belongs on a page not loaded yet', async () => {
    const { server, model } = await open([aDag('a')], 'a');
    server.set('views/dags/z', aDag('z'));
    server.socket.push('dag', { dag_id: 'z', change: 'added' }, { id: 11, dag_id: 'z' });
    await until(() => server.paths().includes('views/dags/z'));
    expect(ids(model)).toEqual(['a']);
  });

  it('keeps a DAG on the screen that has just been switched off', async () => {
    const { server, model } = await open([aDag('a')]);
    server.set('views/dags/a', aDag('a', { is_paused: true }));
    server.socket.push('dag', { dag_id: 'a', change: 'paused' }, { id: 11, dag_id: 'a' });
    await until(() => model.pausedCount === 1);
    expect(model.rows[0]?.is_paused).toBe(true);
  });

  it('counts a DAG that is switched on here once, and no longer as paused', async () => {
    const { server, model } = await open([aDag('a', { is_paused: true, is_new: true })]);
    model.pausedCount = 1;
    server.set('PATCH dags/a', {});
    server.set('views/dags/a', aDag('a'));
    await model.setPaused('a', false);
    expect(model.pausedCount).toBe(0);
    server.socket.push('dag', { dag_id: 'a', change: 'unpaused' }, { id: 11, dag_id: 'a' });
    await until(() => model.rows[0]?.is_new === false);
    expect(model.pausedCount).toBe(0);
  });

  it('moves the switch back when the server refuses', async () => {
    const { server, model } = await open([aDag('a')]);
    server.set('PATCH dags/a', aProblem(403, 'permission-denied', 'You may not do this.'));
    await model.setPaused('a', true);
    expect(model.rows[0]?.is_paused).toBe(false);
    expect(model.error?.message).toBe('You may not do this.');
  });

  it('loads the next page behind the first', async () => {
    const { server, model } = await open([aDag('a')], 'a');
    server.set('views/dags', {
      dags: [aDag('b')],
      next_page: null,
      total_entries: 2,
      ...NONE
    });
    await model.loadMore();
    expect(ids(model)).toEqual(['a', 'b']);
    expect(model.hasMore).toBe(false);
    expect(server.requests[server.requests.length - 1]?.query.get('page')).toBe('a');
  });

  it('does not lose an event that comes while the list is on its way', async () => {
    const { server, model } = await open([aDag('a', { recent_runs: [] })]);
    const loading = model.load();
    const event = { dag_id: 'a', run: aRun(1, { run_type: 'manual' }), tasks: [] };
    server.socket.push('run', event, { id: 11, dag_id: 'a' });
    await loading;
    expect(model.rows[0]?.recent_runs).toHaveLength(1);
  });

  it('says what went wrong and recovers', async () => {
    const { server, model } = await open([]);
    server.set('views/dags', aProblem(503, 'database-away', 'The database is away.'));
    await model.load();
    expect([model.status, model.error?.message]).toEqual(['error', 'The database is away.']);
    server.set('views/dags', {
      dags: [aDag('a')],
      next_page: null,
      total_entries: 1,
      ...NONE
    });
    await model.load();
    expect([model.status, model.error]).toEqual(['ready', null]);
  });
});
