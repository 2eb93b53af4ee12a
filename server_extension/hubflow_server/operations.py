"""What a URL offers: enforced by the base handler, documented by `openapi`."""

from __future__ import annotations

from typing import NamedTuple

import msgspec
from tornado.web import RequestHandler

from hubflow.services.access import Permission
from hubflow_server.requests import Query


class Operation(NamedTuple):
    """One method of a route.

    permission : None means open to everybody.
    returns : the struct of the answer, or None for one that is not made of a struct.
    """

    permission: Permission | None
    returns: type[msgspec.Struct] | None = None
    query: type[Query] | None = None
    body: type[msgspec.Struct] | None = None
    status: int = 200
    media: tuple[str, ...] = ("application/json",)
    upload: str = ""
    """Field of a multipart form in which a file is sent."""
    is_list: bool = False
    """Whether the answer is a bare list of ``returns``."""


class Route(NamedTuple):
    """A row of the table in `routes`. `path` is relative to `api/v1`."""

    path: str
    handler: type[RequestHandler]
    operations: dict[str, Operation]
