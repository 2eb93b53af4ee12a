import { fireEvent, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';

import type { IStarter } from '../../api/types';
import { START } from '../../logic/places';
import { DagModel } from '../../model/dag';
import { DagPanel } from '../../panels/dagPanel';
import { DagPreview } from '../../panels/dagPreview';
import {
  aCell,
  aDag,
  aLiveSession,
  aPanel,
  aProblem,
  aRun,
  aStructure,
  aTask,
  aTaskSpec,
  FakeServer
} from '../helpers';

const ZOOM = 'Zoom into DAG child';

/** The page of a DAG whose only task runs the DAG `child`; returns what was opened. */
async function open(
  change = {},
  dagId = 'sales',
  starter: IStarter | null = null,
  taskId: string | null = 'load'
): Promise<ReturnType<typeof vi.fn>> {
  const run = aRun(1, { starter });
  const page = `views/dags/${dagId}`;
  const server = new FakeServer({
    [page]: aDag(dagId, { kind: dagId.includes('.') ? 'subdag' : 'dag' }),
    [`${page}/grid`]: {
      dag_id: dagId,
      runs: [{ run, tasks: [aCell('load', 'success')] }],
      before: null
    },
    [`${page}/structure`]: aStructure([aTask('load', [], { run_dag_id: 'child' })]),
    [`${page}/runs/run-1/tasks/load`]: aPanel({
      run,
      task: aTaskSpec('load', { run_dag_id: 'child' }),
      ...change
    })
  });
  const dag = new DagModel(await aLiveSession(server), dagId, {
    ...START,
    runId: 'run-1',
    taskId
  });
  const onOpenDag = vi.fn();
  render(<DagPanel dag={dag} onOpenNotebook={null} onOpenDag={onOpenDag} onFilterDags={vi.fn()} />);
  await dag.load();
  return onOpenDag;
}

describe('a task that runs a DAG', () => {
  it('leads to the run that it has started', async () => {
    const started = { dag_id: 'child', run_id: 'r7', state: 'failed' };
    const opened = await open({ started_run: started });
    await userEvent.click(await screen.findByRole('button', { name: ZOOM }));
    expect(opened).toHaveBeenCalledWith('child', { runId: 'r7' });
  });

  it('leads to the DAG while there is no run', async () => {
    const opened = await open();
    await userEvent.click(await screen.findByRole('button', { name: ZOOM }));
    expect(opened).toHaveBeenCalledWith('child', { runId: null });
  });

  it('has that in its menu, too', async () => {
    const opened = await open();
    fireEvent.contextMenu(await screen.findByRole('gridcell'));
    await userEvent.click(screen.getByRole('menuitem', { name: ZOOM }));
    expect(opened).toHaveBeenCalledWith('child');
  });
});

describe('a run that a task of another DAG started', () => {
  const starter = { dag_id: 'master', run_id: 'r1', task_id: 'go', map_index: -1, leads: true };
  const why = 'The task go of master runs these tasks: clear or mark it, and they follow.';

  it('leads to that task, which is to be cleared or marked instead', async () => {
    const opened = await open({}, 'sales', starter);
    await userEvent.click(await screen.findByRole('button', { name: 'Started by go of master' }));
    expect(opened).toHaveBeenCalledWith('master', { runId: 'r1', taskId: 'go', mapIndex: null });
    const clear = screen.getByRole('button', { name: 'Clear and run again' });
    expect([clear.getAttribute('aria-disabled'), clear.title]).toEqual(['true', why]);
    fireEvent.contextMenu(screen.getByRole('gridcell'));
    const marks = screen.getByRole('menuitem', { name: /^Mark as failed/ });
    expect(marks.getAttribute('aria-disabled')).toBe('true');
  });

  it('keeps its own commands, and is found from the run, too', async () => {
    const opened = await open({}, 'sales', { ...starter, map_index: 2 }, null);
    await userEvent.click(
      await screen.findByRole('button', { name: 'Started by go [2] of master' })
    );
    expect(opened).toHaveBeenCalledWith('master', { runId: 'r1', taskId: 'go', mapIndex: 2 });
    const clear = screen.getByRole('button', { name: 'Clear and run again' });
    expect(clear.getAttribute('aria-disabled')).not.toBe('true');
  });

  it('is handled freely if that task does not lead it', async () => {
    await open({}, 'sales', { ...starter, leads: false });
    const clear = await screen.findByRole('button', { name: 'Clear and run again' });
    expect(clear.getAttribute('aria-disabled')).not.toBe('true');
    expect(screen.queryByRole('button', { name: /^Started by/ })).toBeNull();
  });
});

it('leads back from a sub-DAG to the DAG that holds it', async () => {
  const opened = await open({}, 'sales.section');
  await userEvent.click(await screen.findByRole('button', { name: 'Back to sales' }));
  expect(opened).toHaveBeenCalledWith('sales');
});

describe('a look at a DAG', () => {
  async function look(answers = {}): Promise<void> {
    const server = new FakeServer({
      'views/dags/child/structure': aStructure([aTask('one', ['two']), aTask('two')]),
      'views/dags/child/grid': {
        dag_id: 'child',
        runs: [{ run: aRun(1, { state: 'failed' }), tasks: [aCell('two', 'failed')] }],
        before: null
      },
      ...answers
    });
    render(<DagPreview session={await aLiveSession(server)} dagId="child" />);
  }

  it('has the tasks in the colours of the newest run', async () => {
    await look();
    const picture = await screen.findByRole('img', { name: '2 tasks' });
    expect([...picture.querySelectorAll('text')].map(text => text.textContent)).toEqual([
      'one',
      'two'
    ]);
    expect(picture.querySelectorAll('path')).toHaveLength(1);
    expect(picture.querySelector('[data-state=failed]')?.textContent).toBe('two');
  });

  it('says that there was no run yet', async () => {
    await look({ 'views/dags/child/grid': { dag_id: 'child', runs: [], before: null } });
    expect(await screen.findByText('has not run yet')).toBeTruthy();
  });

  it('says why it cannot be shown', async () => {
    const problem = aProblem(404, 'dag-not-found', "no DAG is named 'child'");
    await look({ 'views/dags/child/structure': problem });
    expect(await screen.findByText(/no DAG is named 'child'/)).toBeTruthy();
  });

  it('counts the tasks where a picture could not be read', async () => {
    const many = Array.from({ length: 501 }, (_, number) => aTask(`t${number}`));
    await look({ 'views/dags/child/structure': aStructure(many) });
    expect(await screen.findByText('501 tasks')).toBeTruthy();
    expect(screen.queryByRole('img')).toBeNull();
  });
});
