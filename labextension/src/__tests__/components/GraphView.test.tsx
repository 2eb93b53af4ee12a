import { fireEvent, render, screen, waitFor } from '@testing-library/react';
import { describe, expect, it } from 'vitest';

import type { IStructure } from '../../api/types';
import GraphView from '../../components/run/GraphView';
import { aCell, aStructure, aTask } from '../helpers';

const COUNT = 2000;

/** A tree in which each task has two others downstream. */
function tree(): IStructure {
  const id = (number: number): string => `task_${number}`;
  return aStructure(
    Array.from({ length: COUNT }, (_, number) =>
      aTask(id(number), [2 * number + 1, 2 * number + 2].filter(next => next < COUNT).map(id))
    )
  );
}

/** Draw a graph of which nothing has run, unless `change` says otherwise. */
function show(structure: IStructure, change = {}): void {
  render(
    <GraphView
      structure={structure}
      cells={new Map()}
      instances={new Map()}
      closedGroups={new Set()}
      onToggleGroup={() => {}}
      selectedTaskId={null}
      onSelect={() => {}}
      onMenu={null}
      preview={dagId => <p>{`a look at ${dagId}`}</p>}
      {...change}
    />
  );
}

it('says which tasks are setups and teardowns, and how many instances a task has', async () => {
  const tasks = [
    aTask('up', ['each'], { is_setup: true }),
    aTask('each', ['later'], { is_mapped: true }),
    aTask('later', ['down'], { is_mapped: true }),
    aTask('down', [], { is_teardown: true })
  ];
  show(aStructure(tasks), {
    cells: new Map([['each', aCell('each', 'failed', { map_index: 1 })]]),
    instances: new Map([['each', { failed: 1, success: 2 }]])
  });
  const label = async (id: string): Promise<string | null> =>
    (await screen.findByText(id)).closest('.react-flow__node')?.getAttribute('aria-label') ?? null;
  expect(await label('up')).toContain('setup: ');
  expect(await label('down')).toContain('teardown: ');
  expect(await label('each')).toBe('each, BashOperator, failed, 3 instances: 1 failed, 2 success');
  expect(screen.getByText('×3')).toBeDefined();
  expect(screen.getByText('[ ]')).toBeDefined();
});

it('shows tasks by their names, and tells the ids', async () => {
  show(aStructure([aTask('load', [], { task_display_name: 'Load all files' })]));
  const node = (await screen.findByText('Load all files')).closest('.react-flow__node');
  expect(node?.getAttribute('aria-label')).toBe('Load all files, load, BashOperator');
});

it('shows operators in their own colours', async () => {
  const tasks = [
    aTask('go', [], { ui_color: '#c6dff2' }),
    aTask('other', [], { ui_color: '#fff' })
  ];
  show(aStructure(tasks));
  const colour = async (id: string): Promise<string | undefined> =>
    (await screen.findByText(id))
      .closest<HTMLElement>('.jp-hubflow-TaskNode[data-coloured]')
      ?.style.getPropertyValue('--operator');
  expect(await colour('go')).toBe('#c6dff2');
  expect(await colour('other')).toBeUndefined();
});

it('gives a look at the DAG that a task runs, while the pointer or the focus is on it', async () => {
  show(aStructure([aTask('go', [], { run_dag_id: 'child' }), aTask('other')]));
  const node = async (id: string): Promise<Element> =>
    (await screen.findByText(id)).closest('.react-flow__node') as Element;
  expect((await node('go')).getAttribute('aria-label')).toContain('runs the DAG child');
  fireEvent.mouseEnter(await node('go'));
  expect((await screen.findByRole('tooltip')).textContent).toBe('a look at child');
  fireEvent.mouseLeave(await node('go'));
  expect(screen.queryByRole('tooltip')).toBeNull();
  fireEvent.mouseEnter(await node('go'));
  await screen.findByRole('tooltip');
  fireEvent.keyDown(await node('go'), { key: 'Escape' });
  expect(screen.queryByRole('tooltip')).toBeNull();
});

describe('a graph of many tasks', () => {
  it('puts only tasks in sight into the page, also at first', async () => {
    let most = 0;
    const observer = new MutationObserver(() => {
      most = Math.max(most, document.querySelectorAll('.react-flow__node').length);
    });
    observer.observe(document.body, { childList: true, subtree: true });
    show(tree());
    await waitFor(() => expect(document.querySelector('.react-flow__pane')).not.toBeNull());
    await waitFor(() =>
      expect(document.querySelector('.react-flow__viewport')?.getAttribute('style')).toBeTruthy()
    );
    observer.disconnect();
    expect(most).toBeLessThan(COUNT / 10);
  });
});
