"""DAG files, their texts, the DAGs in them and the versions of each DAG."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hubflow.db.orm.base import Base
from hubflow.db.types import BINARY, Json, LongText, UtcDateTime

SUBDAG = "subdag"


class Source(Base):
    """The text of a DAG file, stored once for each content."""

    __tablename__ = "source"

    id: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    text: Mapped[str] = mapped_column(LongText)


class DagFile(Base):
    """A file in the DAG folder. `path` is relative to the folder, with `/`.

    `reads` are the variables and connections that its last import read
    (`queries.dag_store.Reads`).
    """

    __tablename__ = "dag_file"

    id: Mapped[int] = mapped_column(primary_key=True)
    path: Mapped[str] = mapped_column(String(500), unique=True)
    source_id: Mapped[int | None] = mapped_column(ForeignKey("source.id"))
    parsed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    parse_duration_ms: Mapped[int | None]
    reads: Mapped[Any] = mapped_column(Json, nullable=True)


class ImportFailure(Base):
    """Why a DAG file could not be imported, until it can."""

    __tablename__ = "import_failure"

    id: Mapped[int] = mapped_column(primary_key=True)
    dag_file_id: Mapped[int] = mapped_column(
        ForeignKey("dag_file.id", ondelete="CASCADE"), unique=True
    )
    message: Mapped[str] = mapped_column(LongText)
    stacktrace: Mapped[str] = mapped_column(LongText)
    line: Mapped[int | None]
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class Dag(Base):
    """A DAG as lists show it. `is_active` is False once its file is gone.

    `change_id` is the id of the last event about this DAG: the scheduler reads the rows above
    the greatest one it has seen. `next_due_at` is when the next scheduled run is created.
    """

    __tablename__ = "dag"
    __table_args__ = (
        Index("ix_dag_is_active_dag_id", "is_active", "dag_id"),
        Index("ix_dag_change_id", "change_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    dag_id: Mapped[str] = mapped_column(String(250), unique=True)
    dag_file_id: Mapped[int] = mapped_column(ForeignKey("dag_file.id"))
    version_id: Mapped[int | None]
    is_active: Mapped[bool] = mapped_column(default=True)
    is_paused: Mapped[bool] = mapped_column(default=True)
    display_name: Mapped[str | None] = mapped_column(String(250))
    """What people read instead of the id; None is the id."""
    description: Mapped[str | None] = mapped_column(LongText)
    owners: Mapped[str] = mapped_column(String(2000), default="")
    tags: Mapped[Any] = mapped_column(Json, default=list)
    schedule_text: Mapped[str | None] = mapped_column(String(250))
    timezone: Mapped[str] = mapped_column(String(64), default="UTC")
    kind: Mapped[str] = mapped_column(String(20), default="dag")
    """"dag", "notebook" for a DAG made by scheduling one, or "subdag", which no list shows."""
    max_active_runs: Mapped[int] = mapped_column(default=16)
    keep_days: Mapped[int | None]
    keep_runs: Mapped[int | None]
    """For how long, and how many of its runs are kept; None as `config.Retention` says."""
    next_execution_date: Mapped[datetime | None] = mapped_column(UtcDateTime)
    next_due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_run_id: Mapped[int | None]
    """Primary key of the run with the greatest execution date."""
    change_id: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class DagVersion(Base):
    """One meaning of a DAG. `data` is `SerializedDag` as JSON; `number` counts from 1."""

    __tablename__ = "dag_version"
    __table_args__ = (
        UniqueConstraint("dag_id", "number"),
        UniqueConstraint("dag_id", "hash"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    dag_id: Mapped[int] = mapped_column(ForeignKey("dag.id", ondelete="CASCADE"))
    number: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))
    data: Mapped[bytes] = mapped_column(BINARY)
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
