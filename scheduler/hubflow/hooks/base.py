"""Hook: a thin client built from a connection."""

from __future__ import annotations

import logging
import random
from functools import cached_property
from typing import Any

from hubflow.sdk.connection import Connection
from hubflow.sdk.exceptions import HubflowException


class BaseHook:
    """Base of hooks. `get_connection` draws one of the connections that share an id."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__()

    @cached_property
    def log(self) -> logging.Logger:
        return logging.getLogger(f"hubflow.task.{type(self).__name__}")

    @classmethod
    def get_connections(cls, conn_id: str) -> list[Connection]:
        return Connection.all(conn_id)

    @classmethod
    def get_connection(cls, conn_id: str) -> Connection:
        """Return one connection; raises HubflowException if there is none."""
        found = cls.get_connections(conn_id)
        if not found:
            raise HubflowException(f"The conn_id `{conn_id}` isn't defined")
        return random.choice(found)
