"""A connection to another system, as tasks see it (SEMANTICS 5.3)."""

from __future__ import annotations

import json
from typing import Any

from hubflow.questions import GetConnections
from hubflow.sdk.runtime import current_runtime


class Connection:
    """Where a system is, and how to log in there."""

    def __init__(
        self,
        conn_id: str | None = None,
        conn_type: str | None = None,
        host: str | None = None,
        login: str | None = None,
        password: str | None = None,
        schema: str | None = None,
        port: int | None = None,
        extra: str | None = None,
    ) -> None:
        self.conn_id = conn_id
        self.conn_type = conn_type
        self.host = host
        self.login = login
        self.password = password
        self.schema = schema
        self.port = port
        self.extra = extra

    @property
    def extra_dejson(self) -> dict[str, Any]:
        """The extra as an object; {} if it is none."""
        try:
            found = json.loads(self.extra or "{}")
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    @classmethod
    def all(cls, conn_id: str) -> list[Connection]:
        """Return every connection of this id."""
        return [cls(**row) for row in current_runtime().ask(GetConnections(conn_id=conn_id))]
