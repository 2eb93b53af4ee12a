import { fireEvent, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';

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
async function open(change = {}, dagId = 'sales'): Promise<ReturnType<typeof vi.fn>> {
  const run = aRun(1);
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
    taskId: 'load'
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
    expect(opened).toHaveBeenCalledWith('child', 'r7');
  });

  it('leads to the DAG while there is no run', async () => {
    const opened = await open();
    await userEvent.click(await screen.findByRole('button', { name: ZOOM }));
    expect(opened).toHaveBeenCalledWith('child', null);
  });

  it('has that in its menu, too', async () => {
    const opened = await open();
    fireEvent.contextMenu(await screen.findByRole('gridcell'));
    await userEvent.click(screen.getByRole('menuitem', { name: ZOOM }));
    expect(opened).toHaveBeenCalledWith('child', null);
  });
});

it('leads back from a sub-DAG to the DAG that holds it', async () => {
  const opened = await open({}, 'sales.section');
  await userEvent.click(await screen.findByRole('button', { name: 'Back to sales' }));
  expect(opened).toHaveBeenCalledWith('sales', null);
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
