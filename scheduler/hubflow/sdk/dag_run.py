"""The run that a task belongs to, as user code sees it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

from hubflow.clock import as_utc, isoformat, parse_iso
from hubflow.questions import FindRuns
from hubflow.sdk.exceptions import HubflowException
from hubflow.sdk.runtime import current_runtime


@dataclass(kw_only=True)
class DagRun:
    """Facts about one DAG run (SEMANTICS 1.7). `conf` is what its trigger was given.

    `prev_*` and `next_*` are the neighbours on the schedule and the last successful run before.
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
    prev_execution_date_success: datetime | None = None
    prev_start_date_success: datetime | None = None

    @property
    def logical_date(self) -> datetime:
        return self.execution_date

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
        rows = current_runtime().ask(
            FindRuns(
                dag_id=dag_id,
                run_id=run_id,
                execution_dates=None if dates is None else [as_utc(date) for date in dates],
                states=None if state is None else [str(state)],
            )
        )
        runs = [cls._of(row) for row in rows]
        if external_trigger is not None:
            runs = [run for run in runs if run.external_trigger is external_trigger]
        return [run for run in runs if not (no_backfills and run.run_type == "backfill")]

    def get_previous_dagrun(self, state: str | None = None) -> DagRun | None:
        """Return the run before this one, or the last one before it in ``state``."""
        rows = current_runtime().ask(
            FindRuns(
                dag_id=self.dag_id,
                states=None if state is None else [str(state)],
                before=as_utc(self.execution_date),
                latest_first=True,
                limit=1,
            )
        )
        return self._of(rows[0]) if rows else None

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


def _instant(value: datetime | str) -> datetime:
    """Return an instant that may have travelled as text."""
    return parse_iso(value) if isinstance(value, str) else as_utc(value)


def _conf(value: Any) -> dict[str, Any]:
    return json.loads(value) if isinstance(value, bytes | str) else dict(value or {})
