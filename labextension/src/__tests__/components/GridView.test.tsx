import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';

import { GridView } from '../../components/run/GridView';
import { aCell, aColumn, aRun, aTask } from '../helpers';

const TASKS = [aTask('extract', ['load.a']), aTask('load.a'), aTask('load.b')];
const RUNS = [1, 2].map(id =>
  aColumn(id, [aCell('extract'), aCell('load.a', 'failed'), aCell('load.b', 'queued')])
);

function show(change = {}): {
  onSelect: ReturnType<typeof vi.fn>;
  onOlder: ReturnType<typeof vi.fn>;
  onMenu: ReturnType<typeof vi.fn>;
  onToggleGroup: ReturnType<typeof vi.fn>;
} {
  const calls = { onSelect: vi.fn(), onOlder: vi.fn(), onMenu: vi.fn(), onToggleGroup: vi.fn() };
  render(
    <GridView
      tasks={TASKS}
      runs={RUNS}
      selectedRunId={null}
      selectedTaskId={null}
      closedGroups={new Set()}
      hasOlder={false}
      isLoadingOlder={false}
      {...calls}
      {...change}
    />
  );
  return calls;
}

describe('the grid', () => {
  it('names every cell for those who do not see colours', () => {
    show();
    const cells = screen.getAllByRole('gridcell');
    expect(cells).toHaveLength(8);
    expect(cells.filter(cell => /failed/.test(cell.getAttribute('aria-label') ?? ''))).toHaveLength(
      4
    );
  });

  it('opens the newest run of the first task with Enter', async () => {
    const { onSelect } = show();
    screen.getByRole('grid').focus();
    await userEvent.keyboard('{Enter}');
    expect(onSelect).toHaveBeenCalledWith('run-2', 'extract');
  });

  it('moves with arrow keys, up to the bars of the runs', async () => {
    const { onSelect } = show();
    screen.getByRole('grid').focus();
    await userEvent.keyboard('{ArrowLeft}{ArrowUp}{Enter}');
    expect(onSelect).toHaveBeenCalledWith('run-1', null);
  });

  it('closes a group with Enter', async () => {
    const { onToggleGroup } = show();
    expect(screen.getByText('b')).toBeTruthy();
    screen.getByRole('grid').focus();
    await userEvent.keyboard('{ArrowDown}{Enter}');
    expect(onToggleGroup).toHaveBeenCalledWith('load');
  });

  it('has no lines for the tasks of a closed group', () => {
    show({ closedGroups: new Set(['load']) });
    expect(screen.getByText('load')).toBeTruthy();
    expect(screen.queryByText('b')).toBeNull();
  });

  it('loads older runs on demand and when the focus walks off the left edge', async () => {
    const { onOlder } = show({ hasOlder: true });
    await userEvent.click(screen.getByRole('button', { name: 'Load older runs' }));
    screen.getByRole('grid').focus();
    await userEvent.keyboard('{Home}{ArrowLeft}');
    expect(onOlder).toHaveBeenCalledTimes(2);
  });

  it('asks for the menu of what has the focus with the menu key and Shift+F10', async () => {
    const { onMenu } = show();
    screen.getByRole('grid').focus();
    await userEvent.keyboard('{ContextMenu}');
    const extract = { runId: 'run-2', taskId: 'extract', group: null };
    expect(onMenu).toHaveBeenLastCalledWith(extract, expect.anything());
    await userEvent.keyboard('{ArrowUp}{Shift>}{F10}{/Shift}');
    expect(onMenu).toHaveBeenLastCalledWith({ ...extract, taskId: null }, expect.anything());
  });

  it('asks for the menu of all tasks of a group', async () => {
    const { onMenu } = show();
    screen.getByRole('grid').focus();
    await userEvent.keyboard('{ArrowDown}{ContextMenu}');
    const group = { label: 'load', taskIds: ['load.a', 'load.b'] };
    expect(onMenu).toHaveBeenLastCalledWith(
      { runId: 'run-2', taskId: null, group },
      expect.anything()
    );
  });

  it('tells runs of one day apart by their time', () => {
    const runs = Array.from({ length: 9 }, (_, hour) => ({
      ...aColumn(hour),
      run: aRun(hour, { execution_date: `2025-03-01T0${hour}:00:00` })
    }));
    show({ runs });
    const labels = [...document.querySelectorAll('.jp-hubflow-GridHeader-date')];
    expect(labels.slice(1).map(label => label.textContent)).toEqual(['04:00', '08:00']);
    expect(labels[0]?.textContent).toMatch(/1/);
  });

  it('draws only what is in sight', () => {
    const tasks = Array.from({ length: 1000 }, (_, index) => aTask(`t${index}`));
    const cells = tasks.map(task => aCell(task.task_id));
    const runs = Array.from({ length: 100 }, (_, index) => aColumn(index, cells));
    show({ tasks, runs });
    // Not by role: looking roles up takes seconds for so many.
    const drawn = document.querySelectorAll('.jp-hubflow-GridCell');
    expect(drawn.length).toBeGreaterThan(100);
    expect(drawn.length).toBeLessThan(3000);
  });
});
