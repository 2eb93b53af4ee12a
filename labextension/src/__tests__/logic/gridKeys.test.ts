import { expect, test } from 'vitest';

import { moveFocus } from '../../logic/gridKeys';

test.each([
  ['ArrowRight', { row: 0, column: 1 }, { row: 0, column: 2 }],
  ['ArrowLeft', { row: 0, column: 0 }, { row: 0, column: 0 }],
  ['ArrowUp', { row: 0, column: 1 }, { row: -1, column: 1 }],
  ['ArrowUp', { row: -1, column: 1 }, { row: -1, column: 1 }],
  ['ArrowDown', { row: 4, column: 1 }, { row: 4, column: 1 }],
  ['End', { row: 1, column: 0 }, { row: 1, column: 2 }],
  ['PageDown', { row: 0, column: 0 }, { row: 4, column: 0 }]
])('%s from %j goes to %j', (key, from, to) => {
  expect(moveFocus(from, key, 5, 3)).toEqual(to);
});

test('other keys do not move', () => {
  expect(moveFocus({ row: 0, column: 0 }, 'a', 5, 3)).toBeNull();
});
