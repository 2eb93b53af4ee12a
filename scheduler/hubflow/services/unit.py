"""One use case: its permission, one transaction, one audit event, and a nudge to the scheduler."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

import msgspec
from sqlalchemy.orm import Session

from hubflow import steps
from hubflow.clock import utcnow
from hubflow.config import Email, Paths, Service
from hubflow.db import orm
from hubflow.db.crypto import Keyring
from hubflow.db.engine import Database
from hubflow.services.access import Actor, Permission, require
from hubflow.services.progress import ProgressBoard
from hubflow.services.versions import VersionCache
from hubflow.steps import Step


def _nobody() -> None:
    """Stand in for a scheduler that cannot be poked; it looks by itself soon enough."""


@dataclass(frozen=True)
class Backend:
    """What every service needs. `poke` tells the scheduler to look at the database now."""

    database: Database
    paths: Paths
    settings: Service = field(default_factory=Service)
    email: Email = field(default_factory=Email)
    poke: Callable[[], None] = _nobody
    progress: ProgressBoard = field(default_factory=ProgressBoard)
    versions: VersionCache = field(default_factory=VersionCache)
    configuration: Mapping[str, Mapping[str, str]] = field(default_factory=dict, repr=False)
    """Section -> key -> value of every setting that is not secret."""
    fernet_key: str = field(default="", repr=False)
    """Keys from the configuration; empty means the key file."""

    @cached_property
    def keyring(self) -> Keyring:
        """What encrypts variables and connections."""
        return Keyring(self.paths.keys, self.fernet_key)


class Unit:
    """The open transaction of one changing use case, and its audit event in the making."""

    def __init__(self, session: Session, actor: Actor, audit: orm.AuditEvent) -> None:
        self.session = session
        self.actor = actor
        self.now = audit.at
        self._audit = audit

    def note(self, *, execution_date: datetime | None = None, extra: Any = None) -> None:
        """Add facts to the audit event that are known only now."""
        if execution_date is not None:
            self._audit.execution_date = execution_date
        if extra is not None:
            self._audit.extra = msgspec.json.encode(extra).decode()

    def emit(self, kind: str, dag_id: str | None, data: msgspec.Struct) -> int:
        """Add an event to the stream and return its id."""
        event = orm.Event(at=self.now, kind=kind, dag_id=dag_id, data=msgspec.to_builtins(data))
        self.session.add(event)
        self.session.flush()
        return event.id


@contextmanager
def reading(backend: Backend, actor: Actor, permission: Permission) -> Iterator[Session]:
    """Open a session for a use case that changes nothing."""
    require(actor, permission)
    with backend.database.read() as session:
        yield session


@contextmanager
def changing(
    backend: Backend, actor: Actor, permission: Permission, event: str, dag_id: str | None = None
) -> Iterator[Unit]:
    """Open the transaction of a use case; ``event`` names it in the audit log."""
    require(actor, permission)
    audit = orm.AuditEvent(
        at=utcnow(), event=event, dag_id=dag_id, owner=actor.name, source_ip=actor.source_ip
    )
    with backend.database.write() as session:
        yield Unit(session, actor, audit)
        session.add(audit)
        session.flush()
        steps.reach(Step.REQUEST_WRITTEN)
    steps.reach(Step.REQUEST_COMMITTED)
    backend.poke()
