"""The Hub's word on who calls -> Actor.

Rights come from groups and scopes, never from the Hub's `admin` flag: an admin's server token
carries that flag into every notebook of theirs.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from jupyterhub.services.auth import HubOAuth, HubOAuthenticated
from tornado.web import RequestHandler

from hubflow.errors import HubflowError
from hubflow.services.access import Actor, permissions_of
from hubflow_server.errors import ScopeMissing

# Seconds for which the Hub's answer about a token counts: a withdrawn token or group may still
# read for the first, and change things for the second.
READ_CACHE_S = 60
WRITE_CACHE_S = 2
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class HubMissing(HubflowError):
    """The service was not started by a Hub."""

    code = "hub-missing"


class HubHandler(HubOAuthenticated, RequestHandler):
    """Base class mixed into our handlers under the Hub: its XSRF token and its login address."""


class HubIdentity:
    """Asks the Hub who holds the token or cookie of a request."""

    def __init__(self, writer_groups: Iterable[str]) -> None:
        self._writer_groups = frozenset(writer_groups)
        self._for_reads = HubOAuth.instance()
        if not self._for_reads.api_token:
            raise HubMissing("JupyterHub starts this service; without it there is nobody to ask")
        self._for_reads.cache_max_age = READ_CACHE_S
        self._for_writes = HubOAuth(cache_max_age=WRITE_CACHE_S)

    @property
    def base_url(self) -> str:
        return str(self._for_reads.base_url)

    @property
    def hub_prefix(self) -> str:
        return str(self._for_reads.hub_prefix)

    async def identify(self, handler: RequestHandler) -> Actor | None:
        """Return the caller. Raises ScopeMissing, and HTTPError 403 when an XSRF token lacks."""
        auth = self._for_reads if handler.request.method in SAFE else self._for_writes
        model = await auth.get_user(handler, sync=False)
        if model is None:
            if auth.get_token(handler):
                handler.check_xsrf_cookie()  # raises if that is why the Hub's cookie was ignored
            return None
        if not auth.check_scopes(auth.access_scopes, model):
            raise ScopeMissing(model["name"], f"access:services!service={_service_name(auth)}")
        return self._actor(model, source_ip(handler))

    def _actor(self, model: dict[str, Any], source_ip: str | None) -> Actor:
        groups = frozenset(model.get("groups") or ())
        return Actor(
            name=model["name"],
            display_name=model["name"],
            permissions=permissions_of(groups, self._writer_groups),
            groups=groups,
            source_ip=source_ip,
        )


def source_ip(handler: RequestHandler) -> str | None:
    """Return the address that the Hub's proxy saw: the last hop it added, nobody's own claim."""
    hops = handler.request.headers.get("X-Forwarded-For", "").split(",")
    return hops[-1].strip() or handler.request.remote_ip


def _service_name(auth: HubOAuth) -> str:
    return str(auth.oauth_client_id).removeprefix("service-")
