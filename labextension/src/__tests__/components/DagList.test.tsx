import { render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';

import type { IAttentionItem } from '../../api/types';
import { DagList, type IDagListProps } from '../../components/dags/DagList';
import { aDag, aHealth, aRun } from '../helpers';

function show(change: Partial<IDagListProps> = {}): IDagListProps {
  const props: IDagListProps = {
    dags: [],
    status: 'ready',
    error: null,
    search: '',
    stateFilter: null,
    shown: 'false',
    pausedCount: 0,
    hiddenCount: 0,
    newCount: 0,
    hasMore: false,
    currentId: null,
    attention: [],
    dismissReason: null,
    dismissError: null,
    health: aHealth(),
    offlineSince: null,
    readOnlyReason: null,
    isReadOnly: false,
    newItems: [],
    dagFolder: null,
    onFilter: vi.fn(),
    onShow: vi.fn(),
    onMore: vi.fn(),
    onOpen: vi.fn(),
    onOpenAttention: vi.fn(),
    onDismissAttention: vi.fn(),
    onSetPaused: vi.fn(),
    onReload: vi.fn(),
    onDismissError: vi.fn(),
    onReconnect: vi.fn(),
    ...change
  };
  render(<DagList {...props} />);
  return props;
}

describe('the sidebar', () => {
  it('calls a DAG as its author does, and tells its id', () => {
    show({ dags: [aDag('sales', { dag_display_name: 'Sales of all shops' })] });
    const row = within(screen.getByRole('listitem')).getByText('Sales of all shops');
    expect(row.closest('button')?.title).toMatch(/^Sales of all shops\nsales\n/);
  });

  it('says how each DAG stands, in words too', () => {
    show({ dags: [aDag('sales', { recent_runs: [aRun(1), aRun(2, { state: 'failed' })] })] });
    const row = screen.getByRole('listitem');
    expect(within(row).getByRole('img', { name: 'failed' })).toBeTruthy();
    expect(within(row).getByText('1 failed · 1 ok')).toBeTruthy();
  });

  it('opens a DAG and switches it off', async () => {
    const props = show({ dags: [aDag('sales')] });
    await userEvent.click(screen.getByText('sales'));
    expect(props.onOpen).toHaveBeenCalledWith('sales');
    await userEvent.click(screen.getByRole('switch', { name: 'Switch sales off' }));
    expect(props.onSetPaused).toHaveBeenCalledWith('sales', true);
  });

  it('tells people without the right why a switch does not move', async () => {
    const props = show({
      dags: [aDag('sales')],
      readOnlyReason: 'You can look.',
      isReadOnly: true
    });
    expect(screen.getByText('read only').title).toBe('You can look.');
    const control = screen.getByRole('switch');
    await userEvent.click(control);
    expect(props.onSetPaused).not.toHaveBeenCalled();
    expect(control.title).toBe('You can look.');
  });

  it('leads to what is hidden, and to all that is new', async () => {
    const fresh = aDag('fresh', { is_paused: true, is_new: true });
    // A second new one is on a later page: it is not hidden.
    const props = show({ dags: [fresh], pausedCount: 5, hiddenCount: 3, newCount: 2 });
    expect(screen.getByText('new, off')).toBeTruthy();
    await userEvent.click(screen.getByRole('button', { name: 'Show paused (3)' }));
    expect(props.onShow).toHaveBeenLastCalledWith('all');
    await userEvent.click(screen.getByRole('button', { name: 'Show 2 new DAGs' }));
    expect(props.onShow).toHaveBeenLastCalledWith('new');
  });

  it('does not point at new DAGs that are all in sight', () => {
    show({ dags: [aDag('fresh', { is_new: true })], newCount: 1 });
    expect(screen.queryByRole('button', { name: /new DAG/ })).toBeNull();
  });

  it('leads back from what is new', async () => {
    const props = show({ shown: 'new', newCount: 0, pausedCount: 4 });
    expect(screen.getByText('No DAG is new: each is on, or has run.')).toBeTruthy();
    for (const button of screen.getAllByRole('button', { name: 'Show the others' })) {
      await userEvent.click(button);
    }
    expect(props.onShow).toHaveBeenLastCalledWith('false');
  });

  it('shows how far a running notebook is', () => {
    const progress = {
      dag_id: 'churn',
      run_id: 'r',
      task_id: 't',
      map_index: -1,
      try_number: 1,
      done: 3,
      total: 7,
      text: ''
    };
    show({ dags: [aDag('churn', { progress })] });
    expect(screen.getByText('3/7')).toBeTruthy();
  });

  it('teaches when there is no DAG', async () => {
    const onSelect = vi.fn();
    show({ newItems: [{ label: 'Schedule a notebook', onSelect }], dagFolder: '/srv/hub/dags' });
    expect(screen.getByText(/A DAG is a set of tasks/)).toBeTruthy();
    expect(screen.getByText('/srv/hub/dags')).toBeTruthy();
    await userEvent.click(screen.getByRole('button', { name: 'Schedule a notebook' }));
    expect(onSelect).toHaveBeenCalled();
  });

  it('offers to clear a filter that matches nothing', async () => {
    const props = show({ search: 'zzz' });
    await userEvent.click(screen.getByRole('button', { name: 'Clear the filter' }));
    expect(props.onFilter).toHaveBeenCalledWith({ search: '', state: null });
  });

  it('says what went wrong and tries again', async () => {
    const props = show({ status: 'error', error: new Error('The database is away.') });
    expect(screen.getByRole('alert').textContent).toContain('The database is away.');
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(props.onReload).toHaveBeenCalled();
  });

  it('is busy while it loads', () => {
    show({ status: 'loading' });
    expect(screen.getByRole('status', { name: 'Loading' })).toBeTruthy();
  });

  it('marks DAGs that have warnings or a broken file', () => {
    show({ dags: [aDag('sales', { warnings: ['a', 'b'], has_import_error: true })] });
    expect(screen.getByRole('img', { name: '2 warnings' }).title).toBe('a\nb');
    expect(screen.getByRole('img', { name: 'The file has an error' })).toBeTruthy();
  });

  it('leads to a broken file that has no DAG', async () => {
    const item = {
      kind: 'import_error',
      title: 'reports/broken.py',
      detail: 'SyntaxError',
      dag_id: null,
      run_id: null,
      task_id: null,
      path: 'reports/broken.py',
      line: 3,
      sla_miss_ids: [],
      at: new Date().toISOString()
    };
    const props = show({ attention: [item], dags: [aDag('x')] });
    await userEvent.click(screen.getByRole('button', { name: /1 needs attention/ }));
    await userEvent.click(screen.getByRole('button', { name: /SyntaxError/ }));
    expect(props.onOpenAttention).toHaveBeenCalledWith(item);
  });

  it('lists what needs attention after a click', async () => {
    const item = {
      kind: 'failed_run',
      title: 'sales',
      detail: "KeyError: 'price'",
      dag_id: 'sales',
      run_id: 'r',
      task_id: 'join',
      path: null,
      line: null,
      sla_miss_ids: [],
      at: new Date().toISOString()
    };
    const props = show({ attention: [item], dags: [aDag('x')] });
    await userEvent.click(screen.getByRole('button', { name: /1 needs attention/ }));
    await userEvent.click(screen.getByText("KeyError: 'price'"));
    expect(props.onOpenAttention).toHaveBeenCalledWith(item);
  });

  const late = (dagId: string, ids: number[]): IAttentionItem => ({
    kind: 'late_task',
    title: dagId,
    detail: 'load not done by 06:00 UTC',
    dag_id: dagId,
    run_id: 'r',
    task_id: 'load',
    path: null,
    line: null,
    sla_miss_ids: ids,
    at: new Date().toISOString()
  });

  it('dismisses what was late, one by one or all', async () => {
    const props = show({ attention: [late('sales', [1, 2]), late('churn', [3])] });
    await userEvent.click(screen.getByRole('button', { name: /2 need attention/ }));
    await userEvent.click(screen.getByRole('button', { name: /Dismiss: churn/ }));
    expect(props.onDismissAttention).toHaveBeenLastCalledWith([3]);
    await userEvent.click(screen.getByRole('button', { name: 'Dismiss what was late (2)' }));
    expect(props.onDismissAttention).toHaveBeenLastCalledWith([1, 2, 3]);
    expect(props.onOpenAttention).not.toHaveBeenCalled();
  });

  it('says why what was late cannot be dismissed', async () => {
    const error = new Error('The database is away.');
    const props = show({
      attention: [late('sales', [1])],
      dismissReason: 'You can look.',
      dismissError: error
    });
    await userEvent.click(screen.getByRole('button', { name: /1 needs attention/ }));
    const button = screen.getByRole('button', { name: /Dismiss: sales/ });
    await userEvent.click(button);
    expect(props.onDismissAttention).not.toHaveBeenCalled();
    expect(button.title).toBe('You can look.');
    expect(screen.getByRole('alert').textContent).toContain('The database is away.');
  });

  it('focuses the filter with a slash and filters after a pause in typing', async () => {
    const props = show({ dags: [aDag('sales')] });
    screen.getByText('sales').closest('button')?.focus();
    await userEvent.keyboard('/');
    const filter = screen.getByRole('searchbox');
    expect(document.activeElement).toBe(filter);
    await userEvent.type(filter, 'sa/');
    await vi.waitFor(() => expect(props.onFilter).toHaveBeenCalledWith({ search: 'sa/' }));
  });

  it('lists the keys after a question mark', async () => {
    show({ dags: [aDag('sales')] });
    screen.getByText('sales').closest('button')?.focus();
    await userEvent.keyboard('?');
    expect(screen.getByRole('dialog', { name: 'Keys' })).toBeTruthy();
  });

  it('draws only the rows in sight and asks for more near the end', () => {
    const dags = Array.from({ length: 1000 }, (_, index) => aDag(`dag_${index}`));
    const props = show({ dags, hasMore: true });
    expect(screen.getAllByRole('listitem').length).toBeLessThan(40);
    expect(props.onMore).not.toHaveBeenCalled();
    show({ dags: dags.slice(0, 12), hasMore: true, onMore: props.onMore });
    expect(props.onMore).toHaveBeenCalled();
  });

  it('walks through the rows with arrow keys', async () => {
    show({ dags: [aDag('a'), aDag('b')] });
    screen.getByText('a').closest('button')?.focus();
    await userEvent.keyboard('{ArrowDown}');
    expect(document.activeElement?.textContent).toContain('b');
  });
});

describe('the heartbeat', () => {
  it('counts what runs', () => {
    show();
    expect(screen.getByText('scheduler ok · 2 running')).toBeTruthy();
  });

  it('tells that the scheduler has stopped', () => {
    const health = aHealth();
    const beat = new Date(Date.now() - 120_000).toISOString();
    show({
      health: {
        ...health,
        scheduler: {
          ...health.scheduler,
          status: 'unhealthy',
          latest_scheduler_heartbeat: beat
        }
      }
    });
    expect(screen.getByText(/scheduler stopped, last seen/).textContent).toContain('2 min ago');
  });

  it('tells who leads and who would take over', () => {
    const health = aHealth();
    show({ health: { ...health, scheduler: { ...health.scheduler, standing_by: 1 } } });
    expect(screen.getByRole('status').title).toBe('scheduler hub:17 leads · 1 stands by');
  });

  it('tells that the line is down and reconnects', async () => {
    const props = show({ offlineSince: Date.now() - 10_000 });
    expect(screen.getByText(/Offline/)).toBeTruthy();
    await userEvent.click(screen.getByRole('button', { name: 'Reconnect' }));
    expect(props.onReconnect).toHaveBeenCalled();
  });
});
