import { render, screen, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';

import { Markdown } from '../../components/common/Markdown';
import MarkdownText from '../../components/common/MarkdownText';

function show(text: string): HTMLElement {
  return render(<MarkdownText text={text} />).container;
}

describe('Markdown', () => {
  it('is shown as it was written until it is read', async () => {
    render(<Markdown text="# Sales" />);
    expect(screen.getByText('# Sales')).toBeTruthy();
    expect((await screen.findByRole('heading', { level: 3 })).textContent).toBe('Sales');
  });

  it('becomes headings, paragraphs, emphasis, code, quotes and rules', () => {
    const root = show(
      '## Load\n\nRuns *every* **day**, `x &lt; 1` &amp; \\*so\\*.\n\n```sql\nselect 1\n```\n\n> quoted\n\n---\n'
    );
    expect(screen.getByRole('heading', { level: 4, name: 'Load' })).toBeTruthy();
    expect(root.querySelector('p')?.textContent).toBe('Runs every day, x &lt; 1 & *so*.');
    expect(root.querySelector('em')?.textContent).toBe('every');
    expect(root.querySelector('strong')?.textContent).toBe('day');
    expect(root.querySelector('pre > code')?.textContent).toBe('select 1');
    expect(root.querySelector('blockquote')?.textContent).toBe('quoted');
    expect(root.querySelector('hr')).toBeTruthy();
  });

  it('keeps lists within lists', () => {
    const root = show('- one\n  1. first\n     - deep\n  2. second\n- [x] two\n');
    const outer = root.querySelector('ul');
    expect(outer?.querySelectorAll(':scope > li')).toHaveLength(2);
    expect(outer?.querySelectorAll(':scope > li > ol > li')).toHaveLength(2);
    expect(outer?.querySelector('ol > li > ul > li')?.textContent).toBe('deep');
    expect(outer?.textContent).toContain('☑ two');
  });

  it('draws tables', () => {
    show('| day | sum |\n| --- | --: |\n| Monday | 12 |\n');
    const table = screen.getByRole('table');
    expect(within(table).getByRole('columnheader', { name: 'day' })).toBeTruthy();
    expect(within(table).getByRole('cell', { name: '12' }).style.textAlign).toBe('right');
  });

  it('opens links in a tab of their own', () => {
    show('[the wiki](https://wiki.example/a?b=1&amp;c=2) <mailto:ann@example.com>');
    const link = screen.getByRole('link', { name: 'the wiki' });
    expect(link.getAttribute('href')).toBe('https://wiki.example/a?b=1&c=2');
    expect(link.getAttribute('target')).toBe('_blank');
    expect(link.getAttribute('rel')).toBe('noopener noreferrer');
    expect(screen.getAllByRole('link')).toHaveLength(2);
  });

  it.each([
    '[x](javascript:alert(1))',
    '[x](JaVaScRiPt:alert(1))',
    '[x](<java\tscript:alert(1)>)',
    '[x](&#106;avascript:alert(1))',
    '[x](&#x6a;avascript&#58;alert(1))',
    '[x](data:text/html,<script>alert(1)</script>)',
    '[x](vbscript:a)',
    '[x](//evil.example)',
    '[x](../../hub/logout)',
    '![x](javascript:alert(1))',
    '[x]\n\n[x]: javascript:alert(1)'
  ])('makes no link of %s', text => {
    const root = show(text);
    expect(root.querySelectorAll('a, img')).toHaveLength(0);
    expect(root.textContent).toContain('x');
  });

  it('loads no pictures: they are links', () => {
    const root = show('![a chart](https://example.com/chart.png)');
    expect(root.querySelector('img')).toBeNull();
    expect(screen.getByRole('link', { name: 'a chart' })).toBeTruthy();
  });

  it('shows HTML as text', () => {
    const text =
      '<script>window.hurt = 1</script>\n\nso <img src=x onerror="window.hurt = 1"> <b>bold</b>\n';
    const root = show(text);
    expect(root.querySelectorAll('script, img, b')).toHaveLength(0);
    expect(root.textContent).toContain('<script>window.hurt = 1</script>');
    expect(root.textContent).toContain('onerror="window.hurt = 1"');
    expect('hurt' in window).toBe(false);
  });

  it('reads a text that is indented as Python files are', () => {
    const root = show('\n    # Title\n\n    Some text.\n\n        code\n    ');
    expect(screen.getByRole('heading', { name: 'Title' })).toBeTruthy();
    expect(root.querySelector('pre')?.textContent).toBe('code');
  });

  it.each([
    ['too long', `# Title\n${'words and *more* words. '.repeat(10_000)}`],
    ['quotes in quotes', `${'>'.repeat(60_000)} end`],
    ['lists in lists', Array.from({ length: 200 }, (_, n) => `${' '.repeat(2 * n)}- x`).join('\n')],
    ['brackets', `${'['.repeat(60_000)} end`],
    ['many links', '[a](https://example.com) '.repeat(4000)]
  ])('survives a huge text: %s', (_, text) => {
    const start = performance.now();
    const root = show(text);
    expect(root.textContent?.length).toBeGreaterThan(200);
    expect(performance.now() - start).toBeLessThan(5000);
  });
});
