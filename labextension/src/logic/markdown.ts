const PROTOCOLS = new Set(['http:', 'https:', 'mailto:']);
const ENTITY = /&(?:#(\d{1,7})|#x([\da-f]{1,6})|(amp|lt|gt|quot|apos|nbsp));/gi;
const NAMED: Record<string, string> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: '\u00a0'
};
const LAST_CODE_POINT = 0x10ffff;

/** Where a link may lead: an absolute address of the web or of mail; null for anything else. */
export function safeHref(href: string): string | null {
  try {
    const url = new URL(href);
    return PROTOCOLS.has(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

/** "&amp;" as it is read. */
export function decodeEntities(text: string): string {
  return text.replace(ENTITY, (whole, decimal?: string, hex?: string, name?: string) => {
    if (name !== undefined) {
      return NAMED[name.toLowerCase()] ?? whole;
    }
    const code = decimal === undefined ? parseInt(hex ?? '', 16) : Number(decimal);
    return code > LAST_CODE_POINT ? whole : String.fromCodePoint(code);
  });
}

/** Take away what a text is indented by within a Python file; its first line often is not. */
export function dedent(text: string): string {
  const [first = '', ...rest] = text.replace(/\t/g, '    ').split('\n');
  const indents = rest.filter(line => line.trim()).map(line => line.search(/\S/));
  const indent = indents.reduce((least, one) => Math.min(least, one), Infinity);
  return [first.trimStart(), ...rest.map(line => line.slice(indent))].join('\n');
}
