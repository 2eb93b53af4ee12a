"""What all handlers of one mounted API share."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from hubflow.services.unit import Backend
from hubflow_server.feed import EventFeed
from hubflow_server.identity import Identity

THREADS = 16


def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(THREADS, thread_name_prefix="hubflow-service")


@dataclass(frozen=True)
class Site:
    """One mounted API.

    Parameters
    ----------
    base_path : URL path below which `api/v1` lies, without a slash at its end.
    hub_prefix : URL prefix of the caller's hub, or None without a hub.
    """

    backend: Backend
    identity: Identity
    feed: EventFeed
    base_path: str
    hub_prefix: str | None = None
    pool: ThreadPoolExecutor = field(default_factory=_pool)

    @property
    def api_path(self) -> str:
        return f"{self.base_path}/api/v1"

    def close(self) -> None:
        self.pool.shutdown(wait=False, cancel_futures=True)
        self.backend.database.dispose()
