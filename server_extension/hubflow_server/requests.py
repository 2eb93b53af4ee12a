"""Query strings as structs: decoding is validating. Bodies are in `hubflow.services.dto`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal, TypeVar

import msgspec
from msgspec import Meta
from tornado.web import RequestHandler

from hubflow.errors import BadRequest, NotFound
from hubflow.states import RunState, TaskState

# What login and cross-site checks read; plain numbers are what JupyterLab adds against caches.
NOT_OURS = frozenset({"_xsrf", "token"})
Key = Annotated[int, Meta(ge=0, le=2**62)]
MapIndex = Annotated[int, Meta(ge=-1, le=2**31 - 1)]
T = TypeVar("T", bound="Query")
_CONTROL = re.compile(rb"[\x00-\x1f\x7f]")


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """Base of all query strings. Names that are not listed are refused."""


class Fields(Query, frozen=True, kw_only=True):
    """`fields` are those to answer with, several or with commas between; none means all."""

    fields: list[str] = []


class Page(Query, frozen=True, kw_only=True):
    limit: Annotated[int, Meta(ge=1, le=1000)] = 100
    offset: Key = 0


class Dated(Page, frozen=True, kw_only=True):
    """Bounds, included, of the dates of runs or task instances."""

    execution_date_gte: datetime | None = None
    execution_date_lte: datetime | None = None
    start_date_gte: datetime | None = None
    start_date_lte: datetime | None = None
    end_date_gte: datetime | None = None
    end_date_lte: datetime | None = None
    updated_at_gte: datetime | None = None
    updated_at_lte: datetime | None = None


class ListTaskInstances(Dated, frozen=True, kw_only=True):
    state: list[TaskState] = []
    pool: list[str] = []
    queue: list[str] = []
    executor: list[str] = []
    duration_gte: float | None = None
    duration_lte: float | None = None
    order_by: str = "id"


class ListTasks(Query, frozen=True, kw_only=True):
    order_by: str = "task_id"


class ListXComs(Page, frozen=True, kw_only=True):
    map_index: MapIndex | None = None
    xcom_key: str | None = None


class ChooseMapIndex(Query, frozen=True, kw_only=True):
    map_index: MapIndex | None = None


class ReadXCom(ChooseMapIndex, frozen=True, kw_only=True):
    """Without `stringify` the value is JSON, not text with it. Nothing is ever unpickled."""

    deserialize: Literal[False] = False
    stringify: bool = True


class ListDagStats(Query, frozen=True, kw_only=True):
    """`dag_ids` are several or with commas between; none means all."""

    dag_ids: list[str] = []


class ListDagWarnings(Page, frozen=True, kw_only=True):
    dag_id: str | None = None
    warning_type: str | None = None
    order_by: str = "dag_id"


class ReadConfig(Query, frozen=True, kw_only=True):
    section: str | None = None


class ListDags(Page, frozen=True, kw_only=True):
    dag_id_pattern: str = ""
    only_active: bool = True
    paused: bool | None = None
    tags: list[str] = []
    fields: list[str] = []
    order_by: str = "dag_id"


class PatchDagsQuery(Page, frozen=True, kw_only=True):
    """`dag_id_pattern` is part of the ids of the DAGs that are meant; `~` means all."""

    dag_id_pattern: str
    only_active: bool = True
    paused: bool | None = None
    tags: list[str] = []
    update_mask: list[str] = []


class ListImportErrors(Page, frozen=True, kw_only=True):
    order_by: str = "-timestamp"


class ListTries(Page, frozen=True, kw_only=True):
    order_by: str = "try_number"


class ListOldRuns(Query, frozen=True, kw_only=True):
    state: str | None = None


class ListDagRuns(Dated, frozen=True, kw_only=True):
    state: list[RunState] = []
    fields: list[str] = []
    order_by: str = "id"


class ListBackfills(Page, frozen=True, kw_only=True):
    dag_id: str | None = None


class ListEventLogs(Page, frozen=True, kw_only=True):
    """`included_events` and `excluded_events` have commas between their names."""

    dag_id: str | None = None
    task_id: str | None = None
    run_id: str | None = None
    event: str | None = None
    owner: str | None = None
    before: datetime | None = None
    after: datetime | None = None
    included_events: str = ""
    excluded_events: str = ""
    order_by: str = "-id"


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
        return names(self.update_mask)


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
    """`token` is a byte offset, as `continuation_token` gave it; negative counts from the end.

    `full_content` asks for all from there at once. `map_index` names an instance of a mapped task;
    without it, it is the first.
    """

    full_content: bool = False
    token: Annotated[int, Meta(ge=-(2**62), le=2**62)] = 0
    map_index: Annotated[int, Meta(ge=-1, le=2**31)] | None = None


class ViewDags(Query, frozen=True, kw_only=True):
    limit: Annotated[int, Meta(ge=1, le=200)] = 50
    page: str = ""
    search: str = ""
    state: RunState | None = None
    paused: Literal["false", "true", "all", "new"] = "false"


class ViewGrid(Query, frozen=True, kw_only=True):
    limit: Annotated[int, Meta(ge=1, le=200)] = 25
    before: Key | None = None


class ViewVersion(Query, frozen=True, kw_only=True):
    version: Annotated[int, Meta(ge=1, le=2**31)] | None = None


class ViewFile(Query, frozen=True, kw_only=True):
    path: str


class PreviewMark(Query, frozen=True, kw_only=True):
    state: Literal["success", "failed"]


class InspectNotebook(Query, frozen=True, kw_only=True):
    path: str


class ReadOutput(Query, frozen=True, kw_only=True):
    dag_id: str
    run_id: str
    task_id: str
    try_number: Annotated[int, Meta(ge=1, le=10_000)]
    map_index: MapIndex | None = None
    format: Literal["html", "ipynb"] = "html"
    theme: Literal["light", "dark"] = "light"


class ExplainSchedule(Query, frozen=True, kw_only=True):
    cron: str | None = None
    preset: str | None = None
    timezone: str = "UTC"


class ReadEvents(Query, frozen=True, kw_only=True):
    after: Key = 0
    limit: Annotated[int, Meta(ge=1, le=1000)] = 100


class FollowEvents(Query, frozen=True, kw_only=True):
    after: Key | None = None


def names(parts: Iterable[str]) -> list[str]:
    """Return each name of lists that have commas between their names."""
    return [name for part in parts for name in part.split(",") if name]


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


def refuse_unknown(handler: RequestHandler, kind: type[Query] | None) -> None:
    """Raise BadRequest for an argument that would do nothing, as Airflow does."""
    known = [field.encode_name for field in msgspec.structs.fields(kind)] if kind else []
    for name, values in handler.request.query_arguments.items():
        if _CONTROL.search(b"".join(values)):  # Tornado would make blanks of them
            raise BadRequest(f"{name} must be printable text")
        if not (name in known or name in NOT_OURS or name.isdecimal()):
            some = f"; there are {', '.join(known)}" if known else ""
            raise BadRequest(f"the query knows no {name!r}{some}")


def picked(item: msgspec.Struct, fields: Sequence[str]) -> dict[str, Any]:
    """Return these fields of a struct; raises BadRequest for one that it has not."""
    values: dict[str, Any] = msgspec.to_builtins(item)
    for name in fields:
        if name not in values:
            raise BadRequest(f"fields names {name!r}; there are {', '.join(values)}")
    return {name: values[name] for name in fields}


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
