"""Scheduler, worker and database in one, in memory: what `hubflow dags test` runs DAGs on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from hubflow.cli.instances import Ended, counted, indexes_of, worst
from hubflow.clock import isoformat, utcnow
from hubflow.errors import DagNotFound, HubflowError
from hubflow.questions import (
    FindRuns,
    FindTasks,
    GetConnections,
    GetDag,
    GetPublicUrl,
    GetVariable,
    PullXCom,
    Question,
    SetVariable,
    TriggerRun,
)
from hubflow.rules.readiness import Readiness, readiness
from hubflow.rules.run_outcome import run_outcome
from hubflow.sdk import archives
from hubflow.sdk.dag import DAG
from hubflow.sdk.dag_run import DagRun
from hubflow.sdk.exceptions import HubflowException
from hubflow.sdk.loader import load_source
from hubflow.sdk.operator import BaseOperator
from hubflow.sdk.rehearsal import run_to_end
from hubflow.sdk.run_task import Outcome, TryInfo, render_task
from hubflow.sdk.runtime import LoadingRuntime, LocalRuntime, XComStore, use_runtime
from hubflow.sdk.xcom import XComFound, XComQuery, question_of
from hubflow.states import RunEvent, RunState, TaskState

_VERDICTS = {
    Readiness.SKIP: TaskState.SKIPPED,
    Readiness.UPSTREAM_FAILED: TaskState.UPSTREAM_FAILED,
}


class _Ran(NamedTuple):
    """A run that is over; its key is its place in the list of runs."""

    facts: DagRun
    state: RunState
    tasks: dict[str, TaskState]


class _OfRun(LocalRuntime):
    """That of one task of a run that is in the database: it sees what the others pushed there."""

    def pull_xcoms(self, query: XComQuery) -> list[XComFound]:
        stored = msgspec.convert(self.ask(question_of(query)), list[XComFound])
        return [*super().pull_xcoms(query), *stored]


class StandIn:
    """Runs DAGs to their end, one task after another, and those that tasks start with them.

    Parameters
    ----------
    dags : the DAG folder.
    paths : DAG id -> the file below it.
    ask : answers what is in the database all the same: variables and connections.
    """

    def __init__(
        self, dags: Path, paths: Mapping[str, str], ask: Callable[[Question], Any]
    ) -> None:
        self._dags = dags
        self._ask = ask
        self._paths = paths
        self._loaded: dict[str, DAG] = {}
        self._runs: list[_Ran] = []

    def load(self, dag_id: str) -> DAG:
        """Return a DAG, importing its file first; raises DagNotFound, DagImportError, OSError.

        Raises ArchiveUnreadable, too.
        """
        if dag_id not in self._loaded and (path := self._paths.get(dag_id)) is not None:
            source = archives.text_of(self._dags, path)
            with use_runtime(LoadingRuntime(self._ask)):
                found = load_source(path, source, self._dags, duplicate_dependency="warn")
            self._loaded.update((dag.dag_id, dag) for dag in found)
        try:
            return self._loaded[dag_id]
        except KeyError:
            raise DagNotFound(dag_id) from None

    def run(
        self, dag: DAG, execution_date: datetime, conf: dict[str, Any], run_id: str | None = None
    ) -> dict[str, TaskState]:
        """Run a DAG, printing a line for each task; returns the states by task id."""
        facts = _facts(dag, execution_date, conf, run_id)
        store = XComStore()
        ended: dict[str, dict[int, TaskState]] = {}
        ruled_out: set[tuple[str, int | None]] = set()
        for task in dag.topological_sort():
            ended[task.task_id] = self._run_instances(dag, task, facts, store, ended, ruled_out)
        states = {task_id: worst(some.values()) for task_id, some in ended.items()}
        _report(dag, states, is_main=run_id is None)
        outcome = run_outcome(0, [states[task.task_id] for task in dag.leaves])
        state_of_run = RunState.SUCCESS if outcome is RunEvent.SUCCEEDED else RunState.FAILED
        self._runs.append(_Ran(facts, state_of_run, states))
        return states

    def _run_instances(
        self,
        dag: DAG,
        task: BaseOperator,
        facts: DagRun,
        store: XComStore,
        ended: Ended,
        ruled_out: set[tuple[str, int | None]],
    ) -> dict[int, TaskState]:
        """Run all instances of a task that may run; ``ruled_out`` gets what they rule out, and of
        which map index of their mapped group."""
        found: dict[int, TaskState] = {}
        try:
            indexes = indexes_of(task, facts, store, ended)
        except HubflowError as exc:
            print(f"{task.task_id} cannot be mapped: {exc}")
            return {-1: TaskState.FAILED}
        for index in indexes:
            verdict = readiness(task.trigger_rule, counted(task, index, ended))
            if not ruled_out.isdisjoint({(task.task_id, None), (task.task_id, index)}):
                verdict = Readiness.SKIP
            if verdict is not Readiness.RUN:
                found[index] = _VERDICTS[verdict]
                continue
            outcome = run_to_end(
                dag,
                task.task_id,
                facts,
                TryInfo(test_mode=True, map_index=index),
                LocalRuntime(store, task.task_id, facts.execution_date, self._answer, index),
                self._run_end,
            )
            found[index] = _state(outcome)
            own = index if task.mapped_group is not None else None
            ruled_out.update((name, own) for name in outcome.rules_out)
        return found

    def run_task(
        self,
        dag: DAG,
        task_id: str,
        execution_date: datetime,
        conf: dict[str, Any],
        map_index: int = -1,
    ) -> TaskState:
        """Run one task whatever it depends on; prints and returns its state.

        It sees the run of that date with its XComs, if there is one.
        """
        facts, runtime = self._of_date(dag, task_id, execution_date, conf)
        attempt = TryInfo(test_mode=True, map_index=map_index)
        ended = run_to_end(dag, task_id, facts, attempt, runtime, self._run_end)
        state = _state(ended)
        print(f"{task_id}: {state}")
        return state

    def render(
        self,
        dag: DAG,
        task_id: str,
        execution_date: datetime,
        conf: dict[str, Any],
        map_index: int = -1,
    ) -> dict[str, str]:
        """Return what the template fields of a task become; raises what rendering raises."""
        facts, runtime = self._of_date(dag, task_id, execution_date, conf)
        attempt = TryInfo(test_mode=True, map_index=map_index)
        return render_task(dag, task_id, facts, attempt, runtime)

    def _of_date(
        self, dag: DAG, task_id: str, execution_date: datetime, conf: dict[str, Any]
    ) -> tuple[DagRun, LocalRuntime]:
        question = FindRuns(dag_id=dag.dag_id, execution_dates=[execution_date])
        with use_runtime(LoadingRuntime(self._ask)):
            found = DagRun.select(question)
        store = XComStore()
        if not found:
            runtime = LocalRuntime(store, task_id, execution_date, self._answer)
            return _facts(dag, execution_date, conf), runtime
        facts = replace(found[0], conf={**found[0].conf, **conf})
        return facts, _OfRun(store, task_id, execution_date, self._answer)

    def _answer(self, question: Question) -> Any:
        match question:
            case TriggerRun():
                return self._trigger(question)
            case FindRuns():
                return [self._row(ran) for ran in self._found(question.dag_id, question)]
            case FindTasks():
                return [
                    {**self._row(ran), "task_id": task_id, "state": str(state), "map_index": -1}
                    for ran in self._found(question.dag_id, question)
                    for task_id, state in ran.tasks.items()
                    if question.task_ids is None or task_id in question.task_ids
                ]
            case GetDag(dag_id=dag_id):
                return self._describe(dag_id)
            case GetVariable() | SetVariable() | GetConnections() | GetPublicUrl() | PullXCom():
                return self._ask(question)
        raise HubflowException(f"`dags test` cannot answer a {type(question).__name__}")

    def _trigger(self, asked: TriggerRun) -> dict[str, Any]:
        dag = self.load(asked.dag_id)
        date = asked.execution_date or utcnow()
        run_id = asked.run_id or f"manual__{isoformat(date)}"
        print(f"--- {asked.dag_id}, run {run_id}")
        self.run(dag, date, msgspec.json.decode(asked.conf), run_id)
        key = len(self._runs) - 1
        return {**self._row(self._runs[key]), "id": key, "is_paused": False, "created": True}

    def _run_end(self, key: int) -> dict[str, Any]:
        row = self._row(self._runs[key])
        return {**row, "execution_date": isoformat(row["execution_date"])}

    def _found(self, dag_id: str, question: FindRuns | FindTasks) -> list[_Ran]:
        dates = question.execution_dates
        return [
            ran
            for ran in self._runs
            if ran.facts.dag_id == dag_id and (dates is None or ran.facts.execution_date in dates)
        ]

    @staticmethod
    def _row(ran: _Ran) -> dict[str, Any]:
        return {
            "dag_id": ran.facts.dag_id,
            "run_id": ran.facts.run_id,
            "execution_date": ran.facts.execution_date,
            "state": str(ran.state),
        }

    def _describe(self, dag_id: str) -> dict[str, Any] | None:
        try:
            dag = self.load(dag_id)
        except (HubflowError, OSError):
            return None
        return {"dag_id": dag_id, "is_paused": False, "is_active": True, "task_ids": dag.task_ids}


def _state(outcome: Outcome) -> TaskState:
    return TaskState("failed" if outcome.state == "fail_now" else outcome.state)


def _facts(
    dag: DAG, execution_date: datetime, conf: dict[str, Any], run_id: str | None = None
) -> DagRun:
    start, end = dag.timetable.manual_interval(execution_date)
    return DagRun(
        dag_id=dag.dag_id,
        run_id=run_id or f"test__{isoformat(execution_date)}",
        execution_date=execution_date,
        data_interval_start=start,
        data_interval_end=end,
        conf=conf,
    )


def _report(dag: DAG, states: Mapping[str, TaskState], *, is_main: bool) -> None:
    """Print the states; those of other DAGs with the DAG's id."""
    prefix = "" if is_main else f"{dag.dag_id}."
    for task_id, state in states.items():
        print(f"{prefix}{task_id}: {state}")
