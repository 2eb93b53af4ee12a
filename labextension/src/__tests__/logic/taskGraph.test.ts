import { expect, test } from 'vitest';

import { layeredLayout } from '../../logic/graphLayout';
import { depths, NODE_HEIGHT, taskGraph } from '../../logic/taskGraph';
import { aStructure, aTask } from '../helpers';

test('a task lies one deeper than its deepest upstream task', () => {
  const tasks = [aTask('a', ['b', 'c']), aTask('b', ['c']), aTask('c')];
  const { edges } = taskGraph(aStructure(tasks), new Set());
  expect([...depths(['a', 'b', 'c'], edges).values()]).toEqual([0, 1, 2]);
});

test('edges to tasks of another version are left out', () => {
  const tasks = [aTask('a', ['b', 'gone']), aTask('b')];
  const { edges } = taskGraph(aStructure(tasks), new Set());
  expect(edges.map(edge => edge.target)).toEqual(['b']);
});

test('the text of an edge is on that edge', () => {
  const tasks = [aTask('a', ['b', 'c']), aTask('b'), aTask('c')];
  const edge_labels = [{ upstream: 'a', downstream: 'c', text: 'when empty' }];
  const { edges } = taskGraph(aStructure(tasks, { edge_labels }), new Set());
  expect(edges.map(edge => edge.label)).toEqual([null, 'when empty']);
});

const GROUPED = aStructure(
  [
    aTask('a', ['g.b', 'g.h.c']),
    aTask('g.b', ['g.h.c'], { group_id: 'g' }),
    aTask('g.h.c', ['d'], { group_id: 'g.h' }),
    aTask('d')
  ],
  {
    groups: [
      { group_id: 'g', parent_id: null, label: 'g', tooltip: '' },
      { group_id: 'g.h', parent_id: 'g', label: 'h', tooltip: '' }
    ]
  }
);

function drawn(...closed: string[]): { nodes: string[]; boxes: string[]; edges: string[] } {
  const { nodes, boxes, edges } = taskGraph(GROUPED, new Set(closed));
  const ids = (items: { id: string }[]): string[] => items.map(item => item.id);
  return { nodes: ids(nodes), boxes: ids(boxes), edges: ids(edges) };
}

test('a closed group stands for its tasks, with each edge once', () => {
  expect(drawn('g')).toEqual({ nodes: ['a', 'g', 'd'], boxes: [], edges: ['a → g', 'g → d'] });
  expect(drawn('g.h').nodes).toEqual(['a', 'g.b', 'g.h', 'd']);
  expect(drawn().boxes).toEqual(['g', 'g.h']);
});

test('an open group lies around what is in it and nothing else', () => {
  const graph = taskGraph(GROUPED, new Set());
  const { nodes, boxes } = layeredLayout(graph);
  for (const { id, width } of graph.nodes) {
    const at = nodes.get(id) ?? { x: NaN, y: NaN };
    const around = graph.boxes.filter(box => {
      const { x, y, width: w, height } = boxes.get(box.id) ?? { x: 0, y: 0, width: 0, height: 0 };
      return at.x >= x && at.y > y && at.x + width <= x + w && at.y + NODE_HEIGHT <= y + height;
    });
    expect(around.map(box => box.id)).toEqual(
      graph.boxes.filter(box => box.taskIds.includes(id)).map(box => box.id)
    );
  }
});
