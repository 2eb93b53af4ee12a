import { render, waitFor } from '@testing-library/react';
import { describe, expect, it } from 'vitest';

import type { IStructure } from '../../api/types';
import GraphView from '../../components/run/GraphView';
import { aStructure, aTask } from '../helpers';

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

describe('a graph of many tasks', () => {
  it('puts only tasks in sight into the page, also at first', async () => {
    let most = 0;
    const observer = new MutationObserver(() => {
      most = Math.max(most, document.querySelectorAll('.react-flow__node').length);
    });
    observer.observe(document.body, { childList: true, subtree: true });
    render(
      <GraphView
        structure={tree()}
        cells={new Map()}
        selectedTaskId={null}
        onSelect={() => {}}
        onMenu={null}
      />
    );
    await waitFor(() => expect(document.querySelector('.react-flow__pane')).not.toBeNull());
    await waitFor(() =>
      expect(document.querySelector('.react-flow__viewport')?.getAttribute('style')).toBeTruthy()
    );
    observer.disconnect();
    expect(most).toBeLessThan(COUNT / 10);
  });
});
