import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it, vi } from 'vitest';

import type { IFile } from '../../api/types';
import { DagFileModel } from '../../model/dagFile';
import { FilePanel } from '../../panels/filePanel';
import { aLiveSession, aProblem, FakeServer } from '../helpers';

const PATH = 'reports/broken.py';
const BROKEN: IFile = {
  path: PATH,
  text: 'x = 1\nprice\n',
  parsed_at: '2026-11-20T12:00:00Z',
  dag_ids: ['report'],
  error: {
    import_error_id: 3,
    timestamp: '2026-11-20T12:00:00Z',
    filename: PATH,
    stack_trace: 'Traceback …\nNameError: price',
    message: "NameError: name 'price' is not defined",
    line: 2
  }
};

async function open(
  answer: object
): Promise<{ server: FakeServer; onOpenDag: ReturnType<typeof vi.fn> }> {
  const server = new FakeServer({ 'views/file': answer });
  const file = new DagFileModel(await aLiveSession(server), PATH);
  const onOpenDag = vi.fn();
  render(<FilePanel file={file} onOpenDag={onOpenDag} />);
  await file.load();
  return { server, onOpenDag };
}

it('shows where a broken file breaks, with the whole traceback and its DAGs', async () => {
  const { server, onOpenDag } = await open(BROKEN);
  const alert = await screen.findByRole('alert');
  expect(alert.textContent).toContain('Line 2 is broken');
  expect(alert.textContent).toContain('Traceback …\nNameError: price');
  expect(alert.querySelector('details')?.open).toBe(true);
  expect(server.requests[server.requests.length - 1]?.query.get('path')).toBe(PATH);
  await userEvent.click(screen.getByRole('button', { name: 'report' }));
  expect(onOpenDag).toHaveBeenCalledWith('report');
});

it('hears when the file is mended', async () => {
  const { server } = await open(BROKEN);
  await screen.findByRole('alert');
  server.set('views/file', { ...BROKEN, error: null });
  server.socket.push('import', { path: PATH, broken: false }, { id: 11 });
  expect(await screen.findByText('This file is in order.')).toBeTruthy();
  expect(screen.queryByRole('alert')).toBeNull();
});

it('says which file is gone', async () => {
  await open(aProblem(404, 'not-found', 'there is no DAG file'));
  expect((await screen.findByRole('alert')).textContent).toContain(PATH);
});
