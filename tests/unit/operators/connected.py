"""Tasks that use connections, run in this process."""

from __future__ import annotations

from typing import Any

from hubflow.questions import GetConnections, Question
from hubflow.sdk import DAG
from hubflow.sdk.run_task import Outcome, TryInfo, run_task
from hubflow.sdk.runtime import LocalRuntime, XComStore
from hubflow.sdk.xcom import XComQuery, pick
from unit.sdk.bench import AT, make_run


class Connected:
    """Runs tasks of one DAG, to which these connections are known."""

    def __init__(self, dag: DAG, **connections: dict[str, Any]) -> None:
        self.dag = dag
        self.connections = connections
        self.store = XComStore()

    def run(self, task_id: str) -> Outcome:
        runtime = LocalRuntime(self.store, task_id, AT, self._answer)
        return run_task(self.dag, task_id, make_run(self.dag), TryInfo(), runtime)

    def result(self, task_id: str) -> Any:
        """Run a task that must succeed, and return what it pushed."""
        outcome = self.run(task_id)
        assert outcome.state == "success", outcome
        query = XComQuery(dag_id=self.dag.dag_id, execution_date=AT, task_ids=(task_id,))
        return pick(self.store.find(query), task_id)

    def _answer(self, question: Question) -> Any:
        assert isinstance(question, GetConnections)
        found = self.connections.get(question.conn_id)
        return [] if found is None else [{"conn_id": question.conn_id, **found}]
