"""The values that a task sees: `ds`, `ti`, `params`… as one mapping, evaluated on first use."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, MutableMapping
from contextvars import ContextVar
from datetime import datetime, timedelta
from typing import Any

from hubflow.clock import as_utc, isoformat
from hubflow.sdk import macros, params, variable
from hubflow.sdk.configuration import conf as configuration
from hubflow.sdk.connection import ConnectionAccessor
from hubflow.sdk.datasets import InletEvents, OutletEvents
from hubflow.sdk.exceptions import HubflowException
from hubflow.sdk.taskinstance import TaskInstance

_DAY = timedelta(days=1)


class Context(MutableMapping[str, Any]):
    """A mapping whose values may be functions that are called on first use."""

    def __init__(
        self, values: Mapping[str, Any], late: Mapping[str, Callable[[], Any]] | None = None
    ) -> None:
        self._values = dict(values)
        self._late = dict(late or {})

    def __getitem__(self, key: str) -> Any:
        if key not in self._values and key in self._late:
            self._values[key] = self._late.pop(key)()
        return self._values[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self._late.pop(key, None)
        self._values[key] = value

    def __delitem__(self, key: str) -> None:
        if key not in self:
            raise KeyError(key)
        self._late.pop(key, None)
        self._values.pop(key, None)

    def __contains__(self, key: object) -> bool:
        return key in self._values or key in self._late

    def __iter__(self) -> Iterator[str]:
        return iter([*self._values, *self._late])

    def __len__(self) -> int:
        return len(self._values) + len(self._late)

    def __repr__(self) -> str:
        return f"Context({', '.join(sorted(self))})"

    def copy(self) -> Context:
        return Context(self._values, self._late)


_current: ContextVar[Context | None] = ContextVar("hubflow_context", default=None)


def set_current_context(context: Context | None) -> None:
    """Make ``context`` what `get_current_context` returns."""
    _current.set(context)


def get_current_context() -> Context:
    """Return the context of the task that runs here; raises outside of one."""
    context = _current.get()
    if context is None:
        raise HubflowException("there is a current context only inside a running task")
    return context


def build(ti: TaskInstance) -> Context:
    """Return the context of one task instance: the keys of SEMANTICS 4.1 and 4.2."""
    run, task, at = ti.dag_run, ti.task, as_utc(ti.dag_run.execution_date)
    conf = dict(run.conf or {})
    values = {
        "dag": task.dag,
        "task": task,
        "ti": ti,
        "task_instance": ti,
        "dag_run": run,
        "run_id": run.run_id,
        "macros": macros,
        "conf": configuration,
        "test_mode": ti.test_mode,
        "task_instance_key_str": f"{ti.dag_id}__{ti.task_id}__{at:%Y%m%d}",
        "inlets": task.inlets or [],
        "outlets": task.outlets or [],
        "inlet_events": InletEvents(),
        "outlet_events": OutletEvents(),
        "templates_dict": None,
    }
    late: dict[str, Callable[[], Any]] = {
        "params": lambda: params.resolve({**task.dag.params, **task.params}, conf),
        "var": variable.accessors,
        "conn": ConnectionAccessor,
        "tables": lambda: {**task.dag.params, **task.params}.get("tables"),
        "execution_date": lambda: as_pendulum(at),
        "logical_date": lambda: as_pendulum(at),
        "data_interval_start": lambda: as_pendulum(run.data_interval_start),
        "data_interval_end": lambda: as_pendulum(run.data_interval_end),
        "prev_execution_date_success": lambda: as_pendulum(run.prev_execution_date_success),
        "prev_start_date_success": lambda: as_pendulum(run.prev_start_date_success),
    }
    ti.context = Context({**values, **_dates(at)}, {**late, **_neighbours(ti, at)})
    return ti.context


def _dates(at: datetime) -> dict[str, str]:
    """Return the keys that are written-out dates, from the execution date alone."""
    ds = f"{at:%Y-%m-%d}"
    yesterday, tomorrow = at - _DAY, at + _DAY
    return {
        "ds": ds,
        "ds_nodash": f"{at:%Y%m%d}",
        "ts": isoformat(at),
        "ts_nodash": f"{at:%Y%m%dT%H%M%S}",
        "ts_nodash_with_tz": isoformat(at).replace("-", "").replace(":", ""),
        "yesterday_ds": f"{yesterday:%Y-%m-%d}",
        "yesterday_ds_nodash": f"{yesterday:%Y%m%d}",
        "tomorrow_ds": f"{tomorrow:%Y-%m-%d}",
        "tomorrow_ds_nodash": f"{tomorrow:%Y%m%d}",
        "END_DATE": ds,
        "end_date": ds,
        "latest_date": ds,
    }


def _neighbours(ti: TaskInstance, at: datetime) -> dict[str, Callable[[], Any]]:
    """Return the keys about the runs before and after on the schedule.

    For a run that was triggered by hand they are the run's own date (SEMANTICS 0.2, C4).
    """
    run = ti.dag_run

    def previous() -> datetime | None:
        if run.external_trigger:
            return at
        return run.prev_execution_date or ti.task.dag.previous_schedule(at)

    def following() -> datetime | None:
        if run.external_trigger:
            return at
        return run.next_execution_date or ti.task.dag.following_schedule(at)

    return {
        "prev_execution_date": lambda: as_pendulum(previous()),
        "next_execution_date": lambda: as_pendulum(following()),
        "prev_ds": lambda: _written(previous(), "%Y-%m-%d"),
        "prev_ds_nodash": lambda: _written(previous(), "%Y%m%d"),
        "next_ds": lambda: _written(following(), "%Y-%m-%d"),
        "next_ds_nodash": lambda: _written(following(), "%Y%m%d"),
    }


def _written(at: datetime | None, pattern: str) -> str | None:
    return None if at is None else as_utc(at).strftime(pattern)


def as_pendulum(at: datetime | None) -> Any:
    """Return a pendulum DateTime in UTC."""
    if at is None:
        return None
    import pendulum  # noqa: PLC0415  (60 ms, and most tasks never look at a date)

    return pendulum.instance(as_utc(at), tz=pendulum.UTC)
