import { expect, test } from 'vitest';

import { parseConf } from '../../logic/conf';
import { plainTrans } from '../../logic/trans';

test.each([
  ['', {}],
  ['  \n', {}],
  ['{"month": "2026-11"}', { month: '2026-11' }]
])('%j is a configuration', (text, conf) => {
  expect(parseConf(text, plainTrans)).toEqual({ ok: true, conf });
});

test.each(['[1]', 'null', '"text"', '5'])('%s is no object', text => {
  const parsed = parseConf(text, plainTrans);
  expect(!parsed.ok && parsed.error).toContain('must be a JSON object');
});

test('a mistake is named with its place', () => {
  const parsed = parseConf('{\n  "a": 1,\n}', plainTrans);
  expect(!parsed.ok && parsed.error).toMatch(/not valid JSON.*line 3 column 1/);
});
