"""The handler that all others derive from: who calls, decoding, calling, answering, failing."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from functools import partial
from inspect import isawaitable
from typing import Any, Concatenate, ParamSpec, TypeVar

import msgspec
from tornado.web import HTTPError, RequestHandler

from hubflow.errors import BadRequest, HubflowError, NotAuthenticated
from hubflow.services.access import Actor, require
from hubflow.services.unit import Backend
from hubflow_server import http_errors
from hubflow_server.bodies import MOST_BODY_BYTES
from hubflow_server.errors import BodyTooLarge
from hubflow_server.operations import Route
from hubflow_server.requests import (
    Query,
    in_words,
    names,
    picked,
    read_query,
    refuse_unknown,
)
from hubflow_server.site import Site

P = ParamSpec("P")
T = TypeVar("T")
Q = TypeVar("Q", bound=Query)
log = logging.getLogger(__name__)


class HubflowHandler(RequestHandler):
    """Base of the API handlers; works on Tornado alone, in Jupyter and behind the Hub.

    `routes.build` mixes in the base class of the server on which the API is mounted, which then
    brings XSRF, origin and login checks.
    """

    site: Site
    actor: Actor | None
    is_strict = True
    """Whether "4" is no number and "false" is not false, in a body."""

    def initialize(self, site: Site, route: Route, routes: tuple[Route, ...]) -> None:
        self.site = site
        self.route = route
        self.routes = routes
        self.actor = None

    def set_default_headers(self) -> None:
        super().set_default_headers()
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Referrer-Policy", "same-origin")
        self.set_header("Cache-Control", "no-store")

    async def prepare(self) -> None:
        """Find out who calls and whether this method is open to them."""
        method = self.request.method or ""
        operation = self.route.operations.get("GET" if method == "HEAD" else method)
        if operation is None:
            raise HTTPError(405, reason=f"{method} is not possible here")
        prepared = super().prepare()
        if isawaitable(prepared):
            await prepared
        if self._finished:
            return
        self.actor = await self.site.identity.identify(self)
        if operation.permission is not None:
            require(self.caller, operation.permission)
        refuse_unknown(self, operation.query)

    async def head(self, *args: str, **kwargs: str) -> None:
        """Answer as GET does; Tornado leaves the body out."""
        answered = self.get(*args, **kwargs)
        if isawaitable(answered):
            await answered

    @property
    def caller(self) -> Actor:
        """Who calls; raises NotAuthenticated when nobody known does."""
        if self.actor is None:
            raise NotAuthenticated("log in, or send a Hub token with access to this service")
        return self.actor

    def decode(self, kind: type[T]) -> T:
        """Read the body as ``kind``; raises BadRequest naming the field, BodyTooLarge."""
        if len(self.request.body) > MOST_BODY_BYTES:  # a Jupyter server lets more pass
            raise BodyTooLarge(MOST_BODY_BYTES)
        try:
            return msgspec.json.decode(self.request.body, type=kind, strict=self.is_strict)
        except msgspec.ValidationError as exc:
            raise BadRequest(in_words(exc)) from exc
        except (msgspec.DecodeError, UnicodeDecodeError) as exc:
            raise BadRequest(f"the body is not JSON: {exc}") from exc
        except RecursionError as exc:
            raise BadRequest("the body has too many lists or objects, one in another") from exc

    def query(self, kind: type[Q]) -> Q:
        """Read the query string as ``kind``; raises BadRequest naming the field."""
        return read_query(self, kind)

    async def call(
        self,
        service: Callable[Concatenate[Backend, Actor, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Run a service function for the caller, in a thread."""
        return await self.run(partial(service, self.site.backend, self.caller, *args, **kwargs))

    async def run(self, function: Callable[[], T]) -> T:
        """Run a blocking function in a thread."""
        return await asyncio.get_running_loop().run_in_executor(self.site.pool, function)

    def reply(self, body: msgspec.Struct | dict[str, Any], status: int = 200) -> None:
        """Answer with JSON."""
        self.set_status(status)
        self.set_header("Content-Type", "application/json")
        self.finish(msgspec.json.encode(body))

    def reply_fields(self, body: msgspec.Struct, fields: list[str], rows: str = "") -> None:
        """Answer with these fields of the body, or of its ``rows``; with all if none is named."""
        wanted = names(fields)
        if not wanted:
            self.reply(body)
        elif rows:
            listed = [picked(row, wanted) for row in getattr(body, rows)]
            self.reply({**msgspec.structs.asdict(body), rows: listed})
        else:
            self.reply(picked(body, wanted))

    def reply_nothing(self) -> None:
        """Answer that it is done, with nothing to say."""
        self.set_status(204)
        self.finish()

    def reply_text(self, text: str, content_type: str = "text/plain") -> None:
        """Answer with text."""
        self.set_header("Content-Type", f"{content_type}; charset=utf-8")
        self.finish(text)

    def accepts(self, media_type: str) -> bool:
        """Return whether the caller asks for this media type by name."""
        return media_type in self.request.headers.get("Accept", "")

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Answer with a problem document."""
        exc = kwargs["exc_info"][1] if "exc_info" in kwargs else HTTPError(status_code)
        problem = http_errors.problem(exc)
        self.set_status(problem.status)
        if problem.status == 405:
            self.set_header("Allow", ", ".join(self.route.operations))
        self.set_header("Content-Type", http_errors.CONTENT_TYPE)
        self.finish(msgspec.json.encode(problem))

    def log_exception(self, typ: Any, value: BaseException | None, tb: Any) -> None:
        """Log what nobody expected with its traceback; the rest is the caller's to know."""
        status = http_errors.status_of(value) if isinstance(value, HubflowError) else 500
        if status != 500:
            level = logging.INFO if status < 500 else logging.ERROR
            log.log(level, "%s: %s", self._request_summary(), value)
        else:
            super().log_exception(typ, value, tb)


class UnknownHandler(HubflowHandler):
    """Any path below the API that no route knows."""

    async def prepare(self) -> None:
        raise HTTPError(404, reason=f"there is nothing at {self.request.path}")
