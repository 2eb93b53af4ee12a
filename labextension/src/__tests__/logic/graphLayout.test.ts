import { describe, expect, it, test } from 'vitest';

import { closeUp, depths, edgesOf, layeredLayout, neighbour } from '../../logic/graphLayout';
import { aTask } from '../helpers';

const DIAMOND = [aTask('a', ['b', 'c']), aTask('b', ['d']), aTask('c', ['d']), aTask('d')];

test('a task lies one deeper than its deepest upstream task', () => {
  const tasks = [aTask('a', ['b', 'c']), aTask('b', ['c']), aTask('c')];
  expect([...depths(tasks).values()]).toEqual([0, 1, 2]);
});

test('edges to tasks of another version are left out', () => {
  expect(edgesOf([aTask('a', ['b', 'gone']), aTask('b')]).map(edge => edge.target)).toEqual(['b']);
});

describe('layered layout', () => {
  const layout = layeredLayout(DIAMOND);

  it('puts layers from left to right', () => {
    const x = (id: string): number => layout.get(id)?.x ?? NaN;
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
    expect(layeredLayout(many).size).toBe(10_000);
  });
});

describe('a graph too large to read', () => {
  const chain = layeredLayout(
    Array.from({ length: 100 }, (_, index) => aTask(`t${index}`, [`t${index + 1}`]))
  );

  it('opens where it begins', () => {
    expect(closeUp(chain, null, 800, 600)).toMatchObject({ x: 24, zoom: 0.8 });
  });

  it('opens at the task that is selected', () => {
    const view = closeUp(chain, 't50', 800, 600);
    expect((chain.get('t50')?.x ?? 0) * 0.8 + (view?.x ?? 0)).toBeCloseTo(400);
  });

  it('is shown whole when it fits', () => {
    expect(closeUp(layeredLayout(DIAMOND), null, 800, 600)).toBeNull();
  });
});
