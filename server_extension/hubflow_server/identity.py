"""From a request to an Actor. Each way of mounting the API has its own strategy."""

from __future__ import annotations

import getpass
from typing import Protocol

from tornado.web import RequestHandler

from hubflow.services.access import ALL, Actor


class Identity(Protocol):
    """Says who sent a request."""

    async def identify(self, handler: RequestHandler) -> Actor | None:
        """Return the caller, or None for an anonymous one. Raises only on broken backends."""
        ...


class JupyterIdentity:
    """The one local user of a Jupyter server without a Hub, who may do everything.

    `JupyterHandler.prepare` has checked token or cookie, XSRF and origin before this is asked.
    """

    async def identify(self, handler: RequestHandler) -> Actor | None:
        if handler.current_user is None:
            return None
        # Jupyter makes up a name for each session; the unix user is who it really is.
        return Actor(getpass.getuser(), ALL, source_ip=handler.request.remote_ip)
