"""What DAGs and tasks get that say nothing themselves: settings, under Airflow's names for them.

`config.Dags.for_authors` puts hubflow's settings into the environment of user code;
`AIRFLOW__CORE__DEFAULT_TIMEZONE` and the like, which were set for Airflow, count as well.
"""

from __future__ import annotations

from datetime import datetime, tzinfo

from hubflow import timetable
from hubflow.clock import as_utc
from hubflow.errors import ScheduleInvalid
from hubflow.sdk import environment
from hubflow.sdk.exceptions import InvalidDag


def timezone() -> tzinfo:
    """Return the zone in which dates without one are read (SEMANTICS 1.5)."""
    given = environment.find_option("core", "default_timezone")
    try:
        return timetable.zone(given.value if given else "UTC")
    except ScheduleInvalid as exc:
        raise InvalidDag(f"{given.name if given else ''}: {exc}") from exc


def instant(value: datetime) -> datetime:
    """Convert to UTC; a naive value is read in the default zone."""
    return as_utc(value if value.tzinfo is not None else value.replace(tzinfo=timezone()))


def parse(text: str) -> datetime:
    """Read an ISO 8601 date as UTC. Raises ValueError."""
    return instant(datetime.fromisoformat(text))


def concurrency() -> int:
    return _number(16, 1, ("core", "max_active_tasks_per_dag"), ("core", "dag_concurrency"))


def max_active_runs() -> int:
    return _number(16, 1, ("core", "max_active_runs_per_dag"))


def max_consecutive_failed_dag_runs() -> int:
    return _number(0, 0, ("core", "max_consecutive_failed_dag_runs_per_dag"))


def retries() -> int:
    return _number(0, 0, ("core", "default_task_retries"))


def owner() -> str:
    given = environment.find_option("operators", "default_owner")
    return given.value if given else "airflow"


def _number(otherwise: int, low: int, *options: tuple[str, str]) -> int:
    for section, key in options:
        if given := environment.find_option(section, key):
            if not given.value.isdecimal() or int(given.value) < low:
                raise InvalidDag(f"{given.name} must be a number from {low}, not {given.value!r}")
            return int(given.value)
    return otherwise
