"""The run that a task belongs to, as user code sees it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from functools import cached_property
from typing import Any

from hubflow.clock import as_utc, isoformat, parse_iso, plain_utc
from hubflow.questions import FindRuns, FindTasks
from hubflow.sdk.exceptions import HubflowException
from hubflow.sdk.runtime import current_runtime
from hubflow.states import RunState, meant_by


@dataclass(frozen=True, kw_only=True, repr=False)
class StoredInstance:
    """How a task instance stands in the database: of other tasks, or of other runs."""

    dag_id: str
    task_id: str
    run_id: str
    execution_date: datetime
    state: str
    map_index: int = -1
    try_number: int = 0
    queued_dttm: datetime | None = None
    start_date: datetime | None = None
    end_date: datetime | None = None

    @property
    def duration(self) -> float | None:
        """Seconds that its try took."""
        if self.start_date is None or self.end_date is None:
            return None
        return (self.end_date - self.start_date).total_seconds()

    def current_state(self) -> str:
        return self.state

    def __repr__(self) -> str:
        return (
            f"<TaskInstance: {self.dag_id}.{self.task_id} {isoformat(self.execution_date)} "
            f"[{self.state}]>"
        )

    @classmethod
    def find(
        cls, dag_id: str, dates: Iterable[datetime], task_ids: Iterable[str] | None = None
    ) -> list[StoredInstance]:
        """Return the instances of a DAG's runs of these dates, by date."""
        question = FindTasks(
            dag_id=dag_id,
            execution_dates=[plain_utc(date) for date in dates],
            task_ids=None if task_ids is None else list(task_ids),
        )
        return [cls._of(dag_id, row) for row in current_runtime().ask(question)]

    @classmethod
    def _of(cls, dag_id: str, row: Mapping[str, Any]) -> StoredInstance:
        times = {
            name: None if row.get(key) is None else _instant(row[key])
            for name, key in (
                ("queued_dttm", "queued_at"),
                ("start_date", "start_date"),
                ("end_date", "end_date"),
            )
        }
        return cls(
            dag_id=dag_id,
            task_id=row["task_id"],
            run_id=row["run_id"],
            execution_date=_instant(row["execution_date"]),
            state=row["state"],
            map_index=row.get("map_index", -1),
            try_number=row.get("try_number", 0),
            **times,
        )


@dataclass(kw_only=True)
class DagRun:
    """Facts about one DAG run (SEMANTICS 1.7). `conf` is what its trigger was given.

    `prev_execution_date` and `next_execution_date` are the neighbours on the schedule.
    """

    dag_id: str
    run_id: str
    execution_date: datetime
    data_interval_start: datetime
    data_interval_end: datetime
    run_type: str = "manual"
    external_trigger: bool = True
    state: str = "running"
    start_date: datetime | None = None
    end_date: datetime | None = None
    conf: dict[str, Any] = field(default_factory=dict)
    prev_execution_date: datetime | None = None
    next_execution_date: datetime | None = None

    @property
    def logical_date(self) -> datetime:
        return self.execution_date

    @property
    def prev_execution_date_success(self) -> datetime | None:
        """The date of the last run before that has succeeded; asks, so inside a task only."""
        return None if self._last_success is None else self._last_success.execution_date

    @property
    def prev_start_date_success(self) -> datetime | None:
        """When that run started."""
        return None if self._last_success is None else self._last_success.start_date

    @cached_property
    def _last_success(self) -> DagRun | None:
        return self.get_previous_dagrun("success")

    @classmethod
    def find(
        cls,
        dag_id: str | None = None,
        run_id: str | None = None,
        execution_date: datetime | Iterable[datetime] | None = None,
        state: str | None = None,
        external_trigger: bool | None = None,
        no_backfills: bool = False,
        **_: Any,
    ) -> list[DagRun]:
        """Return the runs of a DAG that fit, by execution date, at most 1,000. Inside a task only.

        Raises HubflowException outside of one, or without a ``dag_id``.
        """
        if dag_id is None:
            raise HubflowException("name the dag_id of the runs to find")
        dates = [execution_date] if isinstance(execution_date, datetime) else execution_date
        runs = cls.select(
            FindRuns(
                dag_id=dag_id,
                run_id=run_id,
                execution_dates=None if dates is None else [plain_utc(date) for date in dates],
                states=_states(state),
            )
        )
        if external_trigger is not None:
            runs = [run for run in runs if run.external_trigger is external_trigger]
        return [run for run in runs if not (no_backfills and run.run_type == "backfill")]

    def get_previous_dagrun(self, state: str | None = None) -> DagRun | None:
        """Return the run before this one, or the last one before it in ``state``."""
        found = self.select(
            FindRuns(
                dag_id=self.dag_id,
                states=_states(state),
                before=plain_utc(self.execution_date),
                latest_first=True,
                limit=1,
            )
        )
        return found[0] if found else None

    def get_previous_scheduled_dagrun(self, session: Any = None) -> DagRun | None:
        """Return the run before this one that its schedule made."""
        before = FindRuns(
            dag_id=self.dag_id, before=plain_utc(self.execution_date), latest_first=True
        )
        return next((run for run in self.select(before) if run.run_type == "scheduled"), None)

    def get_task_instances(self, state: Any = None, session: Any = None) -> list[StoredInstance]:
        """Return how the tasks of this run stand, those in a state or several if given."""
        wanted = None if state is None else {str(one) for one in _listed(state)}
        found = StoredInstance.find(self.dag_id, [self.execution_date])
        return [one for one in found if wanted is None or one.state in wanted]

    def get_task_instance(
        self, task_id: str, session: Any = None, *, map_index: int = -1
    ) -> StoredInstance | None:
        """Return how one task of this run stands."""
        found = StoredInstance.find(self.dag_id, [self.execution_date], [task_id])
        return next((one for one in found if one.map_index == map_index), None)

    @classmethod
    def select(cls, question: FindRuns) -> list[DagRun]:
        """Return what a question finds."""
        return [cls._of(row) for row in current_runtime().ask(question)]

    @classmethod
    def _of(cls, row: Mapping[str, Any]) -> DagRun:
        """Return a run as a `FindRuns` answers it."""
        known = {field.name for field in fields(cls)}
        values = {name: value for name, value in row.items() if name in known}
        for name in ("execution_date", "data_interval_start", "data_interval_end"):
            values[name] = _instant(values.get(name) or values["execution_date"])
        for name in ("start_date", "end_date"):
            values[name] = None if values.get(name) is None else _instant(values[name])
        values["conf"] = _conf(values.get("conf"))
        return cls(**values)

    @property
    def is_backfill(self) -> bool:
        return False

    def __repr__(self) -> str:
        return (
            f"<DagRun {self.dag_id} @ {isoformat(self.execution_date)}: {self.run_id}, "
            f"externally triggered: {self.external_trigger}>"
        )


def _states(state: str | None) -> list[str] | None:
    """Return the states that are meant by one; a run has none of an unknown one."""
    if state is None:
        return None
    return [str(one) for one in meant_by(RunState(state))] if state in set(RunState) else [state]


def _listed(value: Any) -> Iterable[Any]:
    return value if isinstance(value, list | tuple | set | frozenset) else [value]


def _instant(value: datetime | str) -> datetime:
    """Return an instant that may have travelled as text."""
    return parse_iso(value) if isinstance(value, str) else as_utc(value)


def _conf(value: Any) -> dict[str, Any]:
    return json.loads(value) if isinstance(value, bytes | str) else dict(value or {})
