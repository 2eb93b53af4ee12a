"""Answers to the questions of task and parse processes, from the database.

A task asks as the try that it is, and only while that try runs; nobody else's rights count.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from hubflow.clock import utcnow
from hubflow.db.queries import dags, run_search, sources, task_moves, xcom_store
from hubflow.errors import BadRequest
from hubflow.execution.messages import Request, TryKey
from hubflow.questions import FindRuns, FindTasks, GetDag, GetSource, PullXCom, PushXCom, TriggerRun
from hubflow.services import child_runs
from hubflow.services.unit import Backend


def answer(backend: Backend, request: Request) -> Any:
    """Answer one question; raises a HubflowError that says why it cannot be."""
    return ANSWERS[type(request.body)](backend, request.key, request.body)


def _source(backend: Backend, key: TryKey | None, question: GetSource) -> str:
    with backend.database.read() as session:
        return sources.get_text(session, question.source_hash)


def _pull(backend: Backend, key: TryKey | None, question: PullXCom) -> list[dict[str, Any]]:
    with backend.database.read() as session:
        return xcom_store.pull(session, question)


def _push(backend: Backend, key: TryKey | None, question: PushXCom) -> None:
    asker = _asker(key, question)
    with backend.database.write() as session:
        task_moves.require_current(session, asker.task_instance_id, asker.try_number)
        xcom_store.put(session, [(asker.task_instance_id, question.item)], utcnow())


def _asker(key: TryKey | None, question: object) -> TryKey:
    if key is None:
        raise BadRequest(f"a {type(question).__name__} needs the try it belongs to")
    return key


def _trigger(backend: Backend, key: TryKey | None, question: TriggerRun) -> dict[str, Any]:
    return child_runs.trigger(backend, _asker(key, question), question)


def _runs(backend: Backend, key: TryKey | None, question: FindRuns) -> list[dict[str, Any]]:
    with backend.database.read() as session:
        return run_search.find_runs(session, question)


def _tasks(backend: Backend, key: TryKey | None, question: FindTasks) -> list[dict[str, Any]]:
    with backend.database.read() as session:
        return run_search.find_tasks(session, question)


def _dag(backend: Backend, key: TryKey | None, question: GetDag) -> dict[str, Any] | None:
    with backend.database.read() as session:
        dag = dags.find(session, question.dag_id)
        if dag is None:
            return None
        version = backend.versions.find(session, dag.version_id)
        return {
            "dag_id": dag.dag_id,
            "is_paused": dag.is_paused,
            "is_active": dag.is_active,
            "task_ids": [task.task_id for task in version.tasks] if version else [],
        }


ANSWERS: Mapping[type, Callable[[Backend, TryKey | None, Any], Any]] = {
    GetSource: _source,
    PullXCom: _pull,
    PushXCom: _push,
    TriggerRun: _trigger,
    FindRuns: _runs,
    FindTasks: _tasks,
    GetDag: _dag,
}
