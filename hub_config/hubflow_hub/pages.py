"""The page of the service: the same views as in JupyterLab, for people without a server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
from jinja2 import Environment, FileSystemLoader, select_autoescape
from jupyterhub.services.auth import HubOAuthCallbackHandler
from tornado.web import HTTPError, RequestHandler, StaticFileHandler

from hubflow.errors import HubflowError
from hubflow_hub.identity import HubHandler, HubIdentity
from hubflow_server import http_errors

POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; worker-src 'self' blob:; "
    "connect-src 'self'; frame-src 'self'; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'self'"
)
_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "page_templates"),
    autoescape=select_autoescape(default=True),
)


class Page(HubHandler):
    """A page for people who are logged in; others are sent to the Hub to do so."""

    def initialize(self, identity: HubIdentity) -> None:
        self.identity = identity

    def set_default_headers(self) -> None:
        self.set_header("Content-Security-Policy", POLICY)
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Referrer-Policy", "same-origin")
        self.set_header("Cache-Control", "no-store")

    async def prepare(self) -> None:
        self.actor = await self.identity.identify(self)
        if self.actor is None:
            self.redirect(self.get_login_url())

    def show(self, template: str, **values: Any) -> None:
        identity = self.identity
        self.finish(
            _TEMPLATES.get_template(template).render(
                base_url=identity.base_url, hub_prefix=identity.hub_prefix, **values
            )
        )

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Say on a page what went wrong, in the words of the API."""
        exc = kwargs["exc_info"][1] if "exc_info" in kwargs else HTTPError(status_code)
        problem = http_errors.problem(exc)
        self.set_status(problem.status)
        self.show("error.html", problem=problem)

    def log_exception(self, typ: Any, value: BaseException | None, tb: Any) -> None:
        if not isinstance(value, HubflowError):
            super().log_exception(typ, value, tb)


class IndexPage(Page):
    """Every address of the page: its own router shows the view."""

    async def get(self, *args: str) -> None:
        config = {
            "baseUrl": self.identity.base_url,
            "hubPrefix": self.identity.hub_prefix,
            "xsrfToken": self.xsrf_token.decode("ascii"),
            "user": self.actor.name if self.actor else "",
        }
        # `<` would let a value end the script element.
        text = msgspec.json.encode(config).decode().replace("<", "\\u003c")
        self.show("index.html", config=text)


class AssetHandler(StaticFileHandler):
    """Scripts and styles of the page: no secrets, so no login."""

    def set_default_headers(self) -> None:
        self.set_header("X-Content-Type-Options", "nosniff")


def page_rules(identity: HubIdentity, assets: Path) -> list[tuple[str, type[RequestHandler], Any]]:
    """Return the rules of the page below the service's address."""
    base = identity.base_url
    return [
        (rf"{base}oauth_callback", HubOAuthCallbackHandler, {}),
        (rf"{base}static/(.*)", AssetHandler, {"path": str(assets)}),
        (rf"{base}(?:dags(?:/.*)?)?", IndexPage, {"identity": identity}),
        (base.rstrip("/"), IndexPage, {"identity": identity}),
    ]
