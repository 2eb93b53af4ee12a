"""Questions of task and parse processes whose answers are in the database.

They travel from a task to its supervisor, to the scheduler's process, which answers; a process
that imports DAG files asks the processor. `services.for_tasks` answers all of them.
"""

from __future__ import annotations

from datetime import datetime

import msgspec


class XComItem(msgspec.Struct, frozen=True, kw_only=True):
    """One pushed value.

    `data` is JSON text (UTF-8) if `encoding` is "json", else a pickle, which only task
    processes ever load. `text` is the repr that people see, at most 4,096 characters. `length` is
    how many items a list or dict has, over which mapped tasks expand; None for other values.
    """

    key: str
    encoding: str
    data: bytes
    text: str
    length: int | None = None


def too_large(key: str, size_bytes: int, limit_bytes: int) -> str:
    """Say that a value is too large to be pushed, and what to do."""
    return (
        f"the XCom {key!r} takes {size_bytes:,} bytes and may take {limit_bytes:,}; "
        "write it to a file or table and hand over where it is"
    )


class QuestionBase(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Base of the questions; what follows -> is the answer, msgpack-ready."""


class GetSource(QuestionBase, frozen=True, kw_only=True):
    """-> str, the text of the DAG file with this sha256."""

    source_hash: str


class PullXCom(QuestionBase, frozen=True, kw_only=True):
    """-> list of {"task_id", "map_index", "execution_date", "at", "key", "encoding", "data"}
    by SEMANTICS 5.1, newest first.

    `task_ids` None means any task; the caller picks and orders. Only the same execution date,
    unless `include_prior_dates`. `map_indexes` None means all. Of each task instance the newest;
    with `limit` every value, at most so many.
    """

    dag_id: str
    execution_date: datetime
    task_ids: list[str] | None = None
    key: str | None = "return_value"
    include_prior_dates: bool = False
    map_indexes: list[int] | None = None
    limit: int | None = None


class PushXCom(QuestionBase, frozen=True, kw_only=True):
    """-> None, stored at once: for values that others may pull while this task still runs.

    `execution_date` hides the value until the run of that date (SEMANTICS 5.1). `task_id` is
    another task of the same run, whose value it becomes.
    """

    item: XComItem
    execution_date: datetime | None = None
    task_id: str | None = None


class DeleteXCom(QuestionBase, frozen=True, kw_only=True):
    """-> None. Delete a value of the asker's own DAG; nothing happens if there is none."""

    execution_date: datetime
    task_id: str
    key: str
    map_index: int = -1


class GetVariable(QuestionBase, frozen=True, kw_only=True):
    """-> str, the decrypted value; None if there is none (SEMANTICS 5.2)."""

    key: str


class SetVariable(QuestionBase, frozen=True, kw_only=True):
    """-> bool, whether there was one of this key. `value` None deletes the variable."""

    key: str
    value: str | None
    description: str | None = None


class GetConnections(QuestionBase, frozen=True, kw_only=True):
    """-> list of {"conn_id", "conn_type", "description", "host", "schema", "login", "password",
    "port", "extra"}, every row of this id, decrypted (SEMANTICS 5.3)."""

    conn_id: str


class TriggerRun(QuestionBase, frozen=True, kw_only=True):
    """-> {"id", "run_id", "execution_date", "state", "is_paused", "created"} of another DAG's run.

    `conf` is JSON. `if_exists` says what to do about a run of that id or date: "fail", "reset"
    (clear it), "keep" (return it) or "join" (return it, or create one that may lie before the
    DAG's start date). `waits` makes the asking task instance the parent of the run,
    `leads` says that people handle the run's tasks from it. Asking twice, as after a reconnect,
    creates one run.
    """

    dag_id: str
    run_id: str | None = None
    execution_date: datetime | None = None
    conf: bytes = b"{}"
    if_exists: str = "fail"
    waits: bool = False
    leads: bool = False


class FindRuns(QuestionBase, frozen=True, kw_only=True):
    """-> list of {"dag_id", "run_id", "execution_date", "state", "run_type", "external_trigger",
    "conf", "start_date", "end_date", "data_interval_start", "data_interval_end"}, by execution
    date, at most 1,000. Each condition that is not None must hold."""

    dag_id: str
    run_id: str | None = None
    execution_dates: list[datetime] | None = None
    states: list[str] | None = None
    before: datetime | None = None
    latest_first: bool = False
    limit: int = 1000


class FindTasks(QuestionBase, frozen=True, kw_only=True):
    """-> list of {"task_id", "map_index", "run_id", "execution_date", "state", "try_number",
    "queued_at", "start_date", "end_date"} of task instances in the runs of these dates."""

    dag_id: str
    execution_dates: list[datetime]
    task_ids: list[str] | None = None


class GetDag(QuestionBase, frozen=True, kw_only=True):
    """-> {"dag_id", "is_paused", "is_active", "task_ids"}, or None for an unknown DAG."""

    dag_id: str


class GetPublicUrl(QuestionBase, frozen=True, kw_only=True):
    """-> str, where people see hubflow's page in their browser (`Email.public_url`)."""


class SendMail(QuestionBase, frozen=True, kw_only=True):
    """-> None once the mail server has taken it. The server's address and password never reach a
    task. `files` are (name, content)."""

    to: list[str]
    subject: str
    html_content: str
    cc: list[str] = []
    bcc: list[str] = []
    files: list[tuple[str, bytes]] = []
    subtype: str = "mixed"
    charset: str = "utf-8"


class StoreRendered(QuestionBase, frozen=True, kw_only=True):
    """-> None. What the template fields of this try became, as text by name."""

    fields: dict[str, str]


class NameInstance(QuestionBase, frozen=True, kw_only=True):
    """-> None once it is stored. What people call this instance of a mapped task."""

    name: str


class UsedBackend(QuestionBase, frozen=True, kw_only=True):
    """-> None. A DAG file read something from a secrets backend while it was imported.

    So it is imported anew for each of its tries, as one that asked for a variable is.
    """


Question = (
    GetSource
    | PullXCom
    | PushXCom
    | DeleteXCom
    | GetVariable
    | SetVariable
    | GetConnections
    | TriggerRun
    | FindRuns
    | FindTasks
    | GetDag
    | GetPublicUrl
    | SendMail
    | StoreRendered
    | NameInstance
    | UsedBackend
)

# What a DAG file may ask while it is imported: there is no try yet that anything could belong to.
WHILE_LOADING = (
    GetVariable,
    SetVariable,
    GetConnections,
    FindRuns,
    FindTasks,
    GetDag,
    GetPublicUrl,
    UsedBackend,
)
