// Written by scripts/dto_types.py from hubflow.services.dto; run `npm run types`.
/**
 * Kind "alert": a mail could not be sent, or one that could not before is over.
 */
export interface IAlertChanged {
  alert_id: number;
  state: string;
}

/**
 * A mail or callback: `state` is "pending", "done" or "failed"; `error` says why not yet.
 */
export interface IAlert {
  alert_id: number;
  kind: string;
  reason: string;
  dag_id: string;
  dag_run_id: string | null;
  task_id: string | null;
  try_number: number | null;
  recipients: string[];
  state: string;
  attempts: number;
  created_at: string;
  next_attempt_at: string | null;
  done_at: string | null;
  error: string | null;
}

export interface IAlerts {
  alerts: IAlert[];
  total_entries: number;
}

/**
 * What needs a person, newest first, at most 100: DAGs whose newest finished run failed, broken
 * files, tasks that can never run, and what was late or could not be told within the last day.
 */
export interface IAttention {
  items: IAttentionItem[];
}

/**
 * Something that needs a person.
 *
 * `kind` is "failed_run", "import_error", "late_task" (an SLA was missed), "failed_alert" (a mail
 * or callback came to nothing) or "stuck_task" (its pool can never let it run).
 */
export interface IAttentionItem {
  kind: string;
  title: string;
  detail: string;
  dag_id: string | null;
  run_id: string | null;
  task_id: string | null;
  path: string | null;
  line: number | null;
  sla_miss_ids: number[];
  at: string;
}

/**
 * Kind "backfill": one began, came further, or is over.
 */
export interface IBackfillChanged {
  id: number;
  dag_id: string;
  state: string;
  total: number;
  done: number;
  failed: number;
}

/**
 * What a backfill does at one date: "create", "take over", "clear" or "leave".
 */
export interface IBackfillDate {
  logical_date: string;
  dag_run_id: string | null;
  state: string | null;
  action: string;
}

/**
 * What a backfill would do. Of its dates, `before_start` are before the start date of the DAG,
 * and of `unfinished` the interval is not over yet; they run all the same.
 */
export interface IBackfillDates {
  backfills: IBackfillDate[];
  total_entries: number;
  before_start: number;
  unfinished: number;
}

/**
 * One backfill. `state` is queued, running, success, failed or cancelled.
 *
 * total, done, failed : runs in all, ended, and failed.
 */
export interface IBackfill {
  id: number;
  dag_id: string;
  from_date: string;
  to_date: string;
  state: string;
  total: number;
  done: number;
  failed: number;
  run_backwards: boolean;
  reprocess_behavior: string;
  dag_run_conf: Record<string, unknown>;
  max_active_runs: number | null;
  created_by: string;
  created_at: string;
  completed_at: string | null;
}

export interface IBackfills {
  backfills: IBackfill[];
  total_entries: number;
}

/**
 * Body of POST dagRuns/{dag_run_id}/clear.
 */
export interface IClearDagRun {
  dry_run?: boolean;
  only_failed?: boolean;
}

/**
 * Body of POST clearTaskInstances. Without `task_ids`, all tasks; without dates and
 * `dag_run_id`, all runs.
 *
 * `include_subdags` reaches runs that the cleared tasks started, `include_parentdag` the tasks
 * that started the cleared runs. Finished runs are opened again unless `reset_dag_runs` is false.
 * `map_index` is for one task in `task_ids`: of its instances only that one is cleared.
 */
export interface IClearTaskInstances {
  dry_run?: boolean;
  task_ids?: string[] | null;
  dag_run_id?: string | null;
  start_date?: string | null;
  end_date?: string | null;
  only_failed?: boolean;
  only_running?: boolean;
  include_subdags?: boolean;
  include_parentdag?: boolean;
  reset_dag_runs?: boolean;
  include_upstream?: boolean;
  include_downstream?: boolean;
  include_future?: boolean;
  include_past?: boolean;
  map_index?: number | null;
}

/**
 * Kind "connection": one of the connections with this id was added, changed or removed.
 */
export interface IConnectionChanged {
  connection_id: string;
  change: string;
}

/**
 * `extra` has asterisks where a name in it is sensitive, and is nothing but asterisks if it
 * is no JSON object. `count` says how many connections share the id.
 */
export interface IConnectionDetail {
  id: number;
  connection_id: string;
  conn_type: string;
  description: string | null;
  host: string | null;
  login: string | null;
  schema: string | null;
  port: number | null;
  has_password: boolean;
  is_encrypted: boolean;
  is_extra_encrypted: boolean;
  is_readable: boolean;
  extra: string | null;
  count: number;
}

/**
 * `id` names the row among those that share `connection_id`. Passwords never come back.
 */
export interface IConnection {
  id: number;
  connection_id: string;
  conn_type: string;
  description: string | null;
  host: string | null;
  login: string | null;
  schema: string | null;
  port: number | null;
  has_password: boolean;
  is_encrypted: boolean;
  is_extra_encrypted: boolean;
  is_readable: boolean;
}

/**
 * `status` says whether the other side answered.
 */
export interface IConnectionTest {
  status: boolean;
  message: string;
}

export interface IConnections {
  connections: IConnection[];
  total_entries: number;
}

/**
 * Body of POST backfills. Both dates are inclusive; one alone stands for both.
 *
 * reprocess_behavior : what becomes of finished runs at these dates: "none" leaves them,
 *     "failed" clears their failed tasks, "completed" clears all.
 * task_regex : only tasks in whose id it is found, and what these depend on unless
 *     `ignore_dependencies`.
 * max_active_runs : null means that of the DAG.
 */
export interface ICreateBackfill {
  dag_id: string;
  from_date?: string | null;
  to_date?: string | null;
  run_backwards?: boolean;
  reprocess_behavior?: 'none' | 'failed' | 'completed';
  dag_run_conf?: Record<string, unknown>;
  max_active_runs?: number | null;
  task_regex?: string | null;
  ignore_dependencies?: boolean;
  mark_success?: boolean;
  pool?: string | null;
  ignore_first_depends_on_past?: boolean;
}

/**
 * Kind "dag". `change` is "added", "changed", "removed", "paused" or "unpaused".
 */
export interface IDagChanged {
  dag_id: string;
  change: string;
}

/**
 * A DAG with what is known only of its current version.
 */
export interface IDagDetail {
  dag_id: string;
  dag_display_name: string;
  root_dag_id: string | null;
  is_paused: boolean;
  is_active: boolean;
  is_subdag: boolean;
  last_parsed_time: string | null;
  file_token: string;
  fileloc: string;
  owners: string[];
  description: string | null;
  schedule_interval: IScheduleInterval | null;
  timetable_description: string | null;
  tags: ITag[];
  max_active_tasks: number;
  max_active_runs: number;
  has_import_errors: boolean;
  next_dagrun: string | null;
  next_dagrun_data_interval_start: string | null;
  next_dagrun_data_interval_end: string | null;
  next_dagrun_create_after: string | null;
  has_task_concurrency_limits: boolean;
  last_pickled: string | null;
  last_expired: string | null;
  pickle_id: string | null;
  scheduler_lock: boolean | null;
  default_view: string;
  timezone: string;
  catchup: boolean;
  orientation: string;
  concurrency: number;
  start_date: string | null;
  end_date: string | null;
  dag_run_timeout: ITimeDelta | null;
  doc_md: string | null;
  owner_links: Record<string, string>;
  params: Record<string, unknown>;
  is_paused_upon_creation: boolean | null;
  last_parsed: string | null;
}

export interface IDag {
  dag_id: string;
  dag_display_name: string;
  root_dag_id: string | null;
  is_paused: boolean;
  is_active: boolean;
  is_subdag: boolean;
  last_parsed_time: string | null;
  file_token: string;
  fileloc: string;
  owners: string[];
  description: string | null;
  schedule_interval: IScheduleInterval | null;
  timetable_description: string | null;
  tags: ITag[];
  max_active_tasks: number;
  max_active_runs: number;
  has_import_errors: boolean;
  next_dagrun: string | null;
  next_dagrun_data_interval_start: string | null;
  next_dagrun_data_interval_end: string | null;
  next_dagrun_create_after: string | null;
  has_task_concurrency_limits: boolean;
  last_pickled: string | null;
  last_expired: string | null;
  pickle_id: string | null;
  scheduler_lock: boolean | null;
  default_view: string;
}

/**
 * A line of the DAG list. `recent_runs` are the last 14 runs, oldest first.
 */
export interface IDagRow {
  dag_id: string;
  dag_display_name: string;
  kind: string;
  description: string | null;
  owners: string[];
  tags: string[];
  path: string;
  is_paused: boolean;
  is_new: boolean;
  is_active: boolean;
  schedule_text: string | null;
  schedule_reading: string;
  timezone: string;
  next_execution_date: string | null;
  next_due_at: string | null;
  max_active_runs: number;
  version: number | null;
  has_import_error: boolean;
  recent_runs: IRunBrief[];
  progress: IProgress | null;
  warnings: string[];
  created_at: string;
}

/**
 * `next_page` goes into `page` of the next request; null on the last page.
 *
 * `paused_count` counts the paused DAGs that the same filter would show, `hidden_count` those of
 * them that this list leaves out, `new_count` those of them that never ran.
 */
export interface IDagRows {
  dags: IDagRow[];
  next_page: string | null;
  total_entries: number;
  paused_count: number;
  hidden_count: number;
  new_count: number;
}

export interface IDagRun {
  dag_run_id: string;
  dag_id: string;
  logical_date: string;
  execution_date: string;
  start_date: string | null;
  end_date: string | null;
  data_interval_start: string;
  data_interval_end: string;
  last_scheduling_decision: string | null;
  run_type: string;
  state: string;
  external_trigger: boolean;
  conf: Record<string, unknown>;
  note: string | null;
  dag_version: number | null;
}

export interface IDagRuns {
  dag_runs: IDagRun[];
  total_entries: number;
}

export interface IDagSource {
  content: string;
}

/**
 * From one version to another: its structure, and its source as a unified diff.
 */
export interface IDagVersionDiff {
  dag_id: string;
  before: number;
  after: number;
  tasks_added: string[];
  tasks_removed: string[];
  tasks_changed: ITaskChange[];
  dag_changed: IFieldChange[];
  source_diff: string;
}

/**
 * One version. `runs` counts the runs that it ran.
 */
export interface IDagVersion {
  dag_id: string;
  version_number: number;
  created_at: string;
  is_current: boolean;
  task_count: number;
  runs: number;
}

/**
 * Newest first.
 */
export interface IDagVersions {
  dag_versions: IDagVersion[];
  total_entries: number;
}

export interface IDags {
  dags: IDag[];
  total_entries: number;
}

/**
 * Kind "deleted": a run, or with `run_id` null a DAG and all its runs, is gone.
 *
 * `key` is the primary key that it had.
 */
export interface IDeleted {
  dag_id: string;
  run_id: string | null;
  key: number;
}

/**
 * Text on the edge between two tasks.
 */
export interface IEdgeLabel {
  upstream: string;
  downstream: string;
  text: string;
}

/**
 * One message of the stream. Kinds with an id: "dag", "run", "import". Without (never stored):
 * "progress" (ProgressDto), "health" (HealthDto), "log" (LogChunk), "hello" ({"last_id"}).
 */
export interface IEvent {
  id: number | null;
  kind: string;
  at: string;
  dag_id: string | null;
  data: unknown;
}

/**
 * `map_index` and `try_number` are always null: the log names a task by its run.
 */
export interface IEventLog {
  event_log_id: number;
  when: string;
  dag_id: string | null;
  task_id: string | null;
  event: string;
  run_id: string | null;
  map_index: number | null;
  try_number: number | null;
  execution_date: string | null;
  owner: string;
  extra: string | null;
  source_ip: string | null;
}

export interface IEventLogs {
  event_logs: IEventLog[];
  total_entries: number;
}

export interface IEvents {
  events: IEvent[];
  last_id: number;
}

/**
 * An argument as JSON before and after; null where there was none.
 */
export interface IFieldChange {
  name: string;
  before: string | null;
  after: string | null;
}

/**
 * A DAG file as it was read last. `error` says why it is broken; `dag_ids` are its DAGs.
 */
export interface IFile {
  path: string;
  text: string;
  parsed_at: string | null;
  dag_ids: string[];
  error: IImportError | null;
}

/**
 * Sent by the page over the WebSocket: stream this log from `offset`. Replaces any former.
 *
 * `map_index` names an instance of a mapped task; without it, it is the first.
 */
export interface IFollowLog {
  type: 'follow_log';
  dag_id: string;
  run_id: string;
  task_id: string;
  try_number: number;
  map_index?: number | null;
  offset?: number;
}

/**
 * Runs oldest first. `before` of the next request is the smallest run id here; null when
 * there are no older runs.
 */
export interface IGrid {
  dag_id: string;
  runs: IGridRun[];
  before: number | null;
}

export interface IGridRun {
  run: IRunBrief;
  tasks: ITaskCell[];
}

export interface IHealth {
  metadatabase: IMetadatabaseHealth;
  scheduler: ISchedulerHealth;
  dag_processor: IProcessorHealth;
  worker: IWorkerHealth;
}

/**
 * Kind "import": a DAG file broke or was mended.
 */
export interface IImportChanged {
  path: string;
  broken: boolean;
}

export interface IImportError {
  import_error_id: number;
  timestamp: string;
  filename: string;
  stack_trace: string;
  message: string;
  line: number | null;
}

export interface IImportErrors {
  import_errors: IImportError[];
  total_entries: number;
}

/**
 * Kind "log". `reset` means that text starts at `offset` and replaces what came before.
 */
export interface ILogChunk {
  dag_id: string;
  run_id: string;
  task_id: string;
  try_number: number;
  map_index: number | null;
  offset: number;
  next_offset: number;
  text: string;
  end: boolean;
}

/**
 * `continuation_token` is the byte offset at which the next page starts. `is_complete` says
 * that there will be none: this is the end of the log of a finished try.
 */
export interface ILog {
  content: string;
  continuation_token: string;
  is_complete: boolean;
}

/**
 * The task instance that a PATCH names.
 */
export interface IMarkedTaskInstance {
  task_id: string;
  dag_id: string;
  dag_run_id: string;
  execution_date: string;
}

/**
 * The caller. `permissions` are names from `services.access.Permission`.
 */
export interface IMe {
  name: string;
  display_name: string;
  permissions: string[];
  hub_prefix: string | null;
  dag_folder: string | null;
}

export interface IMetadatabaseHealth {
  status: string;
}

/**
 * A notebook as the schedule dialog needs it. `path` is relative to common_workspace.
 */
export interface INotebook {
  path: string;
  kernel_name: string;
  kernel_display_name: string;
  kernel_installed: boolean;
  cells: number;
  code_cells: number;
  has_parameters_cell: boolean;
  parameters: IParameter[];
  suggested_dag_id: string;
  scheduled_as: string[];
}

/**
 * A param of a DAG: its default, and its JSON schema, which is empty for a plain value.
 */
export interface IParam {
  name: string;
  value: unknown;
  schema: Record<string, unknown>;
}

/**
 * One name assigned in the cell tagged `parameters`.
 *
 * `kind` is "text", "integer", "number", "boolean", "list", "dict", "none" or "code" (the
 * default is an expression that is not a literal; then `value` is null). `source` is the default
 * as written.
 */
export interface IParameter {
  name: string;
  kind: string;
  value: unknown;
  source: string;
  help: string | null;
}

/**
 * Body of PATCH connections. `connection_id`, if given, is the one in the URL.
 *
 * Asterisks in `extra`, as a GET shows them, leave what they hide as it is.
 */
export interface IPatchConnection {
  connection_id?: string;
  conn_type?: string;
  description?: string | null;
  host?: string | null;
  login?: string | null;
  schema?: string | null;
  port?: number | null;
  password?: string | null;
  extra?: string | null;
}

export interface IPatchDag {
  is_paused: boolean;
}

/**
 * Body of PATCH dagRuns/{dag_run_id}. "queued" opens a finished run again.
 */
export interface IPatchDagRun {
  state: 'success' | 'failed' | 'queued';
}

/**
 * Body of PATCH pools; another `name` renames the pool.
 */
export interface IPatchPool {
  name?: string;
  slots?: number;
  description?: string | null;
  include_deferred?: boolean;
}

/**
 * Body of PATCH taskInstances/{task_id}.
 */
export interface IPatchTaskInstance {
  new_state: 'success' | 'failed' | 'skipped';
  dry_run?: boolean;
}

/**
 * Body of PATCH variables. `key`, if given, is the one in the URL.
 *
 * A `value` of eight asterisks, as hidden variables show it, leaves the value as it is.
 */
export interface IPatchVariable {
  key?: string;
  value?: string;
  description?: string | null;
}

/**
 * Kind "pool". `change` is "added", "changed" or "removed".
 */
export interface IPoolChanged {
  name: string;
  change: string;
}

/**
 * `slots` and `open_slots` are -1 without a limit. What is occupied is counted at the moment;
 * `open_slots` is never below 0.
 */
export interface IPool {
  name: string;
  slots: number;
  occupied_slots: number;
  running_slots: number;
  queued_slots: number;
  scheduled_slots: number;
  deferred_slots: number;
  open_slots: number;
  description: string | null;
  include_deferred: boolean;
}

export interface IPools {
  pools: IPool[];
  total_entries: number;
}

/**
 * Body of POST connections. `extra` is text, usually a JSON object.
 */
export interface IPostConnection {
  connection_id: string;
  conn_type: string;
  description?: string | null;
  host?: string | null;
  login?: string | null;
  schema?: string | null;
  port?: number | null;
  password?: string | null;
  extra?: string | null;
}

/**
 * Body of POST pools. `slots` -1 means no limit; 0 lets nothing run.
 */
export interface IPostPool {
  name: string;
  slots: number;
  description?: string | null;
  include_deferred?: boolean;
}

/**
 * Body of POST variables: sets a variable, whether it exists or not.
 */
export interface IPostVariable {
  key: string;
  value: string;
  description?: string | null;
}

/**
 * RFC 9457 problem document, the body of every error. `code` is stable.
 */
export interface IProblem {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: string;
}

/**
 * `status` is "healthy", "unhealthy" (no heartbeat for 30 s) or null if it never ran.
 */
export interface IProcessHealth {
  status: string | null;
  latest_heartbeat: string | null;
}

export interface IProcessorHealth {
  status: string | null;
  latest_dag_processor_heartbeat: string | null;
}

/**
 * A running notebook: `done` of `total` cells.
 */
export interface IProgress {
  dag_id: string;
  run_id: string;
  task_id: string;
  try_number: number;
  done: number;
  total: number;
  text: string;
  map_index: number;
}

/**
 * What a command or a file says of a pool; what it leaves out stays as it is.
 */
export interface IPutPool {
  name: string;
  slots: number;
  description?: string | null;
  include_deferred?: boolean;
}

/**
 * A run as bars, dots and grid columns show it. `id` grows with creation.
 */
export interface IRunBrief {
  id: number;
  run_id: string;
  run_type: string;
  state: string;
  execution_date: string;
  queued_at: string;
  start_date: string | null;
  end_date: string | null;
  task_counts: Record<string, number>;
  version: number | null;
  conf: Record<string, unknown>;
  triggered_by: string | null;
  starter: IStarter | null;
  reason: string | null;
}

/**
 * Kind "run": a run and those of its task instances that changed with it.
 */
export interface IRunChanged {
  dag_id: string;
  run: IRunBrief;
  tasks: ITaskCell[];
}

/**
 * Body of POST taskInstances/{task_id}/run (SEMANTICS 3.8).
 *
 * ignore_all_deps : ignore everything that follows, too.
 * ignore_task_state : whether it succeeded or failed before.
 * ignore_task_deps : trigger rule and depends_on_past.
 * map_index : which instance of a mapped task; without it, it is the first.
 */
export interface IRunTask {
  ignore_all_deps?: boolean;
  ignore_task_state?: boolean;
  ignore_task_deps?: boolean;
  map_index?: number | null;
}

/**
 * `type` is "CronExpression" or "TimeDelta", on the wire as `__type`.
 */
export interface IScheduleInterval {
  __type: string;
  value: string | null;
  days: number | null;
  seconds: number | null;
  microseconds: number | null;
}

/**
 * Body of POST notebooks/schedule.
 *
 * `when` is "now", "once" (then `at` is needed) or "cron" (then `cron` is needed, read in
 * `timezone`). `parameters` holds only overridden values. `output` is a path in common_workspace
 * or null: then results are kept with the run only. `timeout_s` 0 means none.
 */
export interface IScheduleNotebook {
  path: string;
  when: string;
  dag_id?: string | null;
  at?: string | null;
  cron?: string | null;
  timezone?: string;
  parameters?: Record<string, unknown>;
  output?: string | null;
  retries?: number;
  retry_delay_s?: number;
  timeout_s?: number;
  description?: string | null;
}

/**
 * A schedule in plain words, and its next five due times in that zone (with offset).
 */
export interface IScheduleReading {
  text: string;
  reading: string;
  timezone: string;
  next: string[];
}

/**
 * `run_id` is set when a run was started at once.
 */
export interface IScheduledNotebook {
  dag_id: string;
  path: string;
  run_id: string | null;
}

export interface ISchedulerHealth {
  status: string | null;
  latest_scheduler_heartbeat: string | null;
  leader: string | null;
  leading_since: string | null;
  standing_by: number;
  version: string | null;
  standing_by_versions: string[];
}

/**
 * A note for people; null or an empty one takes it away.
 */
export interface ISetNote {
  note: string | null;
}

/**
 * A task that was not done by `deadline`; `timestamp` is when that was noticed.
 *
 * dismissed_at, dismissed_by : when and by whom it was taken out of what needs attention.
 */
export interface ISlaMiss {
  sla_miss_id: number;
  dag_id: string;
  dag_run_id: string | null;
  task_id: string;
  execution_date: string;
  deadline: string;
  timestamp: string;
  email_sent: boolean;
  notification_sent: boolean;
  description: string | null;
  dismissed_at: string | null;
  dismissed_by: string | null;
}

export interface ISlaMisses {
  sla_misses: ISlaMiss[];
  total_entries: number;
}

/**
 * Code tab. `error` is the import failure of the current text, if it has one.
 */
export interface ISource {
  dag_id: string;
  path: string;
  version: number;
  text: string;
  error: IImportError | null;
}

/**
 * A run that a task has started and waits for, or has waited for.
 */
export interface IStartedRun {
  dag_id: string;
  run_id: string;
  state: string;
}

/**
 * The task instance that started a run; if it `leads`, people handle the tasks from it.
 */
export interface IStarter {
  dag_id: string;
  run_id: string;
  task_id: string;
  map_index: number;
  leads: boolean;
}

/**
 * The graph of one version, tasks in topological order.
 */
export interface IStructure {
  dag_id: string;
  dag_display_name: string;
  version: number;
  versions: number;
  tasks: IStructureTask[];
  groups: ITaskGroup[];
  edge_labels: IEdgeLabel[];
  params: IParam[];
  doc_md: string | null;
  orientation: string;
  created_at: string;
}

export interface IStructureTask {
  task_id: string;
  task_display_name: string;
  operator: string;
  description: string | null;
  downstream: string[];
  group_id: string | null;
  is_setup: boolean;
  is_teardown: boolean;
  is_mapped: boolean;
  run_dag_id: string | null;
  trigger_rule: string;
  retries: number;
  ui_color: string;
  fields: Record<string, string>;
  notebook: Record<string, unknown> | null;
}

export interface ITag {
  name: string;
}

/**
 * One task instance in a grid column, or changed in an event.
 */
export interface ITaskCell {
  task_id: string;
  state: string;
  try_number: number;
  max_tries: number;
  queued_at: string | null;
  start_date: string | null;
  end_date: string | null;
  retry_at: string | null;
  map_index: number;
}

export interface ITaskChange {
  task_id: string;
  fields: IFieldChange[];
}

/**
 * Why a task instance does not run; empty if nothing keeps it.
 */
export interface ITaskDependencies {
  dependencies: ITaskDependency[];
}

/**
 * A condition that a task instance does not meet, under the name that Airflow gives it.
 */
export interface ITaskDependency {
  name: string;
  reason: string;
}

/**
 * Tasks that belong together; `parent_id` is the group around it.
 */
export interface ITaskGroup {
  group_id: string;
  parent_id: string | null;
  label: string;
  tooltip: string;
}

export interface ITaskInstance {
  task_id: string;
  task_display_name: string;
  dag_id: string;
  dag_run_id: string;
  execution_date: string;
  start_date: string | null;
  end_date: string | null;
  duration: number | null;
  state: string | null;
  try_number: number;
  max_tries: number;
  map_index: number;
  hostname: string;
  unixname: string;
  pool: string;
  pool_slots: number;
  queue: string | null;
  priority_weight: number | null;
  operator: string | null;
  queued_when: string | null;
  pid: number | null;
  executor_config: string;
  note: string | null;
  sla_miss: null;
  rendered_fields: Record<string, unknown>;
  rendered_map_index: string | null;
  trigger: null;
  triggerer_job: null;
}

/**
 * A task instance that a change touches; `state` is the one that it had before.
 */
export interface ITaskInstanceReference {
  task_id: string;
  dag_id: string;
  dag_run_id: string;
  execution_date: string;
  map_index: number;
  state: string | null;
  change: string;
}

export interface ITaskInstances {
  task_instances: ITaskInstance[];
  total_entries: number;
}

/**
 * Everything the task panel shows except the log.
 */
export interface ITaskPanel {
  dag_id: string;
  dag_display_name: string;
  run: IRunBrief;
  task: ITaskSpec | null;
  cell: ITaskCell;
  instances: Record<string, number[]>;
  instance_names: Record<string, string>;
  due_at: string;
  tries: ITry[];
  xcoms: IXComItem[];
  progress: IProgress | null;
  started_run: IStartedRun | null;
}

/**
 * A task with how it is run: what the graph need not know.
 */
export interface ITaskSpec {
  task_id: string;
  task_display_name: string;
  operator: string;
  description: string | null;
  downstream: string[];
  group_id: string | null;
  is_setup: boolean;
  is_teardown: boolean;
  is_mapped: boolean;
  run_dag_id: string | null;
  trigger_rule: string;
  retries: number;
  ui_color: string;
  fields: Record<string, string>;
  notebook: Record<string, unknown> | null;
  owner: string;
  pool: string;
  pool_slots: number;
  queue: string;
  priority_weight: number;
  retry_delay_s: number;
  execution_timeout_s: number | null;
  resources: Record<string, number>;
  doc: string | null;
}

/**
 * Body of POST connections/test: a whole connection, or only the id of a stored one.
 */
export interface ITestConnection {
  connection_id?: string | null;
  conn_type?: string | null;
  description?: string | null;
  host?: string | null;
  login?: string | null;
  schema?: string | null;
  port?: number | null;
  password?: string | null;
  extra?: string | null;
}

export interface ITimeDelta {
  __type: string;
  days: number;
  seconds: number;
  microseconds: number;
}

export interface ITimezones {
  timezones: string[];
}

/**
 * What a change touches, or has touched: instances, and in how many runs.
 */
export interface ITouched {
  task_instances: ITaskInstanceReference[];
  total_entries: number;
  dag_runs: number;
}

/**
 * Body of POST dagRuns. `conf` must be an object. Dates default to now.
 */
export interface ITriggerRun {
  dag_run_id?: string | null;
  logical_date?: string | null;
  execution_date?: string | null;
  data_interval_start?: string | null;
  data_interval_end?: string | null;
  conf?: Record<string, unknown>;
  note?: string | null;
}

/**
 * `error_detail` of a notebook: {"kind": "cell"|"dead-kernel"|"timeout", "cell": k (from 1),
 * "total": n, "ename", "evalue"}. `artifacts` maps "notebook" to true when there is one.
 *
 * In the order of time: `ready_at`, only a slot is missing; `queued_at`, it has one; `start_date`,
 * its process is up; `code_at`, its own code begins; `end_date`.
 */
export interface ITry {
  try_number: number;
  state: string;
  ready_at: string | null;
  queued_at: string | null;
  start_date: string | null;
  code_at: string | null;
  end_date: string | null;
  hostname: string | null;
  pid: number | null;
  exit_code: number | null;
  error: string | null;
  error_detail: Record<string, unknown> | null;
  artifacts: string[];
}

/**
 * Stop streaming the log.
 */
export interface IUnfollowLog {
  type: 'unfollow_log';
}

/**
 * Body of POST updateTaskInstancesState. The run is named by its id or its date.
 *
 * `map_index` chooses one instance of a mapped task.
 */
export interface IUpdateTaskInstancesState {
  task_id: string;
  new_state: 'success' | 'failed' | 'skipped';
  dry_run?: boolean;
  dag_run_id?: string | null;
  execution_date?: string | null;
  include_upstream?: boolean;
  include_downstream?: boolean;
  include_future?: boolean;
  include_past?: boolean;
  map_index?: number | null;
}

/**
 * Kind "variable": a value was set or removed; the value itself travels nowhere.
 */
export interface IVariableChanged {
  key: string;
  change: string;
}

/**
 * `value` is eight asterisks if the key is sensitive, null if no key decrypts it.
 */
export interface IVariable {
  key: string;
  value: string | null;
  description: string | null;
  is_encrypted: boolean;
  is_readable: boolean;
}

export interface IVariables {
  variables: IVariable[];
  total_entries: number;
}

export interface IVersion {
  version: string;
  git_version: string | null;
}

/**
 * `running` and `queued` count tries now. A worker of another version than the leading
 * scheduler is unhealthy: it gets no new tries.
 */
export interface IWorkerHealth {
  status: string | null;
  latest_worker_heartbeat: string | null;
  slots: number;
  running: number;
  queued: number;
  version: string | null;
}

export interface IXCom {
  key: string;
  timestamp: string;
  execution_date: string;
  task_id: string;
  dag_id: string;
  map_index: number;
}

export interface IXComItem {
  key: string;
  text: string;
  at: string;
  visible_from: string | null;
}

/**
 * `value` is the JSON value as text, or as it is without `stringify`; of a pickle, its repr.
 */
export interface IXComValue {
  key: string;
  timestamp: string;
  execution_date: string;
  task_id: string;
  dag_id: string;
  map_index: number;
  value: unknown;
}

export interface IXComs {
  xcom_entries: IXCom[];
  total_entries: number;
}
