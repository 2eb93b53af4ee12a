"""Every error that hubflow raises on purpose, each with a stable `code` for the API.

One class per situation that a caller can act on; data as attributes; messages say what, which
one and what to do. HTTP statuses live in `hubflow_server.http_errors` alone.
"""

from __future__ import annotations


class HubflowError(Exception):
    """Base of all errors that hubflow raises on purpose."""

    code = "error"


class BadRequest(HubflowError):
    """A value from outside is not acceptable; the message names it."""

    code = "bad-request"


class NotFound(HubflowError):
    """Something that was asked for by name does not exist, or the caller may not see it."""

    code = "not-found"


class DagNotFound(NotFound):
    """No DAG has this id, or the caller may not see it."""

    code = "dag-not-found"

    def __init__(self, dag_id: str) -> None:
        super().__init__(f"no DAG is named {dag_id!r}")
        self.dag_id = dag_id


class DagRunNotFound(NotFound):
    """The DAG has no run with this id."""

    code = "dag-run-not-found"

    def __init__(self, dag_id: str, run_id: str) -> None:
        super().__init__(f"DAG {dag_id!r} has no run {run_id!r}")
        self.dag_id = dag_id
        self.run_id = run_id


class TaskNotFound(NotFound):
    """The DAG, or this run of it, has no such task."""

    code = "task-not-found"

    def __init__(self, dag_id: str, task_id: str) -> None:
        super().__init__(f"DAG {dag_id!r} has no task {task_id!r}")
        self.dag_id = dag_id
        self.task_id = task_id


class InstanceNotFound(NotFound):
    """The task has no instance with this map index in this run."""

    code = "task-not-found"

    def __init__(self, task_id: str, map_index: int, run_id: str) -> None:
        super().__init__(f"task {task_id!r} has no instance {map_index} in run {run_id!r}")
        self.task_id = task_id
        self.map_index = map_index


class VariableNotFound(NotFound):
    """No variable has this key."""

    code = "variable-not-found"

    def __init__(self, key: str) -> None:
        super().__init__(f"no variable is named {key!r}")
        self.key = key


class ConnectionNotFound(NotFound):
    """No connection has this id."""

    code = "connection-not-found"

    def __init__(self, conn_id: str) -> None:
        super().__init__(f"no connection is named {conn_id!r}")
        self.conn_id = conn_id


class PoolNotFound(NotFound):
    """No pool has this name."""

    code = "pool-not-found"

    def __init__(self, name: str) -> None:
        super().__init__(f"no pool is named {name!r}")
        self.name = name


class ConnectionExists(HubflowError):
    """There is a connection of this id already, and no second one was asked for."""

    code = "connection-exists"

    def __init__(self, conn_id: str) -> None:
        super().__init__(
            f"a connection {conn_id!r} exists; change that one, or ask for a duplicate: tasks "
            "then draw one of them at random"
        )
        self.conn_id = conn_id


class ConnectionAmbiguous(HubflowError):
    """Several connections share the id, and the caller did not say which one is meant."""

    code = "connection-ambiguous"

    def __init__(self, conn_id: str, rows: list[int]) -> None:
        super().__init__(
            f"{len(rows)} connections are named {conn_id!r}; say which by its row "
            f"({', '.join(map(str, rows))}), or ask for all of them"
        )
        self.conn_id = conn_id
        self.rows = rows


class PoolExists(HubflowError):
    """There is a pool of this name already."""

    code = "pool-exists"

    def __init__(self, name: str) -> None:
        super().__init__(f"a pool {name!r} exists; choose another name, or change that one")
        self.name = name


class SecretUnreadable(HubflowError):
    """A stored value cannot be decrypted: its key is lost."""

    code = "secret-unreadable"

    def __init__(self, what: str, name: str) -> None:
        super().__init__(
            f"the {what} {name!r} cannot be decrypted: no key that is there made it; bring back "
            "the lost key, or set it anew"
        )
        self.name = name


class BackfillNotFound(NotFound):
    """No backfill has this number, or the caller may not see it."""

    code = "backfill-not-found"

    def __init__(self, key: int) -> None:
        super().__init__(f"there is no backfill {key}")
        self.key = key


class BackfillExists(HubflowError):
    """The DAG has a backfill under way."""

    code = "backfill-exists"

    def __init__(self, dag_id: str, key: int) -> None:
        super().__init__(
            f"backfill {key} of DAG {dag_id!r} is under way; wait for its end, or cancel it"
        )
        self.key = key


class VersionNotFound(NotFound):
    """The DAG has no version of this number."""

    code = "version-not-found"


class DagBusy(HubflowError):
    """Something cannot be deleted while tasks of it run."""

    code = "dag-busy"


class CannotRun(HubflowError):
    """A single task cannot run now; the message lists the dependencies that are not met."""

    code = "dependencies-not-met"

    def __init__(self, task_id: str, unmet: list[str]) -> None:
        super().__init__(
            f"task {task_id!r} cannot run now: {'; '.join(unmet)}. "
            "Ignore these dependencies to run it all the same"
        )
        self.unmet = unmet


class ClearTooDeep(BadRequest):
    """DAGs that run DAGs that run DAGs: a recursive clear has come too far."""

    code = "clear-too-deep"


class RunExists(HubflowError):
    """The DAG has a run with this run id or at this execution date already."""

    code = "run-exists"

    def __init__(self, dag_id: str, which: str) -> None:
        super().__init__(
            f"DAG {dag_id!r} already has a run {which}; choose another, or leave it out"
        )
        self.dag_id = dag_id


class DagExists(HubflowError):
    """Another file already defines a DAG with this id."""

    code = "dag-exists"

    def __init__(self, dag_id: str, path: str) -> None:
        super().__init__(f"DAG {dag_id!r} is already defined in {path}; rename one of the two")
        self.dag_id = dag_id
        self.path = path


class PermissionDenied(HubflowError):
    """The caller is known but lacks a permission."""

    code = "permission-denied"

    def __init__(self, permission: str, actor: str) -> None:
        super().__init__(
            f"{actor!r} lacks the permission {permission!r}; "
            "ask an admin to add you to the Hub group hubflow-developers"
        )
        self.permission = permission


class ConfigHidden(HubflowError):
    """This installation does not show its settings."""

    code = "config-hidden"

    def __init__(self) -> None:
        super().__init__("settings are hidden; Service.expose_config = True shows them")


class NotAuthenticated(HubflowError):
    """The request carries no identity that hubflow accepts."""

    code = "not-authenticated"


class PathOutsideWorkspace(BadRequest):
    """A notebook path leaves the shared workspace, by `..`, by a link or by being absolute."""

    code = "path-outside-workspace"

    def __init__(self, path: str) -> None:
        super().__init__(
            f"{path!r} lies outside common_workspace; "
            "only notebooks inside common_workspace can be scheduled, so copy it there first"
        )
        self.path = path


class NotebookInvalid(BadRequest):
    """A file is not a notebook that can run; the message says why."""

    code = "notebook-invalid"


class KernelUnknown(BadRequest):
    """A notebook names a kernel that is not installed here."""

    code = "kernel-unknown"

    def __init__(self, path: str, kernel: str, known: list[str]) -> None:
        super().__init__(
            f"{path!r} wants the kernel {kernel!r}, which is not installed here; "
            f"installed are: {', '.join(sorted(known)) or 'none'}"
        )
        self.kernel = kernel


class ScheduleInvalid(BadRequest):
    """A cron expression, preset or time zone cannot be understood."""

    code = "schedule-invalid"


class InvalidTransition(HubflowError):
    """A state machine was asked for a move that its table does not list."""

    code = "invalid-transition"

    def __init__(self, state: object, event: object) -> None:
        super().__init__(f"no move from {state} on {event}")


class StaleState(HubflowError):
    """A guarded update met a row that somebody else had moved: a lost race."""

    code = "stale-state"


class Deposed(HubflowError):
    """This scheduler is not the one that leads any more; what it wanted to write is refused."""

    code = "deposed"

    def __init__(self) -> None:
        super().__init__("another scheduler leads now; this one may not write any more")


class LeadsElsewhere(HubflowError):
    """A scheduler of another machine leads, with the worker of that machine."""

    code = "leads-elsewhere"

    def __init__(self, host: str, pid: int) -> None:
        super().__init__(
            f"a scheduler on {host} (pid {pid}) leads this database, and its tasks run on the "
            "worker there: start a second scheduler on the same machine, or stop that one first"
        )


class DagImportError(HubflowError):
    """A DAG file cannot be imported.

    Attributes
    ----------
    path : the file, relative to the DAG folder.
    line : 1-based line in that file, or None when no line is to blame.
    stacktrace : full traceback text, for people.
    """

    code = "dag-import-error"

    def __init__(
        self, path: str, message: str, *, line: int | None = None, stacktrace: str = ""
    ) -> None:
        super().__init__(message)
        self.path = path
        self.message = message
        self.line = line
        self.stacktrace = stacktrace or message


class DatabaseUnusable(HubflowError):
    """The database cannot be opened, or its schema is not the one this version wants."""

    code = "database-unusable"


class BackupFailed(HubflowError):
    """A backup could not be made; nothing is left of it."""

    code = "backup-failed"


class CopyFailed(HubflowError):
    """A database could not be copied as it is; nothing is left in the target."""

    code = "copy-failed"


class HomeUnusable(HubflowError):
    """HUBFLOW_HOME cannot be written."""

    code = "home-unusable"

    def __init__(self, home: object, reason: OSError) -> None:
        super().__init__(
            f"{home} cannot be written: {reason.strerror}; make it writable for this user, "
            "free space, or name another folder with --home"
        )


class AlreadyRunning(HubflowError):
    """Another process of the same kind already serves this HUBFLOW_HOME."""

    code = "already-running"


class ZygoteFailed(HubflowError):
    """A zygote could not start or fork, or died; the message is its traceback if it has one."""

    code = "zygote-failed"


class ProtocolBroken(HubflowError):
    """A peer sent, or was to be sent, something that the execution protocol does not allow."""

    code = "protocol-broken"


class NotebookFailed(HubflowError):
    """A notebook ran, but not to its end.

    Attributes
    ----------
    error_detail : {"kind": "cell" | "dead-kernel" | "timeout", "cell": k (from 1), "total": n,
        "ename", "evalue"}, as far as known. Cells are counted as they run: code cells only.
    """

    code = "notebook-failed"

    def __init__(self, message: str, **detail: str | int | None) -> None:
        super().__init__(message)
        self.error_detail = {name: value for name, value in detail.items() if value is not None}


class MailNotSent(HubflowError):
    """The mail server did not take a mail, or there is none."""

    code = "mail-not-sent"


class MailPartlySent(MailNotSent):
    """The mail server took a mail, but not for all: sent again, it would come twice to the rest."""

    code = "mail-partly-sent"


class CannotBecome(HubflowError):
    """A task is to run as a unix user that its worker cannot switch to."""

    code = "cannot-become"

    def __init__(self, user: str, reason: str) -> None:
        super().__init__(f"run_as_user={user!r} is not possible: {reason}")
        self.user = user
