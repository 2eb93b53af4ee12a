"""Alerts and SLA misses on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from hubflow.events import Dto


class AlertDto(Dto, frozen=True, kw_only=True):
    """A mail or callback: `state` is "pending", "done" or "failed"; `error` says why not yet."""

    alert_id: int
    kind: str
    reason: str
    dag_id: str
    dag_run_id: str | None
    task_id: str | None
    try_number: int | None
    recipients: list[str]
    state: str
    attempts: int
    created_at: datetime
    next_attempt_at: datetime | None
    done_at: datetime | None
    error: str | None


class AlertsDto(Dto, frozen=True, kw_only=True):
    alerts: list[AlertDto]
    total_entries: int


class SlaMissDto(Dto, frozen=True, kw_only=True):
    """A task that was not done by `deadline`; `timestamp` is when that was noticed.

    dismissed_at, dismissed_by : when and by whom it was taken out of what needs attention.
    """

    sla_miss_id: int
    dag_id: str
    dag_run_id: str | None
    task_id: str
    execution_date: datetime
    deadline: datetime
    timestamp: datetime
    email_sent: bool
    notification_sent: bool
    description: str | None
    dismissed_at: datetime | None
    dismissed_by: str | None


class SlaMissesDto(Dto, frozen=True, kw_only=True):
    sla_misses: list[SlaMissDto]
    total_entries: int


class PatchSlaMiss(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What people found out about a miss; null removes it."""

    description: Annotated[str, Meta(max_length=5_000)] | None


# No more than a database takes.
MissId = Annotated[int, Meta(ge=0, le=2**31 - 1)]


class DismissSlaMisses(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of POST slaMisses/dismiss."""

    sla_miss_ids: Annotated[list[MissId], Meta(min_length=1, max_length=1_000)]
