"""`hubflow pools …`: list, get, set, delete, import, export."""

from __future__ import annotations

import sys
from typing import Any

import msgspec
from traitlets import Bool

from hubflow.cli.arguments import PAGE, pages
from hubflow.cli.base import ALIASES, HubflowApp
from hubflow.cli.files import read_mapping, write_mapping
from hubflow.cli.local import backend, local_actor
from hubflow.cli.options import Misused
from hubflow.cli.output import OUTPUT_ALIASES, OutputApp
from hubflow.errors import BadRequest
from hubflow.services import pools
from hubflow.services.dto import PoolDto, PutPool

COLUMNS = (
    "name",
    "slots",
    "open_slots",
    "running_slots",
    "queued_slots",
    "scheduled_slots",
    "deferred_slots",
    "description",
)


class ListApp(OutputApp):
    """List pools, with what of them is occupied now."""

    description = __doc__
    aliases = ALIASES | OUTPUT_ALIASES

    def run(self) -> None:
        self.emit(_all(self), COLUMNS)


class GetApp(OutputApp):
    """Show one pool. Exit status 1 if there is none."""

    description = __doc__
    arguments = ("a pool",)
    aliases = ALIASES | OUTPUT_ALIASES

    def run(self) -> None:
        found = pools.get(backend(self), local_actor(), self.words[0])
        self.emit([found], COLUMNS)


class SetApp(OutputApp):
    """Add or change a pool: `hubflow pools set NAME SLOTS [DESCRIPTION]`; SLOTS -1: no limit.

    What is not said of a pool that exists stays as it is.
    """

    description = __doc__
    arguments = ("a pool", "its slots")
    optional = ("a description",)
    aliases = ALIASES | OUTPUT_ALIASES
    flags = {
        "include-deferred": (
            {"SetApp": {"include_deferred": True}},
            "Deferred tasks keep their slots.",
        ),
        "no-include-deferred": (
            {"SetApp": {"include_deferred": False}},
            "Deferred tasks give their slots back.",
        ),
    }
    include_deferred = Bool(
        None, allow_none=True, help="Deferred tasks keep their slots; else as it was."
    ).tag(config=True)

    def run(self) -> None:
        name, slots, *text = self.words
        values: dict[str, Any] = {"slots": _number(slots)}
        if text:
            values["description"] = text[0]
        if self.include_deferred is not None:
            values["include_deferred"] = self.include_deferred
        body = _checked(name, values)
        self.emit([pools.put(backend(self), local_actor(), body)], COLUMNS)


class DeleteApp(HubflowApp):
    """Remove a pool. Exit status 1 if there is none, or for the default pool."""

    description = __doc__
    arguments = ("a pool",)

    def run(self) -> None:
        name = self.words[0]
        pools.delete(backend(self), local_actor(), name)
        print(f"Pool {name} deleted")


class ImportApp(HubflowApp):
    """Add or change all pools of a JSON or YAML file: `{name: {"slots": n, "description": …}}`."""

    description = __doc__
    arguments = ("a file",)

    def run(self) -> None:
        given = read_mapping(self.words[0])
        bodies = [_checked(name, values) for name, values in given.items()]
        count = pools.import_(backend(self), local_actor(), bodies)
        print(f"{count} pool(s) successfully updated.")


class ExportApp(HubflowApp):
    """Write all pools to a JSON or YAML file (`-` for standard output)."""

    description = __doc__
    arguments = ("a file",)

    def run(self) -> None:
        name = self.words[0]
        found = _all(self)
        write_mapping(
            name,
            {
                pool.name: {
                    "slots": pool.slots,
                    "description": pool.description or "",
                    "include_deferred": pool.include_deferred,
                }
                for pool in found
            },
        )
        print(f"{len(found)} pools exported to {name}", file=sys.stderr)


class PoolsApp(HubflowApp):
    """List, show, set, remove, import and export pools."""

    description = __doc__
    subcommands: dict[str, Any] = {
        "list": (ListApp, ListApp.__doc__),
        "get": (GetApp, GetApp.__doc__),
        "set": (SetApp, SetApp.__doc__),
        "delete": (DeleteApp, DeleteApp.__doc__),
        "import": (ImportApp, ImportApp.__doc__),
        "export": (ExportApp, ExportApp.__doc__),
    }


def _all(app: HubflowApp) -> list[PoolDto]:
    services, actor = backend(app), local_actor()
    return pages(lambda at: pools.list_page(services, actor, limit=PAGE, offset=at).pools)


def _number(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise Misused(f"slots must be a whole number, not {text!r}") from None


def _checked(name: str, values: Any) -> PutPool:
    """Read what a file or a command line has for one pool; raises BadRequest naming it."""
    if not isinstance(values, dict):
        raise BadRequest(f"pool {name!r} must be an object with slots and a description")
    try:
        return msgspec.convert({"name": name, **values}, PutPool)
    except msgspec.ValidationError as exc:
        said = str(exc).replace("`", "")
        raise BadRequest(f"pool {name!r}: {said}") from exc
