"""A real PostgreSQL server for a benchmark, started as the tests start theirs."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from benchmarks.stage import Stage
from servers import postgres

# Unlike the tests' server, this one keeps what it has committed even through a power cut.
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}


class NotAvailable(Exception):
    """There is no such server here, or hubflow cannot use it; the message says why."""


@contextmanager
def server() -> Iterator[str]:
    """Yield the URL of an empty database; raises NotAvailable."""
    postgres.SETTINGS.update(DURABLE)
    try:
        running = postgres.Postgres()
    except (pytest.skip.Exception, pytest.fail.Exception) as exc:
        raise NotAvailable(str(exc)) from exc
    try:
        url = running.create().url
        _try(url)
        yield url
    finally:
        running.close()


def _try(url: str) -> None:
    """Raise NotAvailable unless hubflow's schema can be made there."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            Stage(Path(folder), url).database.dispose()
        except Exception as exc:
            first = str(exc).partition("\n")[0]
            why = f"this version cannot use PostgreSQL: {type(exc).__name__}: {first}"
            raise NotAvailable(why) from exc
