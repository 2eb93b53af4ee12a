import { expect, test } from 'vitest';

import { depths, taskGraph } from '../../logic/taskGraph';
import { aStructure, aTask } from '../helpers';

test('a task lies one deeper than its deepest upstream task', () => {
  const tasks = [aTask('a', ['b', 'c']), aTask('b', ['c']), aTask('c')];
  const { edges } = taskGraph(aStructure(tasks));
  expect([...depths(['a', 'b', 'c'], edges).values()]).toEqual([0, 1, 2]);
});

test('edges to tasks of another version are left out', () => {
  const tasks = [aTask('a', ['b', 'gone']), aTask('b')];
  const { edges } = taskGraph(aStructure(tasks));
  expect(edges.map(edge => edge.target)).toEqual(['b']);
});

test('the text of an edge is on that edge', () => {
  const tasks = [aTask('a', ['b', 'c']), aTask('b'), aTask('c')];
  const edge_labels = [{ upstream: 'a', downstream: 'c', text: 'when empty' }];
  const { edges } = taskGraph(aStructure(tasks, { edge_labels }));
  expect(edges.map(edge => edge.label)).toEqual([null, 'when empty']);
});
