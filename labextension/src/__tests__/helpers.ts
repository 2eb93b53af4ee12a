import type { IConnection } from '../api/request';
import type {
  IDagDetail,
  IDagRow,
  IDagVersion,
  IEvent,
  IGridRun,
  IHealth,
  INotebook,
  IRunBrief,
  IStructure,
  IStructureTask,
  ITaskCell,
  ITaskPanel,
  ITaskSpec,
  ITry
} from '../api/types';
import { Session } from '../model/session';

const NOON = '2026-11-20T12:00:00Z';

export function aRun(id: number, change: Partial<IRunBrief> = {}): IRunBrief {
  const day = String(1 + (id % 28)).padStart(2, '0');
  return {
    id,
    run_id: `run-${id}`,
    run_type: 'scheduled',
    state: 'success',
    execution_date: `2026-11-${day}T06:00:00Z`,
    queued_at: `2026-11-${day}T06:00:00Z`,
    start_date: `2026-11-${day}T06:00:00Z`,
    end_date: `2026-11-${day}T06:01:00Z`,
    task_counts: { success: 1 },
    version: 1,
    conf: {},
    triggered_by: null,
    starter: null,
    reason: null,
    ...change
  };
}

export function aCell(
  taskId: string,
  state = 'success',
  change: Partial<ITaskCell> = {}
): ITaskCell {
  return {
    task_id: taskId,
    state,
    try_number: 1,
    max_tries: 1,
    queued_at: null,
    start_date: null,
    end_date: null,
    retry_at: null,
    map_index: -1,
    ...change
  };
}

export function aColumn(id: number, cells: ITaskCell[] = [aCell('load')]): IGridRun {
  return { run: aRun(id), tasks: cells };
}

export function aTask(
  taskId: string,
  downstream: string[] = [],
  change: Partial<IStructureTask> = {}
): IStructureTask {
  return {
    task_id: taskId,
    task_display_name: taskId,
    operator: 'BashOperator',
    description: null,
    downstream,
    group_id: null,
    is_setup: false,
    is_teardown: false,
    is_mapped: false,
    run_dag_id: null,
    trigger_rule: 'all_success',
    retries: 0,
    ui_color: '#fff',
    fields: {},
    notebook: null,
    ...change
  };
}

export function aTaskSpec(taskId: string, change: Partial<ITaskSpec> = {}): ITaskSpec {
  return {
    ...aTask(taskId),
    owner: 'alice',
    pool: 'default_pool',
    pool_slots: 1,
    queue: 'default',
    priority_weight: 1,
    retry_delay_s: 300,
    execution_timeout_s: null,
    resources: {},
    doc: null,
    ...change
  };
}

export function aStructure(tasks: IStructureTask[], change: Partial<IStructure> = {}): IStructure {
  return {
    dag_id: 'sales',
    dag_display_name: 'sales',
    version: 1,
    versions: 1,
    tasks,
    groups: [],
    edge_labels: [],
    params: [],
    doc_md: null,
    orientation: 'LR',
    created_at: NOON,
    ...change
  };
}

export function aDag(dagId: string, change: Partial<IDagRow> = {}): IDagRow {
  return {
    dag_id: dagId,
    dag_display_name: dagId,
    kind: 'dag',
    description: null,
    owners: ['alice'],
    tags: [],
    path: `${dagId}.py`,
    is_paused: false,
    is_new: false,
    is_active: true,
    schedule_text: '0 6 * * *',
    schedule_reading: 'Every day at 06:00',
    timezone: 'UTC',
    next_execution_date: null,
    next_due_at: null,
    max_active_runs: 16,
    version: 1,
    has_import_error: false,
    recent_runs: [],
    progress: null,
    warnings: [],
    created_at: NOON,
    ...change
  };
}

export function aDagDetail(dagId: string, change: Partial<IDagDetail> = {}): IDagDetail {
  return {
    dag_id: dagId,
    dag_display_name: dagId,
    root_dag_id: null,
    is_paused: false,
    is_active: true,
    is_subdag: false,
    last_parsed_time: NOON,
    file_token: '1',
    fileloc: `${dagId}.py`,
    owners: ['alice'],
    description: null,
    schedule_interval: null,
    timetable_description: null,
    tags: [],
    max_active_tasks: 16,
    max_active_runs: 16,
    has_import_errors: false,
    next_dagrun: null,
    next_dagrun_data_interval_start: null,
    next_dagrun_data_interval_end: null,
    next_dagrun_create_after: null,
    has_task_concurrency_limits: false,
    last_pickled: null,
    last_expired: null,
    pickle_id: null,
    scheduler_lock: null,
    default_view: 'grid',
    timezone: 'UTC',
    catchup: false,
    orientation: 'LR',
    concurrency: 16,
    start_date: null,
    end_date: null,
    dag_run_timeout: null,
    doc_md: null,
    owner_links: {},
    params: {},
    is_paused_upon_creation: null,
    last_parsed: null,
    ...change
  };
}

export function aVersion(number: number, change: Partial<IDagVersion> = {}): IDagVersion {
  return {
    dag_id: 'sales',
    version_number: number,
    created_at: NOON,
    is_current: false,
    task_count: 1,
    runs: 0,
    ...change
  };
}

export function aTry(tryNumber: number, change: Partial<ITry> = {}): ITry {
  return {
    try_number: tryNumber,
    state: 'success',
    ready_at: NOON,
    queued_at: NOON,
    start_date: NOON,
    code_at: null,
    end_date: '2026-11-20T12:00:12Z',
    hostname: 'box',
    pid: 7,
    exit_code: 0,
    error: null,
    error_detail: null,
    artifacts: [],
    ...change
  };
}

export function aPanel(change: Partial<ITaskPanel> = {}): ITaskPanel {
  return {
    dag_id: 'sales',
    dag_display_name: 'sales',
    run: aRun(1),
    task: aTaskSpec('load'),
    cell: aCell('load'),
    instances: {},
    instance_names: {},
    due_at: NOON,
    tries: [aTry(1)],
    xcoms: [],
    progress: null,
    started_run: null,
    ...change
  };
}

export function aNotebook(change: Partial<INotebook> = {}): INotebook {
  return {
    path: 'reports/churn.ipynb',
    kernel_name: 'python3',
    kernel_display_name: 'Python 3',
    kernel_installed: true,
    cells: 4,
    code_cells: 3,
    has_parameters_cell: true,
    parameters: [
      { name: 'month', kind: 'text', value: '2026-11', source: '"2026-11"', help: null },
      { name: 'top_n', kind: 'integer', value: 10, source: '10', help: null },
      { name: 'verbose', kind: 'boolean', value: true, source: 'True', help: null }
    ],
    suggested_dag_id: 'churn',
    scheduled_as: [],
    ...change
  };
}

export function aHealth(running = 2): IHealth {
  const beat = new Date().toISOString();
  return {
    metadatabase: { status: 'healthy' },
    scheduler: {
      status: 'healthy',
      latest_scheduler_heartbeat: beat,
      leader: 'hub:17',
      leading_since: beat,
      standing_by: 0,
      version: '0.1.0',
      standing_by_versions: []
    },
    dag_processor: { status: 'healthy', latest_dag_processor_heartbeat: beat },
    worker: {
      status: 'healthy',
      latest_worker_heartbeat: beat,
      slots: 8,
      running,
      queued: 0,
      version: '0.1.0'
    }
  };
}

/** The server's end of the event stream. */
export class FakeSocket {
  static readonly OPEN = 1;
  readyState = 1;
  onmessage: ((message: { data: string }) => void) | null = null;
  onclose: (() => void) | null = null;
  readonly sent: unknown[] = [];

  constructor(readonly url: string) {}

  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }

  close(): void {
    this.readyState = 3;
  }

  /** The server sends an event. */
  push(kind: string, data: unknown, change: Partial<IEvent> = {}): void {
    const event = { id: null, kind, at: NOON, dag_id: null, data, ...change };
    this.onmessage?.({ data: JSON.stringify(event) });
  }

  /** The line breaks. */
  drop(): void {
    this.readyState = 3;
    this.onclose?.();
  }
}

type Answer = object | string | number | null | undefined;

/** A server in memory: answers by path, and the requests and sockets that it saw. */
export class FakeServer implements IConnection {
  readonly apiUrl = 'http://hub/hubflow/api/v1';
  readonly sockets: FakeSocket[] = [];
  readonly requests: { method: string; path: string; query: URLSearchParams; body: unknown }[] = [];

  constructor(
    private readonly answers: Record<string, Answer | ((query: URLSearchParams) => Answer)>
  ) {}

  get socket(): FakeSocket {
    const last = this.sockets[this.sockets.length - 1];
    if (!last) {
      throw new Error('no socket was opened');
    }
    return last;
  }

  set(path: string, answer: Answer): void {
    this.answers[path] = answer;
  }

  fetch(url: string, init: RequestInit): Promise<Response> {
    const { pathname, searchParams } = new URL(url);
    const path = decodeURIComponent(pathname.split('/api/v1/')[1] ?? '');
    const method = init.method ?? 'GET';
    const body: unknown = typeof init.body === 'string' ? JSON.parse(init.body) : undefined;
    this.requests.push({ method, path, query: searchParams, body });
    const known = this.answers[`${method} ${path}`] ?? this.answers[path];
    const answer: unknown =
      typeof known === 'function'
        ? (known as (q: URLSearchParams) => unknown)(searchParams)
        : known;
    if (answer instanceof Error) {
      return Promise.reject(answer);
    }
    return Promise.resolve(answer instanceof Response ? answer.clone() : reply(answer));
  }

  openSocket(url: string): WebSocket {
    const socket = new FakeSocket(url);
    this.sockets.push(socket);
    return socket as unknown as WebSocket;
  }

  paths(method = 'GET'): string[] {
    return this.requests.filter(item => item.method === method).map(item => item.path);
  }
}

export function aProblem(status: number, code: string, detail: string): Response {
  const problem = { type: 'about:blank', title: code, status, detail, code };
  return new Response(JSON.stringify(problem), { status });
}

/** A session whose stream is live and whose user may do everything. */
export async function aLiveSession(
  server: FakeServer,
  permissions = ['dags.read', 'dags.edit', 'runs.trigger', 'runs.edit', 'notebooks.schedule']
): Promise<Session> {
  server.set('me', {
    name: 'alice',
    display_name: 'Alice',
    permissions,
    hub_prefix: null,
    dag_folder: null
  });
  server.set('health', aHealth());
  const session = new Session(server);
  sessions.push(session);
  session.start();
  server.socket.push('hello', { last_id: 10 });
  await until(() => session.me.value !== null);
  return session;
}

const sessions: Session[] = [];

/** Close what a test has opened. */
export function endSessions(): void {
  sessions.splice(0).forEach(session => session.dispose());
}

/** Wait for a condition, at most two seconds. */
export async function until(isTrue: () => boolean): Promise<void> {
  const end = Date.now() + 2000;
  while (!isTrue()) {
    if (Date.now() > end) {
      throw new Error('the condition did not come true');
    }
    await new Promise(resolve => setTimeout(resolve, 5));
  }
}

function reply(answer: unknown): Response {
  return answer === undefined
    ? aProblem(404, 'not-found', 'nothing is here')
    : new Response(JSON.stringify(answer), { status: 200 });
}
