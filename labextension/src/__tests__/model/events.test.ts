import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { EventStream } from '../../api/events';
import { FakeServer } from '../helpers';

const TARGET = {
  type: 'follow_log',
  dag_id: 'd',
  run_id: 'r',
  task_id: 't',
  try_number: 1
} as const;

describe('the event stream', () => {
  let server: FakeServer;
  let stream: EventStream;

  beforeEach(() => {
    vi.useFakeTimers();
    server = new FakeServer({});
    stream = new EventStream(server);
    stream.start();
  });
  afterEach(() => stream.dispose());

  const resets = (): { count: number } => {
    const seen = { count: 0 };
    stream.reset.connect(() => (seen.count += 1));
    return seen;
  };

  it('resumes behind the last event that it saw', () => {
    server.socket.push('hello', { last_id: 10 });
    server.socket.push('dag', {}, { id: 12 });
    server.socket.drop();
    vi.advanceTimersByTime(1000);
    expect(server.sockets).toHaveLength(2);
    expect(server.socket.url).toContain('after=12');
  });

  it('is offline only when a new attempt fails too, and then waits longer each time', () => {
    server.socket.push('hello', { last_id: 10 });
    server.socket.drop();
    expect(stream.state).toBe('connecting');
    vi.advanceTimersByTime(1000);
    server.socket.drop();
    expect(stream.state).toBe('offline');
    vi.advanceTimersByTime(700);
    expect(server.sockets).toHaveLength(2);
    vi.advanceTimersByTime(600);
    expect(server.sockets).toHaveLength(3);
  });

  it('tells views to load again when the server cannot resume', () => {
    const seen = resets();
    server.socket.push('hello', { last_id: 10 });
    expect(seen.count).toBe(0);
    server.socket.push('reset', {});
    expect(seen.count).toBe(1);
  });

  it('tells views to load again when the server has forgotten the last event', () => {
    const seen = resets();
    server.socket.push('hello', { last_id: 10 });
    server.socket.drop();
    vi.advanceTimersByTime(1000);
    server.socket.push('hello', { last_id: 3 });
    expect(seen.count).toBe(1);
  });

  it('tells views to load again when it was live only after they had loaded', () => {
    const seen = resets();
    server.socket.drop();
    vi.advanceTimersByTime(1000);
    server.socket.push('hello', { last_id: 3 });
    expect(seen.count).toBe(1);
    expect(stream.state).toBe('live');
  });

  it('follows the log on from where it was after a break', () => {
    server.socket.push('hello', { last_id: 10 });
    stream.followLog({ ...TARGET, offset: 0 });
    const chunk = { ...TARGET, offset: 0, next_offset: 40, text: 'x', end: false };
    server.socket.push('log', chunk);
    server.socket.drop();
    vi.advanceTimersByTime(1000);
    server.socket.push('hello', { last_id: 10 });
    expect(server.socket.sent).toEqual([{ ...TARGET, offset: 40 }]);
  });

  it('tries at once when somebody asks', () => {
    server.socket.drop();
    stream.retryNow();
    expect(server.sockets).toHaveLength(2);
  });
});
