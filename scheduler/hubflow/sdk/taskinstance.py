"""`ti`: the running task instance, as user code sees it (SEMANTICS 4.6)."""

from __future__ import annotations

import getpass
import logging
import os
import socket
from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from datetime import datetime
from typing import Any, NoReturn

from hubflow import tasklog
from hubflow.clock import as_utc, isoformat, plain_utc, utcnow
from hubflow.questions import FindRuns, GetPublicUrl
from hubflow.sdk import site_defaults, xcom
from hubflow.sdk.dag_run import DagRun, StoredInstance
from hubflow.sdk.exceptions import HubflowException, XComNotFound
from hubflow.sdk.operator import BaseOperator
from hubflow.sdk.runtime import current_runtime


class TaskInstance:
    """One task in one run, on its current try. `max_tries` counts retries, as in Airflow."""

    def __init__(
        self,
        task: BaseOperator,
        dag_run: DagRun | None = None,
        *,
        execution_date: datetime | None = None,
        try_number: int = 1,
        max_tries: int = 0,
        test_mode: bool = False,
        log_path: str | None = None,
        map_index: int = -1,
        began_at: datetime | None = None,
        leg: int = 0,
    ) -> None:
        if not isinstance(dag_run, DagRun) or execution_date is not None:
            raise HubflowException(
                "TaskInstance(task, date): find an instance by dag_run.get_task_instance(task_id) "
                "or, in another run, by dag.get_dagrun(date).get_task_instance(task_id)"
            )
        self.task = task
        self.dag_run = dag_run
        self.dag_id: str = dag_run.dag_id
        self.task_id = task.task_id
        self.run_id = dag_run.run_id
        self.execution_date = dag_run.execution_date
        self.try_number = try_number
        self.max_tries = max_tries
        self.test_mode = test_mode
        self.log_filepath = log_path
        self.state = "running"
        self.start_date: datetime | None = began_at or utcnow()
        self.leg = leg
        """How often this try gave its process back before."""
        self.rules_out: set[str] = set()
        """Tasks that this one decides to skip; see `sdk.skipping`."""
        self.callback_error: str | None = None
        """What a callback of the task raised last."""
        self.code_at: datetime | None = None
        """When the task's own code began: its process was up, its templates rendered."""
        self.end_date: datetime | None = None
        self.hostname = socket.gethostname()
        self.pid: int | None = os.getpid()
        self.map_index = map_index
        self.job_id: int | None = None
        """Airflow's number of the process that watches over a task; here there is none."""
        self.context: MutableMapping[str, Any] | None = None
        """Set where a context is built for it."""
        self.log = logging.getLogger("hubflow.task")

    @property
    def logical_date(self) -> datetime:
        return self.execution_date

    @property
    def operator(self) -> str:
        return self.task.task_type

    @property
    def pool(self) -> str:
        return self.task.pool

    @property
    def pool_slots(self) -> int:
        return self.task.pool_slots

    @property
    def queue(self) -> str:
        return self.task.queue

    @property
    def priority_weight(self) -> int:
        return self.task.priority_weight

    @property
    def prev_attempted_tries(self) -> int:
        return self.try_number - 1

    @property
    def next_try_number(self) -> int:
        return self.try_number + 1

    @property
    def unixname(self) -> str:
        return getpass.getuser()

    @property
    def duration(self) -> float | None:
        """Seconds since the start of this try."""
        if self.start_date is None:
            return None
        return ((self.end_date or utcnow()) - self.start_date).total_seconds()

    @property
    def key(self) -> tuple[str, str, datetime, int]:
        return (self.dag_id, self.task_id, self.execution_date, self.try_number)

    # ---- what Airflow's task instances know, too -----------------------------------------------

    @property
    def log_url(self) -> str:
        """Where people see the log of this try; asks, so inside a task only."""
        return self._links()["log_url"]

    @property
    def mark_success_url(self) -> str:
        """Where people can mark this task as a success."""
        return self._links()["mark_success_url"]

    def _links(self) -> dict[str, str]:
        page: str = current_runtime().ask(GetPublicUrl())
        return tasklog.links(
            page, self.dag_id, self.run_id, self.task_id, self.try_number, self.map_index
        )

    @property
    def queued_dttm(self) -> datetime | None:
        """When this try was handed to the worker."""
        own = self.dag_run.get_task_instance(self.task_id, map_index=self.map_index)
        return None if own is None else own.queued_dttm

    @property
    def previous_ti(self) -> StoredInstance | None:
        """The instance of this task in the run before; None if there is none."""
        return self.get_previous_ti()

    @property
    def previous_ti_success(self) -> StoredInstance | None:
        """The last success of this task in a run before."""
        return self.get_previous_ti("success")

    def get_previous_ti(self, state: Any = None, session: Any = None) -> StoredInstance | None:
        """Return the instance of this task in the run before, or the last one in ``state``."""
        limit = 1 if state is None else 1000
        runs = self.dag_run.select(
            FindRuns(
                dag_id=self.dag_id,
                before=plain_utc(self.execution_date),
                latest_first=True,
                limit=limit,
            )
        )
        dates = [run.execution_date for run in runs]
        found = StoredInstance.find(self.dag_id, dates, [self.task_id]) if dates else []
        wanted = (one for one in reversed(found) if state is None or one.state == str(state))
        return next((one for one in wanted if one.map_index == self.map_index), None)

    def get_template_context(self, session: Any = None) -> MutableMapping[str, Any]:
        """Return the context of this task."""
        if self.context is None:
            raise HubflowException("there is a context only inside a running task")
        return self.context

    def render_templates(self, context: Mapping[str, Any] | None = None) -> Any:
        """Render the template fields of the task in place; returns the task."""
        self.task.render_template_fields(context or self.get_template_context())
        return self.task

    def set_state(self, state: Any, session: Any = None) -> NoReturn:
        raise HubflowException(
            "ti.set_state: a task ends by what it returns or raises (AirflowSkipException, "
            "AirflowFailException); mark others with `hubflow tasks mark-success` or over REST"
        )

    def is_eligible_to_retry(self) -> bool:
        return self.try_number <= self.max_tries

    def current_state(self) -> str:
        return self.state

    def get_dagrun(self) -> DagRun:
        return self.dag_run

    def xcom_push(self, key: str, value: Any, execution_date: datetime | None = None) -> None:
        """Store a value under this task instance; the last one for a key stays.

        A later ``execution_date`` hides it until the run of that date. Raises ValueError for an
        earlier one.
        """
        own = as_utc(self.execution_date)
        date = own if execution_date is None else site_defaults.instant(execution_date)
        if date < own:
            raise ValueError(
                f"the XCom {key!r} cannot be pushed for {execution_date}: that is before the "
                f"execution date of this run, {self.execution_date}"
            )
        runtime = current_runtime()
        item = xcom.encode(key, value, runtime.xcom_limit_bytes)
        runtime.push_xcom(item, None if date == own else date)

    def xcom_pull(
        self,
        task_ids: str | Iterable[str] | None = None,
        dag_id: str | None = None,
        key: str | None = xcom.RETURN_KEY,
        include_prior_dates: bool = False,
        *,
        map_indexes: int | Iterable[int] | None = None,
        default: Any = None,
    ) -> Any:
        """Return the newest value of a task, or a list of values for a list of tasks.

        `task_ids` None or "" means any task, `key` None any key; ``default`` is for a single
        value that is not there (SEMANTICS 5.1). Of a mapped task it is the list of its instances'
        values, of those in ``map_indexes`` if given; one index gives one value.
        """
        named = None if task_ids == "" else task_ids
        single = isinstance(named, str)
        wanted = (named,) if single else tuple(named or ())
        if named is not None and not wanted:
            return []
        found = current_runtime().pull_xcoms(
            xcom.XComQuery(
                dag_id=dag_id or self.dag_id,
                execution_date=self.execution_date,
                task_ids=wanted or None,  # type: ignore[arg-type]
                key=key or None,
                include_prior_dates=include_prior_dates,
                map_indexes=_indexes(map_indexes),
            )
        )
        if single and found and _are_several(found, map_indexes):
            return xcom.in_order(found)
        if not found and default is not None and (single or not wanted):
            return default
        return xcom.pick(found, None if single or not wanted else list(wanted))

    def output_of(self, task: Any, key: str) -> Any:
        """Return what another task of this run gave; of a mapped task, all values in a list.

        Tasks in one mapped group give each other the value of their own map index.

        Raises XComNotFound if the task pushed nothing under this key, unless it is its result:
        a task that returns None gives None.
        """
        is_own = task.mapped_group is not None and task.mapped_group is self.task.mapped_group
        found = current_runtime().pull_xcoms(
            xcom.XComQuery(
                dag_id=self.dag_id,
                execution_date=self.execution_date,
                task_ids=(task.task_id,),
                key=key,
                map_indexes=(self.map_index,) if is_own else None,
            )
        )
        if task.is_mapped or (task.mapped_group is not None and not is_own):
            return xcom.in_order(found)
        if not found and key != xcom.RETURN_KEY:
            raise XComNotFound(self.dag_id, task.task_id, key)
        return xcom.pick(found, None)

    def __repr__(self) -> str:
        return (
            f"<TaskInstance: {self.dag_id}.{self.task_id} {isoformat(self.execution_date)} "
            f"[{self.state}]>"
        )


def _indexes(map_indexes: int | Iterable[int] | None) -> tuple[int, ...] | None:
    if map_indexes is None:
        return None
    return (map_indexes,) if isinstance(map_indexes, int) else tuple(map_indexes)


def _are_several(found: Sequence[xcom.XComFound], map_indexes: object) -> bool:
    """Say whether values are those of a mapped task, and more than one is asked for."""
    return not isinstance(map_indexes, int) and found[0].map_index >= 0
