import { render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';

import { START } from '../../logic/places';
import { DagModel } from '../../model/dag';
import { DagPanel } from '../../panels/dagPanel';
import {
  aColumn,
  aDag,
  aDagDetail,
  aLiveSession,
  aProblem,
  aVersion,
  FakeServer
} from '../helpers';

const DETAILS = aDagDetail('sales', {
  owners: ['ann', 'bob'],
  tags: [{ name: 'finance' }],
  dag_run_timeout: { __type: 'TimeDelta', days: 1, seconds: 3600, microseconds: 0 },
  params: { month: '2026-11', regions: ['north'] },
  doc_md: '# Sales\n\nof **all** shops'
});
const DIFF = {
  dag_id: 'sales',
  before: 1,
  after: 2,
  tasks_added: ['mail'],
  tasks_removed: [],
  tasks_changed: [{ task_id: 'load', fields: [{ name: 'retries', before: '0', after: '2' }] }],
  dag_changed: [],
  source_diff: '--- a v1\n+++ a v2\n@@ -3 +3 @@\n-old\n+new\n'
};

interface IOpened {
  server: FakeServer;
  dag: DagModel;
}

/** Versions `count` to 1, a page at a time. */
function versions(count: number) {
  const all = Array.from({ length: count }, (_, index) =>
    aVersion(count - index, { is_current: index === 0, runs: index })
  );
  return (query: URLSearchParams): object => {
    const offset = Number(query.get('offset'));
    const page = all.slice(offset, offset + Number(query.get('limit')));
    return { dag_versions: page, total_entries: count };
  };
}

async function open(tab: 'code' | 'details', count: number, answers = {}): Promise<IOpened> {
  const server = new FakeServer({
    'views/dags/sales': aDag('sales', { version: count }),
    'views/dags/sales/grid': { dag_id: 'sales', runs: [aColumn(1)], before: null },
    'views/dags/sales/source': (query: URLSearchParams) => ({
      dag_id: 'sales',
      path: 'sales.py',
      version: Number(query.get('version') ?? count),
      text: 'first\nsecond\nnew\n',
      error: null
    }),
    'dags/sales/details': DETAILS,
    'dags/sales/dagVersions': versions(count),
    'dags/sales/dagVersions/1/diff/2': DIFF,
    ...answers
  });
  const dag = new DagModel(await aLiveSession(server), 'sales', { ...START, tab });
  render(<DagPanel dag={dag} onOpenNotebook={null} onOpenDag={vi.fn()} onFilterDags={vi.fn()} />);
  await dag.load();
  return { server, dag };
}

describe('the details of a DAG', () => {
  it('lead to owners whose links are safe', async () => {
    const links = {
      ann: 'https://example.com/?a=1&amp;b=2',
      bob: 'mailto:bob@example.com',
      eve: 'javascript:alert(1)'
    };
    const owners = ['ann', 'bob', 'eve', 'zoe'];
    await open('details', 1, { 'dags/sales/details': { ...DETAILS, owners, owner_links: links } });
    const value = (await screen.findByText('Owners')).nextElementSibling as HTMLElement;
    expect(value.textContent).toBe('ann, bob, eve, zoe');
    const found = within(value).getAllByRole<HTMLAnchorElement>('link');
    expect(found.map(link => [link.textContent, link.href])).toEqual([
      ['ann', links.ann],
      ['bob', links.bob]
    ]);
    expect(found[0]?.rel).toBe('noopener noreferrer');
  });

  it('say what is there and nothing else', async () => {
    await open('details', 1);
    const tab = await screen.findByRole('tabpanel');
    await within(tab).findByText('1 d 1 h');
    expect(within(tab).getByText('Owners').nextElementSibling?.textContent).toBe('ann, bob');
    expect(within(tab).getByText('finance')).toBeTruthy();
    expect(within(tab).getByText('2026-11')).toBeTruthy();
    expect(within(tab).getByText('Every day at 06:00')).toBeTruthy();
    expect(await within(tab).findByText(/^1 \(current\) · .* · 0 runs$/)).toBeTruthy();
    expect(await within(tab).findByRole('heading', { name: 'Sales' })).toBeTruthy();
    expect(within(tab).queryByText('End date')).toBeNull();
    expect(within(tab).queryByText('Description')).toBeNull();
  });

  it('are read again when the DAG changes', async () => {
    const { server } = await open('details', 1);
    await screen.findByText('bob');
    server.set('dags/sales/details', { ...DETAILS, owners: ['cleo'] });
    const change = { dag_id: 'sales', change: 'changed' };
    server.socket.push('dag', change, { id: 11, dag_id: 'sales' });
    expect(await screen.findByText('cleo')).toBeTruthy();
  });

  it('leave out what the DAG does not have', async () => {
    const none = { ...DETAILS, owners: [], tags: [] };
    await open('details', 1, { 'dags/sales/details': none });
    await screen.findByText('Max active runs');
    expect(screen.queryByText('Owners')).toBeNull();
    expect(screen.queryByText('Tags')).toBeNull();
  });

  it('say why they could not be loaded', async () => {
    await open('details', 1, { 'dags/sales/details': aProblem(403, 'forbidden', 'not for you') });
    expect((await screen.findByRole('alert')).textContent).toContain('not for you');
  });
});

describe('the versions of a DAG', () => {
  it('offer nothing where there is one only', async () => {
    const { dag } = await open('code', 1);
    await screen.findByText('sales.py');
    await vi.waitFor(() => expect(dag.versions.value).not.toBeNull());
    expect(screen.queryByLabelText('Version')).toBeNull();
  });

  it('are chosen, and the address keeps which', async () => {
    const { dag } = await open('code', 2);
    await userEvent.selectOptions(await screen.findByLabelText('Version'), '1');
    expect(await screen.findByText('version 1')).toBeTruthy();
    expect(dag.place.version).toBe(1);
    dag.go({ runId: 'run-1' });
    expect(dag.place.version).toBeNull();
  });

  it('are compared line by line, from the older to the newer', async () => {
    await open('code', 2);
    await userEvent.selectOptions(await screen.findByLabelText('compared with'), '1');
    const diff = await screen.findByRole('region', { name: 'From version 1 to version 2' });
    expect(within(diff).getByText('load (retries)')).toBeTruthy();
    expect(within(diff).getByText('1 added, 1 removed')).toBeTruthy();
    expect(within(diff).getByText('new').parentElement?.textContent).toBe('3+new');
    expect(within(diff).getByText('old').parentElement?.textContent).toBe('3-old');
    expect(within(diff).getByText('2 unchanged lines')).toBeTruthy();
    await userEvent.selectOptions(screen.getByLabelText('compared with'), 'no other');
    expect(screen.queryByRole('region', { name: /From version/ })).toBeNull();
  });

  it('may differ in nothing that is written in the file', async () => {
    const same = { ...DIFF, source_diff: '' };
    await open('code', 2, { 'dags/sales/dagVersions/1/diff/2': same });
    await userEvent.selectOptions(await screen.findByLabelText('compared with'), '1');
    expect(await screen.findByText(/The code of the file is the same/)).toBeTruthy();
  });

  it('come a page at a time', async () => {
    const { server } = await open('code', 30);
    const picker = await screen.findByLabelText<HTMLSelectElement>('Version');
    expect(picker.options).toHaveLength(25);
    await userEvent.click(screen.getByRole('button', { name: 'List older versions' }));
    await vi.waitFor(() => expect(picker.options).toHaveLength(30));
    expect(screen.queryByRole('button', { name: 'List older versions' })).toBeNull();
    server.set('views/dags/sales', aDag('sales', { version: 31 }));
    server.socket.push('dag', { dag_id: 'sales', change: 'changed' }, { id: 11, dag_id: 'sales' });
    await vi.waitFor(() => expect(picker.value).toBe('31'));
    expect(picker.options.length).toBeGreaterThanOrEqual(30);
  });
});
