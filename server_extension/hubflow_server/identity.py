"""From a request to an Actor. Each way of mounting the API has its own strategy."""

from __future__ import annotations

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
        user = handler.current_user
        if user is None:
            return None
        return Actor(
            name=user.username,
            display_name=user.display_name or user.username,
            permissions=ALL,
            source_ip=handler.request.remote_ip,
        )
