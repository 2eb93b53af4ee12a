import { describe, expect, it } from 'vitest';

import type { IStructure, IStructureTask } from '../../api/types';
import { closeUp, type ILayout, layeredLayout, neighbour } from '../../logic/graphLayout';
import { labelWidth, NODE_HEIGHT, taskGraph } from '../../logic/taskGraph';
import { aStructure, aTask } from '../helpers';

const DIAMOND = [aTask('a', ['b', 'c']), aTask('b', ['d']), aTask('c', ['d']), aTask('d')];

function laidOut(tasks: IStructureTask[], change: Partial<IStructure> = {}): ILayout {
  return layeredLayout(taskGraph(aStructure(tasks, change), new Set()));
}

describe('layered layout', () => {
  const layout = laidOut(DIAMOND);

  it('puts layers from left to right', () => {
    const x = (id: string): number => layout.nodes.get(id)?.x ?? NaN;
    expect(x('a')).toBeLessThan(x('b'));
    expect(x('b')).toBe(x('c'));
    expect(x('c')).toBeLessThan(x('d'));
  });

  it('lets arrow keys walk along it', () => {
    expect(neighbour('a', 'ArrowRight', layout)).toBe('b');
    expect(neighbour('b', 'ArrowDown', layout)).toBe('c');
    expect(neighbour('a', 'ArrowLeft', layout)).toBeNull();
    expect(neighbour('a', 'Enter', layout)).toBeNull();
  });

  it('places ten thousand tasks at once', () => {
    const many = Array.from({ length: 10_000 }, (_, index) =>
      aTask(`t${index}`, [`t${index + 1}`])
    );
    expect(laidOut(many).nodes.size).toBe(10_000);
  });
});

it('puts the labels of edges where no node is, and none over another', () => {
  const edge_labels = [
    { upstream: 'a', downstream: 'b', text: 'when there is something new' },
    { upstream: 'b', downstream: 'd', text: 'yes' },
    { upstream: 'c', downstream: 'd', text: 'no' }
  ];
  const layout = laidOut(DIAMOND, { edge_labels });
  const { edges, nodes } = taskGraph(aStructure(DIAMOND, { edge_labels }), new Set());
  expect(layout.labels.size).toBe(3);
  for (const edge of edges) {
    const middle = layout.labels.get(edge.id);
    if (middle && edge.label !== null) {
      const half = labelWidth(edge.label) / 2;
      const over = nodes.filter(({ id, width }) => {
        const corner = layout.nodes.get(id) ?? { x: 0, y: 0 };
        return (
          middle.x + half > corner.x &&
          middle.x - half < corner.x + width &&
          Math.abs(middle.y - corner.y - NODE_HEIGHT / 2) < NODE_HEIGHT
        );
      });
      expect(over).toEqual([]);
    }
  }
  expect(layout.labels.get('b → d')?.y).not.toBe(layout.labels.get('c → d')?.y);
});

describe('a graph too large to read', () => {
  const chain = laidOut(
    Array.from({ length: 100 }, (_, index) => aTask(`t${index}`, [`t${index + 1}`]))
  );

  it('opens where it begins', () => {
    expect(closeUp(chain, null, 800, 600)).toMatchObject({ x: 24, zoom: 0.8 });
  });

  it('opens at the task that is selected', () => {
    const view = closeUp(chain, 't50', 800, 600);
    expect((chain.nodes.get('t50')?.x ?? 0) * 0.8 + (view?.x ?? 0)).toBeCloseTo(400);
  });

  it('is shown whole when it fits', () => {
    expect(closeUp(laidOut(DIAMOND), null, 800, 600)).toBeNull();
  });
});
