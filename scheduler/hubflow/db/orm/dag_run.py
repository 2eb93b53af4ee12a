"""Runs of DAGs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hubflow.clock import utcnow
from hubflow.db.orm.base import Base
from hubflow.db.types import Json, LongText, RunStateText, RunTypeText, UtcDateTime
from hubflow.states import RunState, RunType


class DagRun(Base):
    """One run. `task_counts` maps a task state to how many instances have it; kept, not counted.

    `change_id` is the id of the last event by which somebody else than the scheduler changed the
    run or its tasks: the scheduler reads those above the greatest one it has seen afresh.
    `reason` is why it ended (`states.RunReason`). `parent_id` is the task instance that started
    this run and waits for it; `origin` is the try that made it, waiting or not, and
    `starter` names its task instance (`events.StarterDto`). `sla_at` is the
    next moment at which a task of the run may have missed its SLA. `is_thinned`
    says that its logs, executed notebooks, XComs and rendered fields were removed for their age.
    """

    __tablename__ = "dag_run"
    __table_args__ = (
        UniqueConstraint("dag_id", "run_id"),
        UniqueConstraint("dag_id", "execution_date"),
        Index("ix_dag_run_state_id", "state", "id"),
        Index("ix_dag_run_run_id_id", "run_id", "id"),
        Index("ix_dag_run_execution_date_id", "execution_date", "id"),
        Index("ix_dag_run_start_date_id", "start_date", "id"),
        Index("ix_dag_run_end_date_id", "end_date", "id"),
        Index("ix_dag_run_change_id", "change_id"),
        Index("ix_dag_run_backfill_id", "backfill_id"),
        Index("ix_dag_run_parent_id", "parent_id"),
        Index("ix_dag_run_sla_at", "sla_at"),
        Index("ix_dag_run_dag_id_is_thinned_end_date", "dag_id", "is_thinned", "end_date"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    dag_id: Mapped[int] = mapped_column(ForeignKey("dag.id", ondelete="CASCADE"))
    dag_version_id: Mapped[int | None] = mapped_column(ForeignKey("dag_version.id"))
    run_id: Mapped[str] = mapped_column(String(250))
    execution_date: Mapped[datetime] = mapped_column(UtcDateTime)
    data_interval_start: Mapped[datetime] = mapped_column(UtcDateTime)
    data_interval_end: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[RunState] = mapped_column(RunStateText)
    run_type: Mapped[RunType] = mapped_column(RunTypeText)
    external_trigger: Mapped[bool]
    conf: Mapped[Any] = mapped_column(Json, nullable=True)
    note: Mapped[str | None] = mapped_column(LongText)
    reason: Mapped[str | None] = mapped_column(String(40))
    triggered_by: Mapped[str | None] = mapped_column(String(500))
    queued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    start_date: Mapped[datetime | None] = mapped_column(UtcDateTime)
    end_date: Mapped[datetime | None] = mapped_column(UtcDateTime)
    task_counts: Mapped[Any] = mapped_column(Json, default=dict)
    change_id: Mapped[int] = mapped_column(default=0)
    backfill_id: Mapped[int | None]
    parent_id: Mapped[int | None]
    origin: Mapped[str | None] = mapped_column(String(40))
    starter: Mapped[Any] = mapped_column(Json, nullable=True)
    sla_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime | None] = mapped_column(
        UtcDateTime, default=utcnow, onupdate=utcnow
    )
    is_thinned: Mapped[bool] = mapped_column(default=False)
