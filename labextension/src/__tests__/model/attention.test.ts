import { expect, it, vi } from 'vitest';

import { AttentionModel } from '../../model/attention';
import { aLiveSession, aRun, FakeServer } from '../helpers';

const UNSENT = {
  kind: 'failed_alert',
  title: 'sales',
  detail: 'a mail to ann@example.org is unsent, and is tried again: connection refused',
  at: '2026-11-20T12:00:00Z'
};

it.each([
  ['alert', { alert_id: 3, state: 'pending' }],
  ['import', { path: 'broken.py', broken: true }],
  ['run', { dag_id: 'sales', run: aRun(1, { state: 'failed' }), tasks: [] }]
])('is read again when something may need a person: %s', async (kind, data) => {
  const server = new FakeServer({ 'views/attention': { items: [] } });
  const attention = new AttentionModel(await aLiveSession(server));
  await attention.load();
  server.set('views/attention', { items: [UNSENT] });
  server.socket.push(kind, data, { id: 11 });
  await vi.waitFor(() => expect(attention.value?.items).toEqual([UNSENT]));
});

it('is left alone by what needs nobody', async () => {
  const server = new FakeServer({ 'views/attention': { items: [] } });
  const attention = new AttentionModel(await aLiveSession(server));
  await attention.load();
  const asked = server.requests.length;
  server.socket.push('pool', { name: 'tiny' }, { id: 11 });
  server.socket.push('run', { dag_id: 'sales', run: aRun(1, { state: 'running' }), tasks: [] });
  await attention.load();
  expect(server.requests).toHaveLength(asked + 1);
});
