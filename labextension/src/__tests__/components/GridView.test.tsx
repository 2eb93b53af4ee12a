import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';

import { GridView } from '../../components/run/GridView';
import { aCell, aColumn, aTask } from '../helpers';

const TASKS = [aTask('extract', ['load.a']), aTask('load.a'), aTask('load.b')];
const RUNS = [1, 2].map(id =>
  aColumn(id, [aCell('extract'), aCell('load.a', 'failed'), aCell('load.b', 'queued')])
);

function show(change = {}): {
  onSelect: ReturnType<typeof vi.fn>;
  onOlder: ReturnType<typeof vi.fn>;
} {
  const calls = { onSelect: vi.fn(), onOlder: vi.fn() };
  render(
    <GridView
      tasks={TASKS}
      runs={RUNS}
      selectedRunId={null}
      selectedTaskId={null}
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

  it('closes a group and opens it again', async () => {
    show();
    screen.getByRole('grid').focus();
    await userEvent.keyboard('{ArrowDown}{Enter}');
    expect(screen.queryByText('b')).toBeNull();
    await userEvent.keyboard('{Enter}');
    expect(screen.getByText('b')).toBeTruthy();
  });

  it('loads older runs on demand and when the focus walks off the left edge', async () => {
    const { onOlder } = show({ hasOlder: true });
    await userEvent.click(screen.getByRole('button', { name: 'Load older runs' }));
    screen.getByRole('grid').focus();
    await userEvent.keyboard('{Home}{ArrowLeft}');
    expect(onOlder).toHaveBeenCalledTimes(2);
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
