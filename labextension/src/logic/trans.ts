import type { ITrans } from '../tokens';

/** Untranslated strings, for the hub's page and for tests; the same placeholders as JupyterLab. */
export const plainTrans: ITrans = {
  __: (msgid, ...args) => fill(msgid, args),
  _n: (msgid, plural, n, ...args) => fill(n === 1 ? msgid : plural, [n, ...args])
};

function fill(message: string, args: (string | number)[]): string {
  return message.replace(/%(\d+)/g, (_, index: string) => String(args[Number(index) - 1] ?? ''));
}
