import { describe, expect, it } from 'vitest';

import { countLines, diffParts, type IDiffPart } from '../../logic/diff';

const HEAD = '--- sales.py v1\n+++ sales.py v2\n';

/** "·" for a folded line, else its sign; then its numbers and its text. */
function drawn(parts: IDiffPart[]): string[] {
  const signs = { same: ' ', added: '+', removed: '-' };
  return parts.flatMap(({ isFolded, lines }) =>
    lines.map(
      ({ kind, before, after, text }) =>
        `${isFolded ? '·' : signs[kind]}${before ?? '_'},${after ?? '_'} ${text}`
    )
  );
}

describe('the lines of a diff', () => {
  it('are numbered on both sides, and folded far from changes', () => {
    const unified = `${HEAD}@@ -2,2 +2,3 @@\n b\n-c\n+C\n+c2\n@@ -5 +6 @@\n-e\n+E\n`;
    expect(drawn(diffParts(unified, 'a\nb\nC\nc2\nd\nE\nf\n'))).toEqual([
      '·1,1 a',
      ' 2,2 b',
      '-3,_ c',
      '+_,3 C',
      '+_,4 c2',
      '·4,5 d',
      '-5,_ e',
      '+_,6 E',
      '·6,7 f'
    ]);
  });

  it('may look like headers', () => {
    const unified = `${HEAD}@@ -1,2 +1,2 @@\n--- x\n-@@ -1 +1 @@\n+++ y\n+z\n`;
    const parts = diffParts(unified, '++ y\nz\n');
    expect(drawn(parts)).toEqual(['-1,_ -- x', '-2,_ @@ -1 +1 @@', '+_,1 ++ y', '+_,2 z']);
    expect(countLines(parts, 'added')).toBe(2);
  });

  it.each([
    ['only removed', `${HEAD}@@ -2,1 +1,0 @@\n-b\n`, 'a\nc\n', ['·1,1 a', '-2,_ b', '·3,2 c']],
    ['only added', `${HEAD}@@ -1,0 +2 @@\n+b\n`, 'a\nb\n', ['·1,1 a', '+_,2 b']],
    ['made from nothing', `${HEAD}@@ -0,0 +1 @@\n+a\n`, 'a', ['+_,1 a']],
    [
      'with other ends',
      `${HEAD}@@ -2 +2 @@\n-b\r\n+B\r\n`,
      'a\r\nB\r\n',
      ['·1,1 a', '-2,_ b', '+_,2 B']
    ],
    ['all the same', '', 'a\nb\n', ['·1,1 a', '·2,2 b']]
  ])('are right when they are %s', (_, unified, text, expected) => {
    expect(drawn(diffParts(unified, text))).toEqual(expected);
  });
});
