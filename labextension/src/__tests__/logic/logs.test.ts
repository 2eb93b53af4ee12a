import { describe, expect, it } from 'vitest';

import { ansiSpans, stripAnsi } from '../../logic/ansi';
import { appendText, EMPTY_LOG, lineLevel, visibleText } from '../../logic/logLines';

describe('log lines', () => {
  it('join chunks that end within a line', () => {
    const log = appendText(appendText(EMPTY_LOG, 'one\ntw'), 'o\nthree\n');
    expect(log.lines).toEqual(['one', 'two', 'three', '']);
  });

  it('forget the oldest to stay within bounds', () => {
    const log = appendText(EMPTY_LOG, 'a\nb\nc\nd', 2);
    expect(log).toEqual({ lines: ['c', 'd'], dropped: 2 });
  });

  it('show what a carriage return leaves on a terminal', () => {
    expect(visibleText('10 %\r50 %\r100 %')).toBe('100 %');
    expect(visibleText('windows\r')).toBe('windows');
  });

  it('know errors and warnings by their level', () => {
    expect(lineLevel('[2026-11-22 12:00:00,000] {worker} ERROR - boom')).toBe('error');
    expect(lineLevel('[2026-11-22 12:00:00,000] {x.py:1} WARNING - hm')).toBe('warning');
    expect(lineLevel('no errors found')).toBeNull();
  });
});

describe('escape sequences', () => {
  const ESC = '\u001b';

  it('become styles', () => {
    expect(ansiSpans(`${ESC}[1;31mKeyError${ESC}[0m: 'a'`)).toEqual([
      { text: 'KeyError', classes: ['red', 'bold'] },
      { text: ": 'a'", classes: [] }
    ]);
  });

  it('of 256 colours do not leak their numbers', () => {
    expect(ansiSpans(`${ESC}[38;5;1mtext`)).toEqual([{ text: 'text', classes: [] }]);
  });

  it('of other kinds are dropped', () => {
    expect(stripAnsi(`${ESC}[2K${ESC}]0;title\u0007line`)).toBe('line');
  });
});
