"""Answers to the questions of task and parse processes, from the database.

A task asks as the try that it is, and only while that try runs; nobody else's rights count.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from hubflow.clock import utcnow
from hubflow.db.queries import sources, task_moves, xcom_store
from hubflow.errors import BadRequest
from hubflow.execution.messages import Request, TryKey
from hubflow.hooks import smtp
from hubflow.questions import GetSource, PullXCom, PushXCom, SendMail
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
        task_moves.require_current(session, *asker)
        xcom_store.put(session, [(asker.task_instance_id, question.item)], utcnow())


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


def _asker(key: TryKey | None, question: object) -> TryKey:
    if key is None:
        raise BadRequest(f"a {type(question).__name__} needs the try it belongs to")
    return key


ANSWERS: Mapping[type, Callable[[Backend, TryKey | None, Any], Any]] = {
    GetSource: _source,
    PullXCom: _pull,
    PushXCom: _push,
    SendMail: _send_mail,
}
