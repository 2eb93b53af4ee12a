"""What a task process and its supervisor say to each other, over one unix stream socket.

The child's side blocks (`ChildChannel`), the supervisor's side is driven by the event loop
(`SupervisorChannel`).
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec

from hubflow.execution.messages import Deferral
from hubflow.execution.question_channel import AnsweringChannel, Ask, AskingChannel
from hubflow.questions import XComItem


class Outcome(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The task is over; its process exits next. Fields as in `execution.messages.Finished`."""

    outcome: str
    code_at: datetime | None = None
    error: str | None = None
    error_text: str | None = None
    error_detail: dict[str, Any] | None = None
    xcoms: list[XComItem] = []
    rules_out: list[str] = []
    reschedule_at: datetime | None = None
    deferral: Deferral | None = None
    callback_error: str | None = None


class Progressed(msgspec.Struct, frozen=True, tag=True):
    """``done`` of ``total`` units are done; ``text`` says what is being done now."""

    done: int
    total: int
    text: str


class Artifact(msgspec.Struct, frozen=True, tag=True):
    """A file that the try leaves behind, relative to the artifact folder."""

    kind: str
    path: str


FromChild = Outcome | Ask | Progressed | Artifact
# Made once, and before a zygote forks: building a decoder costs a millisecond.
_decode_from_child = msgspec.msgpack.Decoder(FromChild).decode
ChildChannel = AskingChannel


class SupervisorChannel(AnsweringChannel[FromChild]):
    """The daemon's side: calls ``on_message`` for each message of the task."""

    def __init__(self, sock: socket.socket, on_message: Callable[[FromChild], None]) -> None:
        super().__init__(sock, _decode_from_child, on_message)
