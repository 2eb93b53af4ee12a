/** The newest lines of a log. `dropped` older lines were forgotten to keep memory flat. */
export interface ILogLines {
  lines: string[];
  dropped: number;
}

export const EMPTY_LOG: ILogLines = { lines: [''], dropped: 0 };
/** More than anybody scrolls through; the whole log can be downloaded. */
const KEPT_LINES = 50_000;

/** Add a chunk, which may begin and end within a line. The last line is the unfinished one. */
export function appendText(log: ILogLines, text: string, kept = KEPT_LINES): ILogLines {
  if (!text) {
    return log;
  }
  const [first = '', ...rest] = text.split('\n');
  const open = log.lines[log.lines.length - 1] ?? '';
  const lines = [...log.lines.slice(0, -1), open + first, ...rest];
  const excess = Math.max(0, lines.length - kept);
  return { lines: excess ? lines.slice(excess) : lines, dropped: log.dropped + excess };
}

/** The line as a terminal shows it: what follows a carriage return overwrites what came before. */
export function visibleText(line: string): string {
  const trimmed = line.endsWith('\r') ? line.slice(0, -1) : line;
  return trimmed.slice(trimmed.lastIndexOf('\r') + 1);
}

/** How serious a line of hubflow's own log format is, by its level name. */
export function lineLevel(line: string): 'error' | 'warning' | null {
  if (/\b(ERROR|CRITICAL)\b/.test(line.slice(0, 80))) {
    return 'error';
  }
  return /\bWARN(ING)?\b/.test(line.slice(0, 80)) ? 'warning' : null;
}
