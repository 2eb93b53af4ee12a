"""What DAGs can tell about their runs inside a task, by the questions that any task may ask.

What Airflow's objects also do by writing to its database is refused here, with what to use instead.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from datetime import datetime
from itertools import takewhile
from typing import Any, NoReturn

from hubflow.clock import utcnow
from hubflow.questions import FindRuns, GetDag
from hubflow.sdk import site_defaults
from hubflow.sdk.dag_run import DagRun
from hubflow.sdk.exceptions import HubflowException
from hubflow.sdk.relatives import CLEAR
from hubflow.sdk.runtime import current_runtime
from hubflow.timetable import Timetable


class DagLookups:
    """Methods of a DAG that ask about its runs (SEMANTICS 1.2)."""

    dag_id: str
    start_date: datetime | None
    schedule_interval: Any

    @property
    @abstractmethod
    def timetable(self) -> Timetable:
        """When runs are due."""

    @property
    @abstractmethod
    def roots(self) -> list[Any]:
        """The tasks that wait for no other."""

    @property
    def is_paused(self) -> bool:
        """Whether the DAG is switched off; asks, so inside a task only."""
        found = current_runtime().ask(GetDag(dag_id=self.dag_id))
        return bool(found and found["is_paused"])

    def get_is_paused(self, session: Any = None) -> bool:
        return self.is_paused

    @property
    def latest_execution_date(self) -> datetime | None:
        """The execution date of the latest run."""
        last = self.get_last_dagrun(include_externally_triggered=True)
        return None if last is None else last.execution_date

    def get_last_dagrun(
        self, session: Any = None, include_externally_triggered: bool = False
    ) -> DagRun | None:
        runs = DagRun.select(FindRuns(dag_id=self.dag_id, latest_first=True))
        wanted = (run for run in runs if include_externally_triggered or not run.external_trigger)
        return next(wanted, None)

    def get_dagrun(
        self,
        execution_date: datetime | None = None,
        run_id: str | None = None,
        session: Any = None,
    ) -> DagRun | None:
        """Return the run of this date or id."""
        if execution_date is None and run_id is None:
            raise HubflowException("name the execution_date or the run_id of the run")
        found = DagRun.find(dag_id=self.dag_id, run_id=run_id, execution_date=execution_date)
        return found[0] if found else None

    def get_active_runs(self, session: Any = None) -> list[datetime]:
        """Return the execution dates of the runs under way."""
        return [run.execution_date for run in DagRun.find(dag_id=self.dag_id, state="running")]

    def get_num_active_runs(self, external_trigger: bool | None = None, session: Any = None) -> int:
        found = DagRun.find(dag_id=self.dag_id, state="running", external_trigger=external_trigger)
        return len(found)

    def date_range(
        self, start_date: datetime, num: int | None = None, end_date: datetime | None = None
    ) -> list[datetime]:
        """Return dates of the schedule from ``start_date``: ``num``, or to ``end_date`` (now)."""
        dates = self._dates(start_date)
        if num is not None:
            return [date for _, date in zip(range(num), dates, strict=False)]
        last = site_defaults.instant(end_date or utcnow())
        return list(takewhile(lambda date: date <= last, dates))

    def get_run_dates(
        self, start_date: datetime, end_date: datetime | None = None
    ) -> list[datetime]:
        """Return the execution dates between two dates, none before the DAG's start date."""
        begin = site_defaults.instant(start_date)
        begin = begin if self.start_date is None else max(begin, self.start_date)
        return self.date_range(begin, end_date=end_date)

    @property
    def normalized_schedule_interval(self) -> Any:
        """The schedule with presets written out; None for `@once`."""
        table = self.timetable
        return {"cron": table.cron, "delta": self.schedule_interval}.get(table.kind)

    def tree_view(self) -> None:
        """Print the tasks, each below what it waits for."""
        for task in self.roots:
            _print_tree(task, 0)

    def sub_dag(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise HubflowException(
            "dag.sub_dag: parts of a DAG are not cut out; run some of its tasks with "
            "`hubflow backfill create --task-regex`"
        )

    def clear(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise HubflowException(f"dag.clear: {CLEAR}")

    def run(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise HubflowException("dag.run: start runs of dates with `hubflow backfill create`")

    def test(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise HubflowException(
            f"dag.test: run all its tasks here with `hubflow dags test {self.dag_id}`"
        )

    def cli(self) -> NoReturn:
        raise HubflowException("dag.cli: the command line is `hubflow`")

    def _dates(self, start: datetime) -> Iterator[datetime]:
        table = self.timetable
        if not table.is_periodic:
            return
        first = table.first_tick(start)
        if first is not None:
            yield first
            yield from table.ticks(first)


def _print_tree(task: Any, depth: int) -> None:
    print(f"{'    ' * depth}{task!r}")
    for below in task.downstream_list:
        _print_tree(below, depth + 1)
