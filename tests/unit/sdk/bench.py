"""A DAG to build on, and a way to run its tasks in this process."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from hubflow.questions import FindRuns, Question
from hubflow.sdk import DAG
from hubflow.sdk.dag_run import DagRun
from hubflow.sdk.exceptions import HubflowException
from hubflow.sdk.rehearsal import run_to_end
from hubflow.sdk.run_task import Outcome, TryInfo, run_task
from hubflow.sdk.runtime import LocalRuntime, XComStore
from hubflow.sdk.xcom import XComQuery, pick

AT = datetime(2018, 10, 2, 9, 56, 5, 289457, tzinfo=UTC)


def make_dag(dag_id: str = "demo", **options: Any) -> DAG:
    options.setdefault("schedule", None)
    return DAG(dag_id, **options)


def make_run(dag: DAG, at: datetime = AT, **facts: Any) -> DagRun:
    values = {"run_id": "manual__1", "data_interval_start": at, "data_interval_end": at, **facts}
    return DagRun(dag_id=dag.dag_id, execution_date=at, **values)


def no_run_before(question: Question) -> list[Any]:
    if isinstance(question, FindRuns):
        return []
    raise HubflowException(f"nobody is here who could answer a {type(question).__name__}")


class Bench:
    """Runs tasks of one DAG run, which share their XComs.

    ``answer`` answers what they ask; without it nobody does, and there was no run before.
    """

    def __init__(
        self,
        dag: DAG,
        store: XComStore | None = None,
        answer: Callable[[Question], Any] | None = None,
        **facts: Any,
    ) -> None:
        self.dag = dag
        self.answer = answer or no_run_before
        self.run_facts = make_run(dag, **facts)
        self.store = store or XComStore()

    def run(self, task_id: str, **attempt: Any) -> Outcome:
        runtime = self._runtime(task_id)
        return run_task(self.dag, task_id, self.run_facts, TryInfo(**attempt), runtime)

    def run_to_end(self, task_id: str, **attempt: Any) -> Outcome:
        """Run a task and wait for whatever it waits for."""
        runtime = self._runtime(task_id)
        return run_to_end(self.dag, task_id, self.run_facts, TryInfo(**attempt), runtime)

    def _runtime(self, task_id: str) -> LocalRuntime:
        return LocalRuntime(self.store, task_id, self.run_facts.execution_date, self.answer)

    def result(self, task_id: str, key: str = "return_value") -> Any:
        """Run a task that must succeed, and return what it pushed."""
        outcome = self.run(task_id)
        assert outcome.state == "success", outcome
        return self.xcom(task_id, key)

    def xcom(self, task_id: str, key: str = "return_value") -> Any:
        at = self.run_facts.execution_date
        query = XComQuery(dag_id=self.dag.dag_id, execution_date=at, task_ids=(task_id,), key=key)
        return pick(self.store.find(query), task_id)
