"""Answers to the questions of task and parse processes, from the database.

A task asks as the try that it is, and nobody else's rights count. It may read whatever there is,
also of other DAGs. XComs, variables and runs are no longer taken from a try that is over.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from sqlalchemy.orm import Session

from hubflow.clock import utcnow
from hubflow.db import orm
from hubflow.db.orm.xcom import WITH_ITS_RUN
from hubflow.db.queries import connections as connection_rows
from hubflow.db.queries import (
    dags,
    rendered_store,
    run_search,
    sources,
    task_instances,
    task_moves,
    xcom_store,
)
from hubflow.db.queries import variables as variable_rows
from hubflow.errors import BadRequest, SecretUnreadable
from hubflow.execution.messages import Request, TryKey
from hubflow.hooks import smtp
from hubflow.questions import (
    DeleteXCom,
    FindRuns,
    FindTasks,
    GetConnections,
    GetDag,
    GetPublicUrl,
    GetSource,
    GetVariable,
    NameInstance,
    PullXCom,
    PushXCom,
    SendMail,
    SetVariable,
    StoreRendered,
    TriggerRun,
    UsedBackend,
)
from hubflow.services import child_runs, connections, variables
from hubflow.services.unit import Backend

log = logging.getLogger(__name__)


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
        owner = asker.task_instance_id
        if question.task_id is not None:
            run = _run_of(session, asker)
            dag = session.get_one(orm.Dag, run.dag_id)
            owner = task_instances.get(session, run, dag.dag_id, question.task_id).id
        date = question.execution_date or WITH_ITS_RUN
        xcom_store.put(session, [(owner, question.item)], utcnow(), date)


def _delete_xcom(backend: Backend, key: TryKey | None, question: DeleteXCom) -> None:
    asker = _asker(key, question)
    with backend.database.write() as session:
        task_moves.require_current(session, asker.task_instance_id, asker.try_number)
        xcom_store.delete_value(session, _run_of(session, asker).dag_id, question)


def _run_of(session: Session, asker: TryKey) -> orm.DagRun:
    instance = session.get_one(orm.TaskInstance, asker.task_instance_id)
    return session.get_one(orm.DagRun, instance.dag_run_id)


def _store_rendered(backend: Backend, key: TryKey | None, question: StoreRendered) -> None:
    """Keep what the newest try rendered; it may be over by now, as it did not wait for us."""
    asker = _asker(key, question)
    with backend.database.write() as session:
        at = utcnow()
        rendered_store.put(session, asker.task_instance_id, asker.try_number, question.fields, at)


def _name_instance(backend: Backend, key: TryKey | None, question: NameInstance) -> None:
    asker = _asker(key, question)
    with backend.database.write() as session:
        rendered_store.name(session, asker.task_instance_id, asker.try_number, question.name)


def _send_mail(backend: Backend, key: TryKey | None, question: SendMail) -> None:
    _asker(key, question)
    message = smtp.compose(
        backend.email,
        question.to,
        question.subject,
        question.html_content,
        cc=question.cc,
        files=question.files,
    )
    smtp.send(backend.email, message, question.bcc)


def _variable(backend: Backend, key: TryKey | None, question: GetVariable) -> str | None:
    with backend.database.read() as session:
        row = variable_rows.find(session, question.key)
    return None if row is None else variables.decrypted(backend, row)


def _set_variable(backend: Backend, key: TryKey | None, question: SetVariable) -> bool:
    """Set or delete; what programs do to variables is no matter for the audit log."""
    with backend.database.write() as session:
        if key is not None and key.task_instance_id > 0:  # a callback's is below
            task_moves.require_current(session, key.task_instance_id, key.try_number)
        if question.value is None:
            existed = variables.remove(session, question.key)
        else:
            existed = variable_rows.find(session, question.key) is not None
            variables.store(session, backend, question.key, question.value, question.description)
    backend.poke()
    return existed


def _connections(
    backend: Backend, key: TryKey | None, question: GetConnections
) -> list[dict[str, Any]]:
    """Return what can be read; raises SecretUnreadable if that is nothing of what there is."""
    with backend.database.read() as session:
        rows = connection_rows.list_named(session, question.conn_id)
    found: list[dict[str, Any]] = []
    lost: SecretUnreadable | None = None
    for row in rows:
        try:
            fields = connections.decrypted(backend, row)
        except SecretUnreadable as exc:
            log.warning("row %s of a connection is left out: %s", row.id, exc)
            lost = exc
        else:
            found.append({"conn_id": row.conn_id, **msgspec.structs.asdict(fields)})
    if lost is not None and not found:
        raise lost
    return found


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


def _public_url(backend: Backend, key: TryKey | None, question: GetPublicUrl) -> str:
    return backend.email.public_url


ANSWERS: Mapping[type, Callable[[Backend, TryKey | None, Any], Any]] = {
    GetSource: _source,
    PullXCom: _pull,
    PushXCom: _push,
    DeleteXCom: _delete_xcom,
    StoreRendered: _store_rendered,
    NameInstance: _name_instance,
    SendMail: _send_mail,
    GetVariable: _variable,
    SetVariable: _set_variable,
    GetConnections: _connections,
    TriggerRun: _trigger,
    FindRuns: _runs,
    FindTasks: _tasks,
    GetDag: _dag,
    UsedBackend: lambda backend, key, question: None,
    GetPublicUrl: _public_url,
}
