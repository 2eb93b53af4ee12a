"""Start one process of hubflow that dies, or stops, at the steps where it is told to.

    python launch.py KIND ORDERS COMMAND…

An order is a file `STEP@KIND` in the folder ORDERS that holds the number of a signal. Whoever comes
to that step first takes it, leaves `STEP@KIND.done` with its pid, and sends itself the signal.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from tornado.httpserver import HTTPServer
from tornado.web import RequestHandler

from hubflow import config, steps
from hubflow.cli.base import serve
from hubflow.cli.main import main as cli
from hubflow.db import migrate
from hubflow.services.access import ALL, Actor
from hubflow_server.application import build_application, build_site


def obey(kind: str, orders: Path) -> None:
    """Put the executioner in the place of `steps.reach`."""

    def reach(step: steps.Step) -> None:
        order = orders / f"{step.name}@{kind}"
        mine = orders / f"{order.name}.{os.getpid()}"
        try:
            order.rename(mine)
        except FileNotFoundError:
            return
        number = int(mine.read_text())
        mine.write_text(str(os.getpid()))
        mine.rename(orders / f"{order.name}.done")
        os.kill(os.getpid(), number)

    steps.reach = reach


class Everybody:
    """Whoever asks is the one local user."""

    async def identify(self, handler: RequestHandler) -> Actor:
        return Actor("chaos", ALL)


async def serve_api(stop: asyncio.Event, port: int) -> None:
    """Be the service without a Hub: its real handlers, feed and database, nothing of Jupyter."""
    site = build_site(config.load(), Everybody(), "/hubflow")
    migrate.check(site.backend.database)
    server = HTTPServer(build_application(site))
    server.listen(port, "127.0.0.1")
    await site.feed.start()
    await stop.wait()
    server.stop()
    await site.feed.stop()
    site.close()


def main(kind: str, orders: str, *command: str) -> None:
    # The clock is bent for this process, not for tasks: theirs cannot sleep with that library.
    os.environ.pop("LD_PRELOAD", None)
    obey(kind, Path(orders))
    if kind == "service":
        serve(lambda stop: serve_api(stop, int(command[0])))
    else:
        sys.argv = ["hubflow", *command]
        cli()


if __name__ == "__main__":
    main(*sys.argv[1:])
