import { render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';

import type { IBackfill } from '../../api/types';
import { START } from '../../logic/places';
import { DagModel } from '../../model/dag';
import { DagPanel } from '../../panels/dagPanel';
import { aColumn, aDag, aLiveSession, FakeServer } from '../helpers';

function aBackfill(change: Partial<IBackfill> = {}): IBackfill {
  return {
    id: 7,
    dag_id: 'sales',
    from_date: '2026-11-01T00:00:00Z',
    to_date: '2026-11-10T00:00:00Z',
    state: 'running',
    total: 10,
    done: 3,
    failed: 0,
    run_backwards: false,
    reprocess_behavior: 'none',
    dag_run_conf: {},
    max_active_runs: null,
    created_by: 'alice',
    created_at: '2026-11-20T00:00:00Z',
    completed_at: null,
    ...change
  };
}

async function open(answers = {}, change = {}): Promise<{ server: FakeServer; dag: DagModel }> {
  const server = new FakeServer({
    'views/dags/sales': aDag('sales', change),
    'views/dags/sales/grid': {
      dag_id: 'sales',
      runs: [aColumn(1), aColumn(2)],
      before: null
    },
    backfills: { backfills: [], total_entries: 0 },
    ...answers
  });
  const dag = new DagModel(await aLiveSession(server), 'sales', { ...START, tab: 'runs' });
  render(<DagPanel dag={dag} onOpenNotebook={null} onOpenDag={vi.fn()} onFilterDags={vi.fn()} />);
  await dag.load();
  return { server, dag };
}

describe('the list of runs', () => {
  it('has the newest first, and opens one', async () => {
    const { dag } = await open();
    const rows = within(await screen.findByRole('list', { name: 'Runs' })).getAllByRole('listitem');
    expect(rows).toHaveLength(2);
    await userEvent.click(within(rows[0] as HTMLElement).getByText(/3 Nov 2026|Nov 3, 2026/));
    expect(dag.place.runId).toBe('run-2');
  });

  it('loads older runs when its end is near', async () => {
    const older = { dag_id: 'sales', runs: [aColumn(1)], before: null };
    await open({
      'views/dags/sales/grid': (query: URLSearchParams) =>
        query.get('before') === '2'
          ? older
          : { dag_id: 'sales', runs: [aColumn(2), aColumn(3)], before: 2 }
    });
    await vi.waitFor(() => expect(screen.getAllByRole('listitem')).toHaveLength(3));
  });

  it('moves with arrow keys and has a menu at each run', async () => {
    await open();
    const rows = await screen.findAllByRole('listitem');
    rows[0]?.querySelector('button')?.focus();
    await userEvent.keyboard('{ArrowDown}');
    expect(rows[1]?.contains(document.activeElement)).toBe(true);
    await userEvent.keyboard('{ContextMenu}');
    expect(screen.getByRole('menuitem', { name: 'Delete …' })).toBeTruthy();
  });
});

describe('backfills', () => {
  it('show how far they are, as it happens', async () => {
    const { server } = await open({
      backfills: { backfills: [aBackfill()], total_entries: 1 }
    });
    await screen.findByText('3 of 10 runs');
    const changed = { id: 7, dag_id: 'sales', state: 'running', total: 10, done: 4, failed: 1 };
    server.socket.push('backfill', changed, { id: 11, dag_id: 'sales' });
    expect(await screen.findByText('4 of 10 runs · 1 failed')).toBeTruthy();
    const bar = screen.getByRole('progressbar');
    expect([bar.getAttribute('value'), bar.getAttribute('max')]).toEqual(['4', '10']);
  });

  it('are cancelled after a question', async () => {
    const cancelled = aBackfill({ state: 'cancelled', completed_at: new Date().toISOString() });
    const { server } = await open({
      backfills: { backfills: [aBackfill()], total_entries: 1 },
      'POST backfills/7/cancel': cancelled
    });
    await userEvent.click(await screen.findByRole('button', { name: 'Cancel …' }));
    expect(screen.getByText(/3 of its 10 runs are over/)).toBeTruthy();
    await userEvent.click(screen.getByRole('button', { name: 'Cancel the backfill' }));
    await screen.findByText(/Cancelled the backfill after 3 of 10 runs/);
    expect(server.paths('POST')).toEqual(['backfills/7/cancel']);
    expect(screen.queryByRole('button', { name: 'Cancel …' })).toBeNull();
  });

  it('say how many runs they make before they are started', async () => {
    const date = { logical_date: '2026-11-01T00:00:00Z', dag_run_id: null, state: null };
    const { server, dag } = await open({
      'POST backfills/dry_run': {
        backfills: [
          { ...date, action: 'create' },
          { ...date, action: 'leave' }
        ],
        total_entries: 2,
        before_start: 1,
        unfinished: 0
      },
      'POST backfills': aBackfill({ state: 'queued', total: 2, done: 0 })
    });
    dag.go({ tab: 'code' });
    await userEvent.click(await screen.findByRole('button', { name: 'More' }));
    await userEvent.click(screen.getByRole('menuitem', { name: 'Backfill …' }));
    await screen.findByText('2 runs: 1 new, 1 left as they are.');
    expect(screen.getByText(/^1 date is before the start date/)).toBeTruthy();
    await userEvent.click(screen.getByRole('button', { name: 'Start the backfill' }));
    expect(await screen.findByText('0 of 2 runs')).toBeTruthy();
    expect(dag.place.tab).toBe('runs');
    expect(server.requests.find(({ path }) => path === 'backfills/dry_run')?.body).toMatchObject({
      dag_id: 'sales',
      reprocess_behavior: 'none'
    });
  });

  it('need a schedule', async () => {
    await open({}, { schedule_text: null });
    const [more] = await screen.findAllByRole('button', { name: 'More' });
    await userEvent.click(more as HTMLElement);
    expect(screen.getByRole('menuitem', { name: 'Backfill …' }).title).toContain('no schedule');
  });
});
