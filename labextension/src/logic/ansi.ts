/** A piece of a line in one style. */
export interface ISpan {
  text: string;
  /** Names of CSS classes behind `jp-hubflow-ansi-`: "red", "bold" … */
  classes: string[];
}

const COLOURS = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'];
const ESCAPE = /\u001b\[([0-9;:?]*)([A-Za-z])|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)/g;

/** Split a line at its colour sequences; all other escape sequences are dropped. */
export function ansiSpans(line: string): ISpan[] {
  if (!line.includes('\u001b')) {
    return [{ text: line, classes: [] }];
  }
  const spans: ISpan[] = [];
  let colour: string | null = null;
  let bold = false;
  let from = 0;
  const push = (text: string): void => {
    if (text) {
      spans.push({ text, classes: [...(colour ? [colour] : []), ...(bold ? ['bold'] : [])] });
    }
  };
  for (const match of line.matchAll(ESCAPE)) {
    push(line.slice(from, match.index));
    from = match.index + match[0].length;
    if (match[2] === 'm') {
      [colour, bold] = applyCodes(match[1] ?? '', colour, bold);
    }
  }
  push(line.slice(from));
  return spans;
}

/** The line without any escape sequence. */
export function stripAnsi(text: string): string {
  return text.replace(ESCAPE, '');
}

function applyCodes(codes: string, colour: string | null, bold: boolean): [string | null, boolean] {
  const numbers = codes.split(';').map(Number);
  for (let index = 0; index < numbers.length; index += 1) {
    const code = numbers[index] ?? 0;
    if (code === 0) {
      [colour, bold] = [null, false];
    } else if (code === 1) {
      bold = true;
    } else if (code === 22) {
      bold = false;
    } else if (code === 39) {
      colour = null;
    } else if (code === 38 || code === 48) {
      // 256 colours (38;5;n) and true colours (38;2;r;g;b) have no theme colour: skip them.
      index += numbers[index + 1] === 5 ? 2 : 4;
    } else {
      colour = basicColour(code) ?? colour;
    }
  }
  return [colour, bold];
}

function basicColour(code: number): string | null {
  const isBasic = (code >= 30 && code <= 37) || (code >= 90 && code <= 97);
  return isBasic ? (COLOURS[code % 10] ?? null) : null;
}
