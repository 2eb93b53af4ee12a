/** A line of code in the version before, in the one after, or in both. */
export interface IDiffLine {
  kind: 'same' | 'added' | 'removed';
  text: string;
  /** Its number in the version before, from 1. */
  before: number | null;
  after: number | null;
}

/** Lines that stand together; `isFolded` are those far from any change. */
export interface IDiffPart {
  isFolded: boolean;
  lines: IDiffLine[];
}

const HUNK = /^@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/;
/** What ends a line for Python's `str.splitlines`, with which the server compares. */
const LINE_END = /\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]/;
const SIGNS = { ' ': 'same', '+': 'added', '-': 'removed' } as const;

/** All lines of two versions, from a unified diff and the text of the version after. */
export function diffParts(unified: string, afterText: string): IDiffPart[] {
  const parts: IDiffPart[] = [];
  const whole = linesOf(afterText);
  let [before, after, leftBefore, leftAfter] = [1, 1, 0, 0];
  const add = (isFolded: boolean, kind: IDiffLine['kind'], text: string): void => {
    let part = parts[parts.length - 1];
    if (part?.isFolded !== isFolded) {
      part = { isFolded, lines: [] };
      parts.push(part);
    }
    part.lines.push({
      kind,
      text,
      before: kind === 'added' ? null : before++,
      after: kind === 'removed' ? null : after++
    });
  };
  const foldUntil = (end: number): void => {
    while (after < end) {
      add(true, 'same', whole[after - 1] ?? '');
    }
  };
  for (const line of unified.split('\n')) {
    if (leftBefore + leftAfter > 0) {
      const kind = SIGNS[line.charAt(0) as keyof typeof SIGNS];
      add(false, kind, line.slice(1).replace(/\r$/, ''));
      leftBefore -= kind === 'added' ? 0 : 1;
      leftAfter -= kind === 'removed' ? 0 : 1;
      continue;
    }
    const hunk = HUNK.exec(line);
    if (hunk) {
      leftBefore = Number(hunk[1] ?? 1);
      leftAfter = Number(hunk[3] ?? 1);
      // Of no lines, a hunk names the one before.
      foldUntil(Number(hunk[2]) + (leftAfter === 0 ? 1 : 0));
    }
  }
  foldUntil(whole.length + 1);
  return parts;
}

export function countLines(parts: IDiffPart[], kind: IDiffLine['kind']): number {
  return parts.flatMap(part => part.lines).filter(line => line.kind === kind).length;
}

function linesOf(text: string): string[] {
  const lines = text.split(LINE_END);
  if (lines[lines.length - 1] === '') {
    lines.pop();
  }
  return lines;
}
