import { fireEvent, render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';

import type { ITaskInstanceReference, ITouched } from '../../api/types';
import { START } from '../../logic/places';
import { DagModel } from '../../model/dag';
import { DagPanel } from '../../panels/dagPanel';
import { aCell, aDag, aLiveSession, aPanel, aProblem, aRun, aTask, FakeServer } from '../helpers';

const CLEAR = 'POST dags/sales/clearTaskInstances';
const MARK = 'POST dags/sales/updateTaskInstancesState';
const RUN = 'dags/sales/dagRuns/run-1';
const DATES = { start_date: '2026-11-20T06:00:00Z', end_date: '2026-11-20T06:01:00Z' };

function touched(
  taskIds: string[],
  change: Partial<ITaskInstanceReference> = { change: 'cleared' }
): ITouched {
  return {
    task_instances: taskIds.map(task_id => ({
      task_id,
      dag_id: 'sales',
      dag_run_id: 'run-1',
      execution_date: '2026-11-20T06:00:00Z',
      map_index: -1,
      state: 'failed',
      change: 'cleared',
      ...change
    })),
    total_entries: taskIds.length,
    dag_runs: taskIds.length ? 1 : 0
  };
}

const MARKED = touched(['load'], { change: 'marked_success' });

interface IOpened {
  server: FakeServer;
  dag: DagModel;
}

async function open(answers = {}, permissions?: string[], place = START): Promise<IOpened> {
  const run = aRun(1, { task_counts: { success: 2, failed: 1 } });
  const server = new FakeServer({
    'views/dags/sales': aDag('sales'),
    'views/dags/sales/grid': {
      dag_id: 'sales',
      runs: [{ run, tasks: [aCell('load', 'failed', DATES)] }],
      before: null
    },
    'views/dags/sales/structure': {
      dag_id: 'sales',
      version: 1,
      versions: 1,
      tasks: [aTask('load')],
      params: [],
      doc_md: null,
      orientation: 'LR',
      created_at: '2026-11-01T00:00:00Z'
    },
    'views/dags/sales/runs/run-1/tasks/load': aPanel({ run }),
    ...answers
  });
  const dag = new DagModel(await aLiveSession(server, permissions), 'sales', place);
  render(<DagPanel dag={dag} onOpenNotebook={null} onOpenDag={vi.fn()} onFilterDags={vi.fn()} />);
  await dag.load();
  return { server, dag };
}

/** The menu of the only cell. */
async function cellMenu(): Promise<HTMLElement> {
  fireEvent.contextMenu(await screen.findByRole('gridcell'));
  return screen.getByRole('menu');
}

async function choose(name: string): Promise<void> {
  await userEvent.click(screen.getByRole('menuitem', { name }));
}

function bodies(server: FakeServer): unknown[] {
  return server.requests.filter(item => item.method === 'POST').map(item => item.body);
}

describe('the menu of a task in a run', () => {
  it('opens the log, what its templates became, or its XComs', async () => {
    const { dag } = await open({
      'dags/sales/dagRuns/run-1/taskInstances/load': { rendered_fields: { bash_command: 'echo 1' } }
    });
    await cellMenu();
    await choose('Rendered');
    expect(await screen.findByText('echo 1')).toBeTruthy();
    expect(dag.place).toMatchObject({ runId: 'run-1', taskId: 'load', view: 'rendered' });
  });

  it('is closed with Escape and gives the focus back', async () => {
    await open();
    (await screen.findByRole('grid')).focus();
    await userEvent.keyboard('{ContextMenu}');
    expect(document.activeElement?.textContent).toBe('Log');
    await userEvent.keyboard('{ArrowUp}');
    expect(document.activeElement?.textContent).toBe('Mark as skipped …');
    await userEvent.keyboard('{Escape}');
    expect(screen.queryByRole('menu')).toBeNull();
    expect(document.activeElement).toBe(screen.getByRole('grid'));
  });

  it('says to people without rights what they lack', async () => {
    await open({}, ['dags.read']);
    const menu = await cellMenu();
    const clear = within(menu).getByRole('menuitem', { name: 'Clear …' });
    expect(clear.title).toContain('runs.edit');
    await userEvent.click(clear);
    expect(screen.queryByRole('dialog')).toBeNull();
  });

  it('runs a task now, and says first what is against it', async () => {
    const { server } = await open({
      'views/dags/sales/runs/run-1/tasks/load/dependencies': {
        dependencies: [{ name: 'Dagrun Running', reason: 'the run is over' }]
      },
      [`POST ${RUN}/taskInstances/load/run`]: {}
    });
    await cellMenu();
    await choose('Run now …');
    expect(await screen.findByText('the run is over')).toBeTruthy();
    await userEvent.click(screen.getByRole('checkbox', { name: /Although it has succeeded/ }));
    await userEvent.click(screen.getByRole('button', { name: 'Run now' }));
    expect((await screen.findByRole('status')).textContent).toContain('load runs as soon as');
    expect(bodies(server)).toEqual([{ ignore_task_state: true }]);
  });
});

describe('clearing a task', () => {
  it('says first what it touches, then what it did, and offers no way back', async () => {
    const { server } = await open({ [CLEAR]: touched(['load', 'report']) });
    await cellMenu();
    await choose('Clear …');
    expect(await screen.findByText('This touches 2 task instances of 1 run:')).toBeTruthy();
    expect(screen.getByText('report')).toBeTruthy();
    expect(bodies(server)).toMatchObject([
      { dry_run: true, dag_run_id: 'run-1', task_ids: ['load'], include_downstream: true }
    ]);
    await userEvent.click(screen.getByRole('button', { name: 'Clear' }));
    const notice = await screen.findByRole('status');
    expect(notice.textContent).toContain('Cleared 2 task instances of 1 run.');
    expect(within(notice).queryByRole('button', { name: 'Undo' })).toBeNull();
    expect(screen.queryByRole('dialog')).toBeNull();
    expect(bodies(server)[1]).toMatchObject({ dry_run: false, include_subdags: true });
  });

  it('lists anew when it reaches further', async () => {
    const { server } = await open({ [CLEAR]: touched(['load']) });
    await cellMenu();
    await choose('Clear …');
    await screen.findByText('This touches 1 task instance of 1 run:');
    server.set(CLEAR, touched(['load', 'load', 'load']));
    await userEvent.click(screen.getByRole('checkbox', { name: 'In later runs, too' }));
    expect(await screen.findByText(/3 task instances/)).toBeTruthy();
    expect(bodies(server)[1]).toMatchObject({ dry_run: true, include_future: true });
  });

  it('cannot be done when it touches nothing', async () => {
    const { server } = await open({ [CLEAR]: touched([]) });
    await cellMenu();
    await choose('Clear …');
    await screen.findByText('This touches nothing.');
    await userEvent.click(screen.getByRole('button', { name: 'Clear' }));
    expect(bodies(server)).toHaveLength(1);
  });

  it('is also a button beside the task', async () => {
    const place = { ...START, runId: 'run-1', taskId: 'load' };
    await open({ [CLEAR]: touched(['load']) }, undefined, place);
    await userEvent.click(await screen.findByRole('button', { name: 'Clear and run again' }));
    expect(await screen.findByText('This touches 1 task instance of 1 run:')).toBeTruthy();
  });
});

describe('one instance of a mapped task', () => {
  const place = { ...START, runId: 'run-1', taskId: 'load', mapIndex: 3 };
  const PANEL = 'views/dags/sales/runs/run-1/tasks/load';
  const panel = aPanel({
    cell: aCell('load', 'failed', { map_index: 3, ...DATES }),
    instances: { failed: [3], success: [0, 1, 2] }
  });
  const answers = {
    [PANEL]: panel,
    'views/dags/sales/grid': {
      dag_id: 'sales',
      runs: [{ run: aRun(1), tasks: [panel.cell] }],
      before: null
    }
  };

  it('is cleared and marked alone', async () => {
    const { server } = await open(
      { ...answers, [CLEAR]: touched(['load']), [MARK]: MARKED },
      undefined,
      place
    );
    const side = within(await screen.findByRole('region', { name: 'Task' }));
    await userEvent.click(side.getByRole('button', { name: 'Clear and run again' }));
    await screen.findByText('This touches 1 task instance of 1 run:');
    await userEvent.click(screen.getByRole('button', { name: 'Clear' }));
    await screen.findByText(/Cleared 1 task instance/);
    await userEvent.click(side.getByRole('button', { name: 'More' }));
    await choose('Mark as success …');
    await screen.findByText(/This touches 1 task/);
    expect(bodies(server)).toHaveLength(3);
    expect(bodies(server).map(body => (body as { map_index: number }).map_index)).toEqual([
      3, 3, 3
    ]);
  });

  it('is said to be gone after the task was expanded anew, and another is shown', async () => {
    const { server, dag } = await open(answers, undefined, place);
    await screen.findByText('load [3]');
    server.set(PANEL, aProblem(404, 'task-not-found', 'task load has no instance 3'));
    await dag.task?.load();
    expect(await screen.findByText(/This instance is gone/)).toBeTruthy();
    server.set(PANEL, { ...panel, cell: { ...panel.cell, map_index: 0 } });
    await userEvent.click(screen.getByRole('button', { name: 'Show another instance' }));
    expect(await screen.findByText('load [0]')).toBeTruthy();
    expect(dag.place.mapIndex).toBeNull();
  });
});

describe('what has never run', () => {
  const queued = (state: string): Record<string, unknown> => {
    const run = aRun(1, { state, end_date: null });
    const cell = aCell('load', 'none', { try_number: 0, start_date: null, end_date: null });
    return {
      'views/dags/sales/grid': { dag_id: 'sales', runs: [{ run, tasks: [cell] }], before: null },
      'views/dags/sales/runs/run-1/tasks/load': aPanel({ run, cell, tries: [] }),
      'views/dags/sales/runs/run-1/tasks/load/dependencies': { dependencies: [] }
    };
  };

  it('is run, not cleared, when it is a task', async () => {
    await open(queued('running'), undefined, { ...START, runId: 'run-1', taskId: 'load' });
    expect(await screen.findByRole('button', { name: 'Run now' })).toBeTruthy();
    await waitFor(() => expect(screen.queryByText('Clear and run again')).toBeNull());
    const items = within(await cellMenu()).getAllByRole('menuitem');
    expect(items.map(item => item.textContent)).not.toContain('Clear …');
  });

  it('is not cleared when it is a run', async () => {
    await open(queued('queued'), undefined, { ...START, runId: 'run-1' });
    await screen.findByRole('region', { name: 'Run' });
    expect(screen.queryByText('Clear and run again')).toBeNull();
  });
});

describe('the menu of a group of tasks', () => {
  const group = (state: string) => ({
    'views/dags/sales/structure': {
      dag_id: 'sales',
      version: 1,
      versions: 1,
      tasks: [aTask('load.a'), aTask('load.b')],
      params: [],
      doc_md: null,
      orientation: 'LR',
      created_at: '2026-11-01T00:00:00Z'
    },
    'views/dags/sales/grid': {
      dag_id: 'sales',
      runs: [
        {
          run: aRun(1),
          tasks: ['load.a', 'load.b'].map(id => aCell(id, state, { try_number: 0 }))
        }
      ],
      before: null
    }
  });
  const menu = async (): Promise<HTMLElement> => {
    fireEvent.contextMenu((await screen.findAllByRole('gridcell'))[0] as HTMLElement);
    return screen.getByRole('menu', { name: 'load' });
  };

  it('clears all of them in that run', async () => {
    const { server } = await open({ ...group('failed'), [CLEAR]: touched(['load.a', 'load.b']) });
    await menu();
    await choose('Clear …');
    await screen.findByText('This touches 2 task instances of 1 run:');
    await userEvent.click(screen.getByRole('button', { name: 'Clear' }));
    expect(await screen.findByText('Cleared 2 task instances of 1 run.')).toBeTruthy();
    const whole = { dag_run_id: 'run-1', task_ids: ['load.a', 'load.b'] };
    expect(bodies(server)).toMatchObject([
      { ...whole, dry_run: true },
      { ...whole, dry_run: false }
    ]);
  });

  it('says that none of them has run', async () => {
    await open(group('none'));
    const item = within(await menu()).getByRole('menuitem', { name: 'Clear …' });
    expect(item.title).toBe('Nothing of load has run yet.');
  });
});

describe('marking a task', () => {
  async function mark(answers = {}): Promise<FakeServer> {
    const { server } = await open({ [MARK]: MARKED, ...answers });
    await cellMenu();
    await choose('Mark as success …');
    await screen.findByText(/This touches . task/);
    await userEvent.click(screen.getByRole('button', { name: 'Mark' }));
    await screen.findByText(/Marked 1 task instance as success/);
    return server;
  }

  it('is about this task alone unless one says more', async () => {
    const server = await mark();
    expect(bodies(server)).toMatchObject([
      { task_id: 'load', new_state: 'success', include_downstream: false },
      { dry_run: false }
    ]);
  });

  it('is taken back where that gives exactly what was', async () => {
    const server = await mark();
    server.set(MARK, touched(['load'], { state: 'success', change: 'marked_failed' }));
    await userEvent.click(screen.getByRole('button', { name: 'Undo' }));
    expect(await screen.findByText(/Undone: 1 task instance is back to failed/)).toBeTruthy();
    expect(bodies(server).slice(2)).toMatchObject([
      { new_state: 'failed' },
      { new_state: 'failed', dry_run: false }
    ]);
  });

  it('is not taken back when something has changed since', async () => {
    const server = await mark();
    server.set(MARK, touched(['load'], { state: 'running', change: 'marked_failed' }));
    await userEvent.click(screen.getByRole('button', { name: 'Undo' }));
    expect((await screen.findByRole('alert')).textContent).toContain('Something has changed since');
    expect(bodies(server)).toHaveLength(3);
    expect(screen.queryByRole('button', { name: 'Undo' })).toBeNull();
  });

  it('offers no way back when tasks below run again because of it', async () => {
    const task_instances = [...MARKED.task_instances, ...touched(['report']).task_instances];
    await mark({ [MARK]: { task_instances, total_entries: 2, dag_runs: 1 } });
    expect(screen.queryByRole('button', { name: 'Undo' })).toBeNull();
  });

  it('shows why the server refused', async () => {
    await open({ [MARK]: new Error('no network') });
    await cellMenu();
    await choose('Mark as failed …');
    expect((await screen.findByRole('alert')).textContent).toContain('Nothing was marked.');
  });
});

describe('the menu of a run', () => {
  async function runMenu(): Promise<void> {
    fireEvent.contextMenu(await screen.findByRole('columnheader'));
  }

  it('clears all its tasks, or only those that failed', async () => {
    const path = `POST ${RUN}/clear`;
    const { server } = await open({ [path]: touched(['load']) });
    await runMenu();
    await choose('Clear …');
    await userEvent.click(await screen.findByRole('checkbox', { name: 'Only what failed' }));
    await screen.findByText('This touches 1 task instance of 1 run:');
    await userEvent.click(screen.getByRole('button', { name: 'Clear' }));
    await screen.findByText(/Cleared 1 task instance of 1 run/);
    expect(bodies(server)[2]).toEqual({ dry_run: false, only_failed: true });
  });

  it('ends the run although no task is left to touch', async () => {
    const { server } = await open({
      'views/dags/sales/runs/run-1/mark': touched([]),
      [`PATCH ${RUN}`]: {}
    });
    await runMenu();
    await choose('Mark as failed …');
    await screen.findByText(/This ends the run/);
    await userEvent.click(screen.getByRole('button', { name: 'Mark' }));
    await screen.findByText(/Marked the run of .* as failed, with 0 task instances/);
    expect(server.requests.find(item => item.method === 'PATCH')?.body).toEqual({
      state: 'failed'
    });
  });

  it('deletes the run after it has said how much that is', async () => {
    const { server } = await open({ [`DELETE ${RUN}`]: {} });
    await runMenu();
    await choose('Delete …');
    expect(screen.getByText(/deletes the run with its 3 task instances/)).toBeTruthy();
    expect(server.paths('DELETE')).toEqual([]);
    await userEvent.click(screen.getByRole('button', { name: 'Delete' }));
    await screen.findByText(/Deleted the run of/);
    expect(server.paths('DELETE')).toEqual([RUN]);
  });
});
