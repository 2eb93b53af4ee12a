"""Column types, on every database alike: whole numbers, long texts, aware UTC instants, JSON.

MySQL's own types would cut: a DATETIME has no microseconds, a BLOB or TEXT ends at 64 KiB.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
from sqlalchemy import BigInteger, DateTime, Integer, LargeBinary, String, Text
from sqlalchemy.dialects import mysql
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from hubflow.states import RunState, RunType, TaskState

INTEGER = BigInteger().with_variant(Integer, "sqlite")
"""64 bits everywhere; a key of SQLite must be called INTEGER, which has as many."""
BINARY = LargeBinary().with_variant(mysql.LONGBLOB(), "mysql")
TEXT = Text().with_variant(mysql.LONGTEXT(), "mysql")
INSTANT = DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql")


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant; stored in UTC without a zone, on every database alike."""

    impl = INSTANT
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

    impl = BINARY
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes | None:
        return None if value is None else msgspec.json.encode(value)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> Any:
        return None if value is None else msgspec.json.decode(value)


class LongText(TypeDecorator[str]):
    """A text of any length. PostgreSQL has no NUL in texts; what is shown there is U+FFFD."""

    impl = TEXT
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        if value is None or dialect.name != "postgresql":
            return value
        return value.replace("\0", "\ufffd")


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
