import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';

import { DagModel } from '../../model/dag';
import { DagPanel } from '../../panels/dagPanel';
import { aColumn, aDag, aLiveSession, aProblem, aTask, FakeServer } from '../helpers';

interface IOpened {
  server: FakeServer;
  onFilterDags: ReturnType<typeof vi.fn>;
}

async function open(change = {}, permissions?: string[]): Promise<IOpened> {
  const server = new FakeServer({
    'views/dags/sales': aDag('sales', { next_due_at: new Date(Date.now() + 3.5e6).toISOString() }),
    'views/dags/sales/grid': { dag_id: 'sales', runs: [aColumn(1)], before: null },
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
    ...change
  });
  const dag = new DagModel(await aLiveSession(server, permissions), 'sales');
  const onFilterDags = vi.fn();
  render(
    <DagPanel dag={dag} onOpenNotebook={null} onOpenDag={vi.fn()} onFilterDags={onFilterDags} />
  );
  await dag.load();
  return { server, onFilterDags };
}

describe('the page of a DAG', () => {
  it('says in words when it runs next', async () => {
    await open();
    expect(await screen.findByText(/Every day at 06:00 \(UTC\)/)).toBeTruthy();
    expect(screen.getByText('in 58 min')).toBeTruthy();
  });

  it('is headed by the name that the author gave, with the id beside it', async () => {
    await open({ 'views/dags/sales': aDag('sales', { dag_display_name: 'Sales of all shops' }) });
    expect((await screen.findByRole('heading', { level: 2 })).textContent).toBe(
      'Sales of all shops'
    );
    expect(screen.getByTitle('Its id: sales').textContent).toBe('sales');
  });

  it('says since when a run is due that has not begun', async () => {
    const due = new Date(Date.now() - 3 * 60_000 - 500).toISOString();
    await open({ 'views/dags/sales': aDag('sales', { next_due_at: due }) });
    expect(await screen.findByText(/due/)).toBeTruthy();
    expect(document.body.textContent).toContain('due 3 min ago');
  });

  it('teaches when there was no run yet', async () => {
    await open({ 'views/dags/sales/grid': { dag_id: 'sales', runs: [], before: null } });
    expect(await screen.findByText(/This DAG has not run yet/)).toBeTruthy();
  });

  it('says which DAG could not be loaded and tries again', async () => {
    const problem = aProblem(404, 'dag-not-found', "no DAG is named 'sales'");
    const { server } = await open({ 'views/dags/sales': problem });
    expect((await screen.findByRole('alert')).textContent).toContain("no DAG is named 'sales'");
    server.set('views/dags/sales', aDag('sales'));
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(await screen.findByRole('heading', { name: 'sales' })).toBeTruthy();
  });

  it('lets people without rights look, and says what they lack', async () => {
    await open({}, ['dags.read']);
    const trigger = await screen.findByRole('button', { name: 'Trigger' });
    expect(trigger.getAttribute('aria-disabled')).toBe('true');
    expect(trigger.title).toContain('runs.trigger');
    await userEvent.click(trigger);
    expect(screen.queryByRole('dialog')).toBeNull();
  });

  it('opens a run from its bar and shows its facts', async () => {
    await open();
    await userEvent.click(await screen.findByRole('columnheader'));
    expect(screen.getByText('run-1')).toBeTruthy();
  });

  it('shows warnings; many are folded', async () => {
    const warnings = ['task one: unknown argument a', 'task two: unknown argument b'];
    await open({ 'views/dags/sales': aDag('sales', { warnings }) });
    expect((await screen.findByText(/2 warnings/)).textContent).toContain(warnings[0]);
    expect(screen.getByText(warnings[1] ?? '')).toBeTruthy();
  });

  it('lists its keys', async () => {
    await open();
    (await screen.findByRole('grid')).focus();
    await userEvent.keyboard('?');
    expect(screen.getByRole('dialog', { name: 'Keys' })).toBeTruthy();
  });

  it('asks for the filter of the list with a slash, but not from a field', async () => {
    const { onFilterDags } = await open();
    await userEvent.click(await screen.findByRole('button', { name: 'Trigger' }));
    await userEvent.type(screen.getByLabelText(/Configuration/), '/');
    expect(onFilterDags).not.toHaveBeenCalled();
    await userEvent.click(screen.getByRole('button', { name: 'Cancel' }));
    screen.getByRole('grid').focus();
    await userEvent.keyboard('/');
    expect(onFilterDags).toHaveBeenCalledOnce();
  });
});
