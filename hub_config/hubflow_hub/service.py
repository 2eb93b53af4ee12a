"""The hub-managed service: the REST API, the event stream and the page, behind the Hub's login."""

from __future__ import annotations

import asyncio
import errno
import logging
import os
import secrets
import sys
from pathlib import Path

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets

import hubflow_hub
from hubflow.cli.base import HubflowApp, serve
from hubflow.config import Service
from hubflow.db import migrate
from hubflow.errors import HubflowError
from hubflow_hub.identity import HubHandler, HubIdentity
from hubflow_hub.pages import page_rules
from hubflow_server.application import build_application, build_site
from hubflow_server.bodies import BodyLimit

INSTALLED_PAGE = Path(sys.prefix, "share", "hubflow", "hub-page")
log = logging.getLogger(__name__)


class PortTaken(HubflowError):
    """Another program listens where the service should."""

    code = "port-taken"


class HubService(HubflowApp):
    """Serve hubflow's API and page; JupyterHub starts this."""

    description = __doc__
    name = "hubflow-service"

    def run(self) -> None:
        self.core.paths.make()
        migrate.upgrade(self.database)
        serve(self._serve)

    async def _serve(self, stop: asyncio.Event) -> None:
        settings = Service(config=self.config)
        identity = HubIdentity(name.strip() for name in settings.writer_groups.split(","))
        site = build_site(self.config, identity, identity.base_url.rstrip("/"), identity.hub_prefix)
        application = build_application(
            site,
            HubHandler,
            page_rules(identity, page_folder()),
            cookie_secret=cookie_secret(self.core.paths.keys),
            login_url="/",  # replaced by the Hub's for each request
        )
        server = HTTPServer(BodyLimit(application), xheaders=True)
        try:
            server.add_sockets(bind_sockets(settings.port, settings.host))
        except OSError as exc:
            raise _in_words(exc, settings) from exc
        await site.feed.start()
        log.info("hubflow service listens on %s:%s", settings.host, settings.port)
        await stop.wait()
        server.stop()
        await site.feed.stop()
        site.close()


def page_folder() -> Path:
    """Return the built page: as installed, or that of the checkout."""
    checkout = Path(hubflow_hub.__file__).parents[2] / "labextension" / "hub-dist"
    return checkout if checkout.exists() else INSTALLED_PAGE


def cookie_secret(keys: Path) -> bytes:
    """Return the secret that signs session cookies; kept, so that a restart logs nobody out."""
    file = keys / "cookie_secret"
    try:
        return file.read_bytes()
    except FileNotFoundError:
        secret = secrets.token_bytes(32)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as out:
            out.write(secret)
        return secret


def _in_words(exc: OSError, settings: Service) -> Exception:
    if exc.errno != errno.EADDRINUSE:
        return exc
    return PortTaken(
        f"port {settings.port} on {settings.host} is taken; stop what listens there, or set "
        "c.HubflowHub.service_port (Hub) or Service.port to another"
    )


def main(argv: list[str] | None = None) -> None:
    """Entry point of `hubflow-service`."""
    HubService.launch_instance(argv)


if __name__ == "__main__":
    main()
