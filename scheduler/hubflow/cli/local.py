"""Commands that use the database of this machine: who they act as, and how they wake others."""

from __future__ import annotations

import asyncio
import contextlib
import getpass

from hubflow.cli.base import HubflowApp
from hubflow.config import Email, Paths, Service
from hubflow.db import migrate
from hubflow.execution.framing import Connection
from hubflow.execution.messages import Poke, ToWatcher, Watch
from hubflow.execution.sockets import connect
from hubflow.services.access import ALL, Actor
from hubflow.services.unit import Backend


def backend(app: HubflowApp) -> Backend:
    """Open the services on this machine's database; raises DatabaseUnusable."""
    migrate.check(app.database)
    paths = app.core.paths
    return Backend(
        app.database,
        paths,
        Service(config=app.config),
        email=Email(config=app.config),
        poke=lambda: poke(paths),
        fernet_key=app.core.fernet_key,
    )


def local_actor() -> Actor:
    """Return the unix user, who may do what whoever reads the database file may do anyway."""
    return Actor(getpass.getuser(), ALL)


def poke(paths: Paths) -> None:
    """Tell the scheduler to look now; without one, it looks when it starts."""
    with contextlib.suppress(OSError):
        asyncio.run(_poke(paths))


async def _poke(paths: Paths) -> None:
    reader, writer = await connect(paths.scheduler_socket)
    connection: Connection[object] = Connection(reader, writer, ToWatcher)
    connection.send(Watch(name="cli"))
    connection.send(Poke())
    await connection.close()
