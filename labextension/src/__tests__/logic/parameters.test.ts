import { describe, expect, it, test } from 'vitest';

import type { IParameter } from '../../api/types';
import { initialField, isChanged, parseField } from '../../logic/parameters';
import { plainTrans } from '../../logic/trans';

const parameter = (kind: string, value: unknown, source: string): IParameter => ({
  name: 'p',
  kind,
  value,
  source,
  help: null
});

test.each([
  ['integer', ' 10 ', 10],
  ['integer', '-3', -3],
  ['number', '2.5', 2.5],
  ['number', '1e3', 1000],
  ['text', ' as is ', ' as is '],
  ['list', '["a", 1]', ['a', 1]],
  ['dict', '{"a": 1}', { a: 1 }],
  ['none', '7', 7],
  ['none', 'plain words', 'plain words'],
  ['code', '{"a": 1}', { a: 1 }]
])('%s %j is %j', (kind, field, value) => {
  expect(parseField(kind, field, plainTrans)).toEqual({ ok: true, value });
});

test.each([
  ['integer', '2.5'],
  ['integer', ''],
  ['integer', '99999999999999999999'],
  ['number', 'ten'],
  ['number', ''],
  ['list', '{"a": 1}'],
  ['list', '[1,'],
  ['dict', '[1]'],
  ['dict', 'null']
])('%s refuses %j with a sentence', (kind, field) => {
  const parsed = parseField(kind, field, plainTrans);
  expect(parsed.ok).toBe(false);
  expect(!parsed.ok && parsed.error).toMatch(/^Enter .+\.$/);
});

describe('a field that nobody touched', () => {
  const all = [
    parameter('text', '2026-11', '"2026-11"'),
    parameter('integer', 10, '10'),
    parameter('boolean', true, 'True'),
    parameter('list', ['a'], '["a"]'),
    parameter('none', null, 'None'),
    parameter('code', null, 'date.today()')
  ];

  it('is not changed', () => {
    expect(all.filter(item => isChanged(item, initialField(item)))).toEqual([]);
  });

  it('is valid', () => {
    const bad = all.filter(item => !parseField(item.kind, initialField(item), plainTrans).ok);
    expect(bad).toEqual([]);
  });
});

it('takes a tick as it is', () => {
  expect(parseField('boolean', false, plainTrans)).toEqual({ ok: true, value: false });
});
