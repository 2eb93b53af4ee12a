"""Put the parts of the service together: database, feed, and the Tornado application."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from tornado.web import Application, RequestHandler
from traitlets.config import Config

from hubflow.config import Core, Service, without_secret_ones
from hubflow.db.engine import Database
from hubflow.services.unit import Backend
from hubflow_server import routes
from hubflow_server.feed import EventFeed
from hubflow_server.identity import Identity
from hubflow_server.site import Site


def build_site(
    config: Config, identity: Identity, base_path: str, hub_prefix: str | None = None
) -> Site:
    """Make what the handlers share. Call `site.feed.start()` in the running loop, then serve."""
    core = Core(config=config)
    core.paths.make()
    backend = Backend(
        Database(core),
        core.paths,
        Service(config=config),
        configuration=without_secret_ones(config),
        fernet_key=core.fernet_key,
    )
    feed = EventFeed(backend)
    backend = replace(backend, poke=feed.poke)
    return Site(backend, identity, feed, base_path, hub_prefix)


def build_application(
    site: Site,
    base: type[RequestHandler] | None = None,
    more: Sequence[Any] = (),
    **settings: Any,
) -> Application:
    """Return an application of its own, as the hub service and the tests run it."""
    return Application([*routes.build(site, base), *more], **settings)
