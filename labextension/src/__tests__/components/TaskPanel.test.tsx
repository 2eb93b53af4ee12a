import { render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useState } from 'react';
import { describe, expect, it, vi } from 'vitest';

import { type ITaskPanelProps, TaskPanel } from '../../components/task/TaskPanel';
import { appendText, EMPTY_LOG } from '../../logic/logLines';
import { aCell, aPanel, aTaskSpec, aTry } from '../helpers';

/** Its place is kept outside. */
function Shown(props: ITaskPanelProps): JSX.Element {
  const [view, setView] = useState(props.view);
  return <TaskPanel {...props} view={view} onView={setView} />;
}

function show(change: Partial<ITaskPanelProps> = {}): ITaskPanelProps {
  const props: ITaskPanelProps = {
    panel: aPanel(),
    tryNumber: 1,
    log: {
      log: appendText(EMPTY_LOG, 'hello\nworld\n'),
      status: 'ready',
      error: null,
      isComplete: true,
      isPaused: false,
      onFollow: vi.fn(),
      onReload: vi.fn(),
      onDownload: vi.fn()
    },
    notebookUrls: null,
    onOpenNotebook: null,
    view: 'log',
    rendered: null,
    renderedError: null,
    onView: vi.fn(),
    onPickInstance: vi.fn(),
    onPickTry: vi.fn(),
    onGo: vi.fn(),
    onClose: vi.fn(),
    ...change
  };
  render(<Shown {...props} />);
  return props;
}

describe('the task panel', () => {
  it('says where one is and leads back', async () => {
    const props = show();
    await userEvent.click(screen.getByRole('button', { name: 'sales' }));
    expect(props.onGo).toHaveBeenCalledWith('dag');
  });

  it('calls DAG and task as their author does, and tells the ids', () => {
    const task = aTaskSpec('load', { task_display_name: 'Load all files' });
    show({ panel: aPanel({ task, dag_display_name: 'Sales of all shops' }), view: 'details' });
    expect(screen.getByRole('button', { name: 'Sales of all shops' }).title).toBe('sales');
    expect(screen.getByText('Load all files').closest('strong')?.title).toBe(
      'Load all files\nload'
    );
    expect(screen.getByText('Task id').nextSibling?.textContent).toBe('load');
  });

  it('calls instances of a mapped task as its template does', () => {
    show({
      panel: aPanel({
        cell: aCell('load', 'success', { map_index: 1 }),
        instances: { failed: [0], success: [1] },
        instance_names: { 1: 'south' }
      })
    });
    expect(screen.getByText('load [south]').closest('strong')?.title).toBe(
      'load [south]\nload [1]'
    );
    expect(screen.getAllByRole('option').map(option => option.textContent)).toEqual([
      '0 · failed',
      '1 · south · success'
    ]);
  });

  it('says what the task needs, as far as its author does', () => {
    const resources = { ram: 512, cpus: 1, gpus: 2, disk: 0.5 };
    show({ panel: aPanel({ task: aTaskSpec('load', { resources }) }), view: 'details' });
    expect(screen.getByText('Declared resources').nextSibling?.textContent).toBe(
      '1 CPU · 512 MB of memory · 0.5 MB of disk · 2 GPUs'
    );
  });

  it('says how the try ended and how long it took', () => {
    show();
    expect(screen.getByText(/after/).textContent).toBe('after 12 s');
  });

  it('names the cell that failed', () => {
    const tried = aTry(1, {
      state: 'failed',
      error_detail: { kind: 'cell', cell: 2, total: 3, ename: 'KeyError', evalue: "'price'" }
    });
    show({ panel: aPanel({ cell: aCell('load', 'failed'), tries: [tried] }) });
    expect(screen.getByText("Cell 2 of 3 failed. KeyError: 'price'")).toBeTruthy();
  });

  it('shows where the time of a try went', async () => {
    const tried = aTry(2, {
      ready_at: '2026-11-20T12:00:30Z',
      queued_at: '2026-11-20T12:00:31Z',
      start_date: '2026-11-20T12:00:31.020Z',
      end_date: '2026-11-20T12:00:41.020Z'
    });
    const cell = aCell('load', 'success', { try_number: 2, max_tries: 2 });
    const task = aTaskSpec('load', { retries: 1 });
    const tries = [aTry(1, { state: 'failed' }), tried];
    show({ panel: aPanel({ task, cell, tries }), tryNumber: 2 });
    await userEvent.click(screen.getByRole('tab', { name: 'Timeline' }));
    const lines = screen.getAllByRole('listitem').map(item => item.textContent);
    expect(lines.map(line => line?.replace(/\d\d:/g, ''))).toEqual([
      'Waited to try again18 s12 – 30',
      'Waited for a slot1.0 s30 – 31',
      'Process started20 ms31',
      'Ran10 s31 – 41'
    ]);
  });

  it('leads to each instance of a mapped task, the failed ones first', async () => {
    const cell = aCell('load', 'failed', { map_index: 3 });
    const props = show({
      panel: aPanel({ cell, instances: { success: [0, 1, 2, 4], failed: [3, 5] } })
    });
    expect(screen.getByText('load [3]')).toBeTruthy();
    const options = screen.getAllByRole('option').map(option => option.textContent);
    expect(options.slice(0, 3)).toEqual(['3 · failed', '5 · failed', '0 · success']);
    await userEvent.click(screen.getByRole('button', { name: 'Next failed (2)' }));
    expect(props.onPickInstance).toHaveBeenLastCalledWith(5);
    await userEvent.selectOptions(screen.getByRole('combobox', { name: 'Instance' }), '4');
    expect(props.onPickInstance).toHaveBeenLastCalledWith(4);
  });

  it('finds one of very many instances by its number or its state', async () => {
    const success = Array.from({ length: 2000 }, (_, index) => index).filter(one => one !== 1234);
    const cell = aCell('load', 'success', { map_index: 3 });
    const props = show({ panel: aPanel({ cell, instances: { success, failed: [1234] } }) });
    expect(screen.getAllByRole('option')).toHaveLength(2);
    const field = screen.getByRole('spinbutton', { name: 'Instance' });
    await userEvent.clear(field);
    await userEvent.type(field, '2000{Enter}');
    expect(screen.getByText('There is no instance with this number.')).toBeTruthy();
    expect(props.onPickInstance).not.toHaveBeenCalled();
    await userEvent.clear(field);
    await userEvent.type(field, '1999{Enter}');
    expect(props.onPickInstance).toHaveBeenLastCalledWith(1999);
    await userEvent.selectOptions(screen.getByLabelText('First instance in a state'), 'failed');
    expect(props.onPickInstance).toHaveBeenLastCalledWith(1234);
  });

  it('lets one look at an earlier try', async () => {
    const tries = [aTry(1, { state: 'up_for_retry' }), aTry(2)];
    const cell = aCell('load', 'success', { try_number: 2, max_tries: 3 });
    const props = show({ panel: aPanel({ cell, tries }), tryNumber: 2 });
    expect(screen.getByText('try 2 of 3')).toBeTruthy();
    await userEvent.click(screen.getByRole('button', { name: /try 1/ }));
    expect(props.onPickTry).toHaveBeenCalledWith(1);
  });

  it('shows the log, and that it may be taken elsewhere', async () => {
    const props = show();
    expect(screen.getByText('world')).toBeTruthy();
    expect(screen.getByText('2 lines')).toBeTruthy();
    await userEvent.click(screen.getByRole('button', { name: 'Download the log' }));
    expect(props.log.onDownload).toHaveBeenCalled();
  });

  it('teaches what XCom is when there is none', async () => {
    show();
    await userEvent.click(screen.getByRole('tab', { name: 'XCom' }));
    expect(screen.getByText(/A value that a task returns/)).toBeTruthy();
  });

  it('says which run sees a value that was pushed for a later one', async () => {
    const value = { key: 'rows', text: '[1]', at: '2026-11-20T12:00:00Z', visible_from: null };
    const later = { ...value, text: '[2]', visible_from: '2026-11-21T12:00:00Z' };
    show({ panel: aPanel({ xcoms: [value, later] }) });
    await userEvent.click(screen.getByRole('tab', { name: 'XCom' }));
    expect(screen.getAllByText(/for the run of/)).toHaveLength(1);
    const row = screen.getByRole('row', { name: /for the run of .*21.*2026/ });
    expect(within(row).getByText('[2]')).toBeTruthy();
  });

  it('tells how the task is run and what its author wrote about it', async () => {
    const change = { pool: 'warehouse', pool_slots: 2, execution_timeout_s: 90, doc: 'Loads it.' };
    show({ panel: aPanel({ task: aTaskSpec('load', change) }) });
    await userEvent.click(screen.getByRole('tab', { name: 'Details' }));
    const fact = (name: string): string | null | undefined =>
      screen.getByText(name).nextElementSibling?.textContent;
    expect(fact('Pool')).toBe('warehouse');
    expect(fact('Slots of the pool')).toBe('2');
    expect(fact('Owner')).toBe('alice');
    expect(fact('Time limit of a try')).toContain('1 min 30 s');
    expect(screen.getByText('Loads it.')).toBeTruthy();
  });

  it('shows an executed notebook only in a frame without our origin', async () => {
    const notebook = { input_notebook: 'churn.ipynb' };
    show({
      panel: aPanel({ task: { ...aTaskSpec('load'), notebook } }),
      notebookUrls: { html: '/out?format=html', ipynb: '/out?format=ipynb' }
    });
    await userEvent.click(screen.getByRole('tab', { name: 'Notebook' }));
    const frame = screen.getByTitle('Executed notebook');
    expect(frame.getAttribute('sandbox')).toBe('allow-scripts');
  });

  it('moves between its tabs with arrow keys', async () => {
    show();
    screen.getByRole('tab', { name: 'Log' }).focus();
    await userEvent.keyboard('{ArrowRight}{ArrowRight}{ArrowRight}{ArrowRight}');
    expect(screen.getByRole('tab', { name: 'Details' }).getAttribute('aria-selected')).toBe('true');
  });

  it('offers to take the live tail back from another view', async () => {
    const base = show();
    const log = { ...base.log, isPaused: true, isComplete: false };
    show({ log });
    await userEvent.click(screen.getByRole('button', { name: 'Follow this one' }));
    expect(base.log.onFollow).toHaveBeenCalled();
  });
});
