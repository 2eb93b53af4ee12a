"""Column types: aware UTC instants and compact JSON."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
from sqlalchemy import DateTime, LargeBinary, String
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from hubflow.states import RunState, RunType, TaskState


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant; stored in UTC without a zone, on every database alike."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive datetime {value!r}: every instant in the database is aware")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


class Json(TypeDecorator[Any]):
    """A JSON document as bytes: written and read by msgspec, never parsed by the database."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes | None:
        return None if value is None else msgspec.json.encode(value)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> Any:
        return None if value is None else msgspec.json.decode(value)


class _EnumText(TypeDecorator[Any]):
    """A string enum, stored as its value."""

    impl = String(20)
    cache_ok = True
    enum: type[TaskState] | type[RunState] | type[RunType]

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else str(self.enum(value))

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else self.enum(value)


class TaskStateText(_EnumText):
    cache_ok = True
    enum = TaskState


class RunStateText(_EnumText):
    cache_ok = True
    enum = RunState


class RunTypeText(_EnumText):
    cache_ok = True
    enum = RunType
