import { render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';

import type { ITouched } from '../../api/types';
import { ChangeTask } from '../../panels/changeTask';
import { aLiveSession, FakeServer } from '../helpers';

const CLEAR = 'POST dags/sales/clearTaskInstances';
const MARK = 'POST dags/sales/updateTaskInstancesState';

function touched(...taskIds: string[]): ITouched {
  return {
    task_instances: taskIds.map(task_id => ({
      task_id,
      dag_id: 'sales',
      dag_run_id: 'r',
      execution_date: '2026-11-20T06:00:00Z',
      map_index: -1,
      state: 'failed',
      change: 'cleared'
    })),
    total_entries: taskIds.length,
    dag_runs: taskIds.length ? 1 : 0
  };
}

async function show(server: FakeServer, permissions?: string[]): Promise<void> {
  const session = await aLiveSession(server, permissions);
  render(<ChangeTask session={session} dagId="sales" runId="r" taskId="load" />);
}

function bodies(server: FakeServer): unknown[] {
  return server.requests.filter(item => item.method === 'POST').map(item => item.body);
}

describe('clearing a task', () => {
  it('says first what it touches, then what it did', async () => {
    const server = new FakeServer({ [CLEAR]: touched('load', 'report') });
    await show(server);
    await userEvent.click(screen.getByRole('button', { name: 'Clear and run again' }));
    expect(await screen.findByText('This touches 2 task instances of 1 run:')).toBeTruthy();
    expect(screen.getByText('report')).toBeTruthy();
    expect(bodies(server)).toMatchObject([
      { dry_run: true, dag_run_id: 'r', task_ids: ['load'], include_downstream: true }
    ]);
    await userEvent.click(screen.getByRole('button', { name: 'Clear' }));
    expect((await screen.findByRole('status')).textContent).toBe(
      'Cleared: 2 task instances of 1 run.'
    );
    expect(bodies(server)[1]).toMatchObject({ dry_run: false, include_subdags: true });
  });

  it('lists anew when it reaches further', async () => {
    const server = new FakeServer({ [CLEAR]: touched('load') });
    await show(server);
    await userEvent.click(screen.getByRole('button', { name: 'Clear and run again' }));
    await screen.findByText('This touches 1 task instance of 1 run:');
    server.set(CLEAR, touched('load', 'load', 'load'));
    await userEvent.click(screen.getByRole('checkbox', { name: 'In later runs, too' }));
    expect(await screen.findByText(/3 task instances/)).toBeTruthy();
    expect(bodies(server)[1]).toMatchObject({ dry_run: true, include_future: true });
  });

  it('cannot be done when it touches nothing', async () => {
    const server = new FakeServer({ [CLEAR]: touched() });
    await show(server);
    await userEvent.click(screen.getByRole('button', { name: 'Clear and run again' }));
    await screen.findByText('This touches nothing.');
    await userEvent.click(screen.getByRole('button', { name: 'Clear' }));
    expect(bodies(server)).toHaveLength(1);
  });

  it('is not open to everybody', async () => {
    const server = new FakeServer({});
    await show(server, ['dags.read']);
    const button = screen.getByRole('button', { name: 'Clear and run again' });
    expect(button.title).toContain('runs.edit');
    await userEvent.click(button);
    expect(screen.queryByRole('dialog')).toBeNull();
  });
});

describe('marking a task', () => {
  it('is about this task alone unless one says more', async () => {
    const server = new FakeServer({ [MARK]: touched('load') });
    await show(server);
    await userEvent.click(screen.getByRole('button', { name: 'Mark' }));
    await userEvent.click(screen.getByRole('menuitem', { name: 'Mark as success' }));
    await screen.findByText('This touches 1 task instance of 1 run:');
    const dialog = within(screen.getByRole('dialog'));
    await userEvent.click(dialog.getByRole('button', { name: 'Mark' }));
    expect(bodies(server)[1]).toMatchObject({ dry_run: false });
    expect(bodies(server)[0]).toMatchObject({
      task_id: 'load',
      new_state: 'success',
      include_downstream: false
    });
  });

  it('shows why the server refused', async () => {
    const server = new FakeServer({ [MARK]: new Error('no network') });
    await show(server);
    await userEvent.click(screen.getByRole('button', { name: 'Mark' }));
    await userEvent.click(screen.getByRole('menuitem', { name: 'Mark as failed' }));
    expect((await screen.findByRole('alert')).textContent).toContain('Nothing was marked.');
  });
});
