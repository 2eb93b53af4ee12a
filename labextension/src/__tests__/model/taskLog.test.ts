import { describe, expect, it } from 'vitest';

import { TaskLogModel } from '../../model/taskLog';
import type { Session } from '../../model/session';
import { aLiveSession, FakeServer } from '../helpers';

const KEY = { dag_id: 'sales', run_id: 'run:1', task_id: 'load', try_number: 1, map_index: -1 };
const PATH = 'dags/sales/dagRuns/run:1/taskInstances/load/logs/1';

async function open(
  pages: Record<string, unknown>
): Promise<{ server: FakeServer; session: Session; log: TaskLogModel }> {
  const server = new FakeServer({
    [PATH]: (query: URLSearchParams) => pages[query.get('token') ?? '']
  });
  const session = await aLiveSession(server);
  const log = new TaskLogModel(session, KEY);
  await log.load();
  return { server, session, log };
}

const chunk = (offset: number, text: string, end = false): object => ({
  ...KEY,
  offset,
  next_offset: offset + text.length,
  text,
  end
});

describe('the log of a try', () => {
  it('is read page by page and then done', async () => {
    const { server, log } = await open({
      '': { content: 'one\n', continuation_token: '4' },
      '4': { content: 'two\n', continuation_token: '8', is_complete: true }
    });
    expect(log.log.lines).toEqual(['one', 'two', '']);
    expect(log.isComplete).toBe(true);
    expect(server.socket.sent).toEqual([]);
  });

  it('is followed while the try runs, from where reading stopped', async () => {
    const { server, log } = await open({
      '': { content: 'one\n', continuation_token: '4' },
      '4': { content: '', continuation_token: '4' }
    });
    expect(server.socket.sent).toEqual([{ type: 'follow_log', ...KEY, offset: 4 }]);
    server.socket.push('log', chunk(4, 'two\n', true));
    expect(log.log.lines).toEqual(['one', 'two', '']);
    expect(log.isComplete).toBe(true);
  });

  it('does not repeat a chunk that comes twice', async () => {
    const { server, log } = await open({ '': { content: '', continuation_token: '0' } });
    server.socket.push('log', chunk(0, 'one\n'));
    server.socket.push('log', chunk(4, 'two\n'));
    server.socket.push('log', { ...chunk(4, 'two\n'), offset: 2 });
    expect(log.log.lines).toEqual(['one', 'two', '']);
  });

  it('knows when another view has taken the tail, and takes it back', async () => {
    const { server, session, log } = await open({
      '': { content: '', continuation_token: '0' }
    });
    session.stream.followLog({ type: 'follow_log', ...KEY, task_id: 'other' });
    expect(log.isPaused).toBe(true);
    log.follow();
    expect(log.isPaused).toBe(false);
    expect(server.socket.sent).toHaveLength(3);
  });

  it('stops following when it is not looked at any more', async () => {
    const { server, log } = await open({ '': { content: '', continuation_token: '0' } });
    log.dispose();
    expect(server.socket.sent[1]).toEqual({ type: 'unfollow_log' });
  });
});
