import type { ITrans } from '../tokens';

export type Conf = { ok: true; conf: Record<string, unknown> } | { ok: false; error: string };

/** Read the configuration of a run: a JSON object, or nothing for an empty one. */
export function parseConf(text: string, trans: ITrans): Conf {
  if (text.trim() === '') {
    return { ok: true, conf: {} };
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (reason) {
    return { ok: false, error: trans.__('This is not valid JSON: %1', whereWrong(reason, text)) };
  }
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? { ok: true, conf: value as Record<string, unknown> }
    : { ok: false, error: trans.__('The configuration must be a JSON object: {"name": value}.') };
}

/** The parser's words, with a line and column where it only gives a position. */
function whereWrong(reason: unknown, text: string): string {
  const message = reason instanceof Error ? reason.message : String(reason);
  const position = /at position (\d+)(?! \(line)/.exec(message)?.[1];
  if (!position || message.includes('(line')) {
    return message;
  }
  const before = text.slice(0, Number(position)).split('\n');
  const column = (before[before.length - 1] ?? '').length + 1;
  return message.replace(/at position \d+/, `at line ${before.length} column ${column}`);
}
