import { expect, test } from 'vitest';

import { instanceName } from '../../logic/changes';

test('an instance of a mapped task is named with its index', () => {
  expect(instanceName({ task_id: 'load', map_index: -1 })).toBe('load');
  expect(instanceName({ task_id: 'shop.load', map_index: 0 })).toBe('shop.load [0]');
  expect(instanceName({ task_id: 'shop.load', map_index: 12 })).toBe('shop.load [12]');
});
