"""The Runtime of a task process: every call is a message to the supervisor."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from hubflow.questions import PushXCom, Question, StoreRendered, XComItem
from hubflow.sdk import secrets
from hubflow.sdk.xcom import LIMIT_BYTES, RETURN_KEY, XComFound, XComQuery, XComValue, question_of
from hubflow.worker.channel import Artifact, ChildChannel, Progressed


class ChannelRuntime:
    """Implements `sdk.runtime.Runtime`.

    The return value, which every task pushes last, travels with the outcome and is stored with
    the state. Other values are stored at once: somebody may wait for them.
    """

    def __init__(self, channel: ChildChannel, xcom_limit_bytes: int = LIMIT_BYTES) -> None:
        self.xcom_limit_bytes = xcom_limit_bytes
        self._channel = channel
        self._returned: XComItem | None = None

    def push_xcom(
        self, value: XComValue, execution_date: datetime | None = None, task_id: str | None = None
    ) -> None:
        item = XComItem(
            key=value.key,
            encoding=value.encoding,
            data=value.data,
            text=value.text,
            length=value.length,
        )
        if item.key == RETURN_KEY and execution_date is None and task_id is None:
            self._returned = item
        else:
            self._channel.ask(PushXCom(item=item, execution_date=execution_date, task_id=task_id))

    def pull_xcoms(self, query: XComQuery) -> list[XComFound]:
        for item in self.unsent():
            self._channel.ask(PushXCom(item=item))
        self._returned = None
        return msgspec.convert(self._channel.ask(question_of(query)), list[XComFound])

    def report_progress(self, done: int, total: int, text: str = "") -> None:
        self._channel.tell(Progressed(done, total, text))

    def add_artifact(self, kind: str, path: str) -> None:
        self._channel.tell(Artifact(kind, path))

    def show_rendered(self, fields: dict[str, str]) -> None:
        # People see these; a template may well have rendered a password.
        shown = {name: secrets.masked(text) for name, text in fields.items()}
        self._channel.post(StoreRendered(fields=shown))

    def ask(self, question: Question) -> Any:
        return self._channel.ask(question)

    def unsent(self) -> list[XComItem]:
        """Return what the outcome has to carry."""
        return [] if self._returned is None else [self._returned]
