import { describe, expect, it } from 'vitest';

import { runsAlike } from '../../logic/notebookText';

const cell = { cell_type: 'code', source: 'n = 1', metadata: { tags: ['parameters'] } };
const saved = { metadata: { kernelspec: { name: 'python3' } }, cells: [cell] };

describe('two versions of a notebook', () => {
  it('run alike when only outputs and what JupyterLab adds by itself differ', () => {
    const opened = {
      metadata: { kernelspec: { name: 'python3', language: 'python' }, language_info: {} },
      cells: [
        {
          ...cell,
          source: ['n =', ' 1'],
          metadata: { ...cell.metadata, trusted: true },
          outputs: []
        }
      ]
    };
    expect(runsAlike(saved, opened)).toBe(true);
  });

  it.each([
    ['source', { ...saved, cells: [{ ...cell, source: 'n = 2' }] }],
    ['tag', { ...saved, cells: [{ ...cell, metadata: {} }] }],
    ['kind', { ...saved, cells: [{ ...cell, cell_type: 'raw' }] }],
    ['cell more', { ...saved, cells: [cell, cell] }],
    ['kernel', { ...saved, metadata: { kernelspec: { name: 'ir' } } }]
  ])('do not run alike with another %s', (_, changed) => {
    expect(runsAlike(saved, changed)).toBe(false);
  });
});
