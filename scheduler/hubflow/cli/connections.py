"""`hubflow connections …`: list, get, add, delete, import, export, test."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from traitlets import Bool, Int

from hubflow.cli.arguments import PAGE, pages
from hubflow.cli.base import ALIASES, HubflowApp
from hubflow.cli.files import is_env, read_mapping, read_secret, write_mapping
from hubflow.cli.local import backend, local_actor
from hubflow.cli.options import Text
from hubflow.cli.output import OUTPUT_ALIASES, OutputApp
from hubflow.connection_uri import (
    ConnectionFields,
    compose,
    extra_object,
    from_mapping,
    read,
    to_mapping,
)
from hubflow.errors import BadRequest
from hubflow.services import connection_files, connection_tests, connections
from hubflow.services.dto import ConnectionDetailDto, PostConnection, TestConnection

COLUMNS = ("id", "connection_id", "conn_type", "host", "port", "schema", "login")


class ListApp(OutputApp):
    """List connections: every row, also of one id. Passwords and extras are not shown."""

    description = __doc__
    aliases = ALIASES | OUTPUT_ALIASES

    def run(self) -> None:
        services, actor = backend(self), local_actor()
        found = pages(
            lambda at: connections.list_page(services, actor, limit=PAGE, offset=at).connections
        )
        self.emit(found, [*COLUMNS, "is_readable"])


class GetApp(OutputApp):
    """Show the connections of an id, without what is secret. Exit status 1 if there is none."""

    description = __doc__
    arguments = ("a connection id",)
    aliases = ALIASES | OUTPUT_ALIASES

    def run(self) -> None:
        conn_id = self.words[0]
        self.emit(_named(self, conn_id), [*COLUMNS, "has_password", "extra"])


class AddApp(OutputApp):
    """Add a connection: `hubflow connections add ID --conn-uri=URI`, or by its fields.

    A password, URI or JSON of `-` is read from standard input, where nobody sees it.
    """

    description = __doc__
    arguments = ("a connection id",)
    aliases = {
        **ALIASES,
        **OUTPUT_ALIASES,
        "conn-uri": "AddApp.uri",
        "conn-json": "AddApp.uri",
        "conn-type": "AddApp.kind",
        "conn-host": "AddApp.host",
        "conn-login": "AddApp.login",
        "conn-password": "AddApp.password",
        "conn-schema": "AddApp.schema",
        "conn-port": "AddApp.port",
        "conn-extra": "AddApp.extra",
        "conn-description": "AddApp.text",
    }
    flags = {"duplicate": ({"AddApp": {"duplicate": True}}, "Also beside another one of this id.")}
    uri = Text("", help="type://login:password@host:port/schema?key=value, or JSON.").tag(
        config=True
    )
    kind = Text("", help="Type, such as postgres or http.").tag(config=True)
    host = Text(None, allow_none=True, help="Host name.").tag(config=True)
    login = Text(None, allow_none=True, help="User name.").tag(config=True)
    password = Text(None, allow_none=True, help="Password; - reads a line.").tag(config=True)
    schema = Text(None, allow_none=True, help="Schema or database.").tag(config=True)
    port = Int(None, allow_none=True, help="Port number.").tag(config=True)
    extra = Text(None, allow_none=True, help="JSON object of further options.").tag(config=True)
    text = Text(None, allow_none=True, help="What it is for.").tag(config=True)
    duplicate = Bool(False, help="Add it although there is one of this id.").tag(config=True)

    def run(self) -> None:
        conn_id = self.words[0]
        if self.extra and extra_object(self.extra) is None:
            raise BadRequest("--conn-extra is no JSON object, such as '{\"timeout\": 30}'")
        values = to_mapping(self._fields())
        body = PostConnection(connection_id=conn_id, **values)
        found = connections.add(backend(self), local_actor(), body, duplicate=self.duplicate)
        self.emit([found], COLUMNS)

    def _fields(self) -> ConnectionFields:
        given = {
            "conn_type": self.kind or None,
            "description": self.text,
            "host": self.host,
            "login": self.login,
            "password": self.password if self.password is None else read_secret(self.password),
            "schema": self.schema,
            "port": self.port,
            "extra": self.extra,
        }
        if not self.uri:
            return from_mapping(given)
        told = {name: value for name, value in given.items() if value is not None}
        if told.keys() - {"extra", "description"}:
            raise BadRequest("give a URI or the fields, not both")
        return from_mapping(to_mapping(read(read_secret(self.uri))) | told)


class DeleteApp(HubflowApp):
    """Remove a connection. Refuses if several share the id, unless --row or --all says which."""

    description = __doc__
    arguments = ("a connection id",)
    aliases = {**ALIASES, "row": "DeleteApp.row"}
    flags = {"all": ({"DeleteApp": {"every": True}}, "Remove every connection of this id.")}
    row = Int(None, allow_none=True, help="Id of the row, as the list shows it.").tag(config=True)
    every = Bool(False, help="Remove every connection of this id.").tag(config=True)

    def run(self) -> None:
        conn_id = self.words[0]
        services, actor = backend(self), local_actor()
        count = connections.delete(services, actor, conn_id, row=self.row, every=self.every)
        print(f"{count} connection(s) {conn_id} deleted")


class ImportApp(HubflowApp):
    """Add all connections of a JSON, YAML or `.env` file: `{id: URI or object, or a list}`.

    Ids that exist are left as they are, unless --overwrite.
    """

    description = __doc__
    arguments = ("a file",)
    flags = {"overwrite": ({"ImportApp": {"overwrite": True}}, "Replace connections that exist.")}
    overwrite = Bool(False, help="Replace connections that exist.").tag(config=True)

    def run(self) -> None:
        given = {
            conn_id: _from_file(conn_id, value)
            for conn_id, value in read_mapping(self.words[0]).items()
        }
        done = connection_files.import_(
            backend(self), local_actor(), given, overwrite=self.overwrite
        )
        for conn_id in done.skipped:
            print(f"{conn_id} exists and is left as it is", file=sys.stderr)
        count = len(done.added) + len(done.replaced)
        print(f"{count} connection(s) successfully updated.")


class ExportApp(HubflowApp):
    """Write all connections, in clear, to a JSON, YAML or `.env` file (`-` for standard output).

    Exit status 1 if one could not be decrypted; the others are written.
    """

    description = __doc__
    arguments = ("a file",)

    def run(self) -> None:
        name = self.words[0]
        found, unreadable = connection_files.export(backend(self), local_actor())
        write_mapping(name, _for_file(found, as_uris=is_env(name)))
        print(f"{len(found)} connections exported to {name}", file=sys.stderr)
        if unreadable:
            raise BadRequest(f"no key decrypts these connections: {', '.join(unreadable)}")


class TestApp(HubflowApp):
    """Try whether a stored connection works. Exit status 1 if it does not."""

    description = __doc__
    arguments = ("a connection id",)
    aliases = {**ALIASES, "row": "TestApp.row"}
    row = Int(None, allow_none=True, help="Id of the row, as the list shows it.").tag(config=True)

    def run(self) -> None:
        body = TestConnection(connection_id=self.words[0])
        found = connection_tests.try_out(backend(self), local_actor(), body, self.row)
        print(found.message)
        if not found.status:
            raise SystemExit(1)


class ConnectionsApp(HubflowApp):
    """List, show, add, remove, try, import and export connections."""

    description = __doc__
    subcommands: dict[str, Any] = {
        "list": (ListApp, ListApp.__doc__),
        "get": (GetApp, GetApp.__doc__),
        "add": (AddApp, AddApp.__doc__),
        "delete": (DeleteApp, DeleteApp.__doc__),
        "import": (ImportApp, ImportApp.__doc__),
        "export": (ExportApp, ExportApp.__doc__),
        "test": (TestApp, TestApp.__doc__),
    }


def _named(app: HubflowApp, conn_id: str) -> list[ConnectionDetailDto]:
    """Return every connection of an id."""
    services, actor = backend(app), local_actor()
    first = connections.get(services, actor, conn_id)
    page = connections.list_page(
        services, actor, pattern=conn_id, order_by="id", limit=PAGE
    ).connections
    rows = [found.id for found in page if found.connection_id == conn_id]
    return [first, *(connections.get(services, actor, conn_id, row) for row in rows[1:])]


def _from_file(conn_id: str, value: Any) -> list[ConnectionFields]:
    """Read what a file has for one id: a URI, an object of fields, or a list of these."""
    values = value if isinstance(value, list) else [value]
    where = f"connection {conn_id!r}"
    try:
        return [
            read(item) if isinstance(item, str) else from_mapping(item, where) for item in values
        ]
    except BadRequest as exc:
        text = str(exc)
        raise BadRequest(text if text.startswith(where) else f"{where}: {text}") from None
    except (AttributeError, TypeError):
        raise BadRequest(f"{where} is neither a URI nor an object of fields") from None


def _for_file(found: dict[str, list[ConnectionFields]], *, as_uris: bool) -> dict[str, Any]:
    """Return one value for an id that is unique, a list for one that is not."""
    values: dict[str, Any] = {}
    for conn_id, of_id in found.items():
        items: Sequence[Any] = [compose(f) if as_uris else to_mapping(f) for f in of_id]
        if as_uris and len(items) > 1:
            raise BadRequest(
                f"several connections are named {conn_id!r}, which a .env file cannot hold; "
                "export to a .json file"
            )
        values[conn_id] = items[0] if len(items) == 1 else list(items)
    return values
