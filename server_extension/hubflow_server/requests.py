"""Query strings as structs: decoding is validating. Bodies are in `hubflow.services.dto`."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeVar

import msgspec
from msgspec import Meta
from tornado.web import RequestHandler

from hubflow.errors import BadRequest, NotFound
from hubflow.states import RunState

MOST_BODY_BYTES = 16 * 2**20
Key = Annotated[int, Meta(ge=0, le=2**62)]
T = TypeVar("T", bound="Query")


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """Base of all query strings. Names that are not listed are ignored."""


class Page(Query, frozen=True, kw_only=True):
    limit: Annotated[int, Meta(ge=1, le=1000)] = 100
    offset: Key = 0


class ListDags(Page, frozen=True, kw_only=True):
    dag_id_pattern: str = ""
    only_active: bool = True
    paused: bool | None = None
    tags: list[str] = []


class ListDagRuns(Page, frozen=True, kw_only=True):
    state: list[RunState] = []
    order_by: str = "id"


class ListBackfills(Page, frozen=True, kw_only=True):
    dag_id: str | None = None


class ListEventLogs(Page, frozen=True, kw_only=True):
    dag_id: str | None = None
    event: str | None = None


class ListAlerts(Page, frozen=True, kw_only=True):
    dag_id: str | None = None
    state: list[Literal["pending", "done", "failed"]] = []


class ListSlaMisses(Page, frozen=True, kw_only=True):
    dag_id: str | None = None


class ListVariables(Page, frozen=True, kw_only=True):
    variable_key_pattern: str = ""
    order_by: str = "key"


class ListConnections(Page, frozen=True, kw_only=True):
    connection_id_pattern: str = ""
    order_by: str = "connection_id"


class ListPools(Page, frozen=True, kw_only=True):
    pool_name_pattern: str = ""
    order_by: str = "name"


class Patch(Query, frozen=True, kw_only=True):
    """`update_mask` names the fields of the body that count, several or with commas between."""

    update_mask: list[str] = []

    @property
    def fields(self) -> list[str]:
        """The names, each by itself."""
        return [name for part in self.update_mask for name in part.split(",") if name]


class ChooseConnection(Query, frozen=True, kw_only=True):
    """`row` is the `id` of one of several connections that share their connection_id."""

    row: Key | None = None


class ChangeConnection(Patch, frozen=True, kw_only=True):
    row: Key | None = None


class AddConnection(Query, frozen=True, kw_only=True):
    duplicate: bool = False


class DeleteConnection(ChooseConnection, frozen=True, kw_only=True):
    all: bool = False


class ReadLog(Query, frozen=True, kw_only=True):
    """`token` is a byte offset, as `continuation_token` gave it; negative counts from the end."""

    token: Annotated[int, Meta(ge=-(2**62), le=2**62)] = 0


class ViewDags(Query, frozen=True, kw_only=True):
    limit: Annotated[int, Meta(ge=1, le=200)] = 50
    page: str = ""
    search: str = ""
    state: RunState | None = None
    paused: Literal["false", "true", "all"] = "false"


class ViewGrid(Query, frozen=True, kw_only=True):
    limit: Annotated[int, Meta(ge=1, le=200)] = 25
    before: Key | None = None


class ViewVersion(Query, frozen=True, kw_only=True):
    version: Annotated[int, Meta(ge=1, le=2**31)] | None = None


class InspectNotebook(Query, frozen=True, kw_only=True):
    path: str


class ReadOutput(Query, frozen=True, kw_only=True):
    dag_id: str
    run_id: str
    task_id: str
    try_number: Annotated[int, Meta(ge=1, le=10_000)]
    format: Literal["html", "ipynb"] = "html"


class ExplainSchedule(Query, frozen=True, kw_only=True):
    cron: str | None = None
    preset: str | None = None
    timezone: str = "UTC"


class ReadEvents(Query, frozen=True, kw_only=True):
    after: Key = 0
    limit: Annotated[int, Meta(ge=1, le=1000)] = 100


class FollowEvents(Query, frozen=True, kw_only=True):
    after: Key | None = None


def whole_number(text: str, otherwise: Exception) -> int:
    """Read a number in a URL; raises ``otherwise`` for anything else."""
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise otherwise
    return int(text)


def read_query(handler: RequestHandler, kind: type[T]) -> T:
    """Read the query string of a request as ``kind``; raises BadRequest naming the field."""
    values: dict[str, Any] = {}
    for field in msgspec.structs.fields(kind):
        given = handler.get_query_arguments(field.encode_name)
        if given:
            is_list = isinstance(field.default_factory, type) and field.default_factory is list
            values[field.encode_name] = given if is_list else given[-1]
    try:
        return msgspec.convert(values, kind, strict=False)
    except msgspec.ValidationError as exc:
        raise BadRequest(in_words(exc)) from exc


def row_key(what: str, text: str) -> int:
    """Return the number of a row that a path names; raises NotFound for anything else."""
    if not text.isdecimal() or len(text) > 18:
        raise NotFound(f"{text!r} is no id of {what}")
    return int(text)


def in_words(exc: msgspec.ValidationError) -> str:
    """Turn "Expected `object` - at `$.conf`" into "conf: expected object"."""
    text, _, place = str(exc).partition(" - at `")
    field = place.rstrip("`").removeprefix("$").lstrip(".")
    text = text.replace("`", "")
    return f"{field}: {text[0].lower()}{text[1:]}" if field else text
