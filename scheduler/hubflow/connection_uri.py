"""Connections as one text: a URI or a JSON object (SEMANTICS 5.3).

No error here shows the text: it holds a password.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode

import msgspec

from hubflow.errors import BadRequest

# The query key of an extra that is no flat object of texts.
EXTRA_KEY = "__extra__"
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+._-]*")
_RENAMED = {"postgresql": "postgres"}


class ConnectionInvalid(BadRequest):
    """A text describes no connection; the message says why, and shows nothing of it."""

    code = "connection-invalid"


class ConnectionFields(msgspec.Struct, frozen=True, kw_only=True):
    """What there is to know about a connection, besides its name. `extra` is text, often JSON."""

    conn_type: str
    description: str | None = None
    host: str | None = None
    schema: str | None = None
    login: str | None = None
    password: str | None = None
    port: int | None = None
    extra: str | None = None


NAMES = ConnectionFields.__struct_fields__


def read(text: str) -> ConnectionFields:
    """Read a URI, or a JSON object if the text starts with a brace. Raises ConnectionInvalid."""
    return _from_json(text) if text.lstrip().startswith("{") else parse(text)


def parse(uri: str) -> ConnectionFields:
    """Read `type://login:password@host:port/schema?key=value`; all parts are percent-decoded.

    A host may have a protocol of its own: `type://https://host/…`. Raises ConnectionInvalid.
    """
    scheme, found, rest = uri.strip().partition("://")
    if not found or not _SCHEME.fullmatch(scheme):
        raise ConnectionInvalid("a connection URI starts with its type, as in postgres://host/db")
    protocol, found, after = rest.partition("://")
    if found and _SCHEME.fullmatch(protocol):
        rest = after
    else:
        protocol = ""
    rest, _, query = rest.partition("?")
    authority, _, schema = rest.partition("/")
    account, has_account, address = authority.rpartition("@")
    login, has_password, password = account.partition(":")
    host, port = _host_and_port(address)
    return ConnectionFields(
        conn_type=normal_type(scheme),
        host=f"{protocol}://{host}" if protocol else host,
        schema=unquote(schema),
        login=unquote(login) if has_account else None,
        password=unquote(password) if has_password else None,
        port=port,
        extra=_extra_of(query),
    )


def compose(fields: ConnectionFields) -> str:
    """Return the URI of a connection; `parse` is the inverse."""
    protocol, found, host = (fields.host or "").rpartition("://")
    account = "" if fields.login is None else quote(fields.login, safe="")
    if fields.password is not None:
        account += ":" + quote(fields.password, safe="")
    if fields.login is not None or fields.password is not None:
        account += "@"
    return "".join(
        (
            fields.conn_type.lower().replace("_", "-"),
            "://",
            protocol + found,
            account,
            quote(host, safe=""),
            "" if fields.port is None else f":{fields.port}",
            f"/{quote(fields.schema, safe='')}" if fields.schema else "",
            _query_of(fields.extra, "?" if fields.schema else "/?"),
        )
    )


def from_mapping(values: Mapping[str, Any], where: str = "the connection") -> ConnectionFields:
    """Read fields by name; `extra` may be any JSON value. Raises ConnectionInvalid."""
    given = {name: value for name, value in values.items() if value is not None}
    if "uri" in given and len(given) == 1:
        return parse(str(given["uri"]))
    if unknown := sorted(given.keys() - set(NAMES)):
        raise ConnectionInvalid(
            f"{where}: {unknown[0]!r} is no field of a connection; those are {', '.join(NAMES)}"
        )
    if not isinstance(given.get("conn_type"), str):
        raise ConnectionInvalid(f"{where} has no conn_type, such as postgres or http")
    extra = given.pop("extra", None)
    port = given.pop("port", None)
    for name, value in given.items():
        if not isinstance(value, str):
            raise ConnectionInvalid(f"{where}: {name} must be text, not {type(value).__name__}")
    return ConnectionFields(
        **{**given, "conn_type": normal_type(given["conn_type"])},
        port=None if port in (None, "") else port_of(port),
        extra=extra if extra is None or isinstance(extra, str) else json.dumps(extra),
    )


def to_mapping(fields: ConnectionFields) -> dict[str, Any]:
    """Return the fields that are set, as files hold them; `extra` as text."""
    values: dict[str, Any] = msgspec.structs.asdict(fields)
    return {name: value for name, value in values.items() if value is not None}


def normal_type(conn_type: str) -> str:
    """Return a type as hooks know it: lower case, `_` for `-`, `postgres` for `postgresql`."""
    lowered = conn_type.lower()
    return _RENAMED.get(lowered, lowered.replace("-", "_"))


def extra_object(extra: str | None) -> dict[str, Any] | None:
    """Return the extra as an object, or None if it is no JSON object."""
    if not extra:
        return {}
    try:
        found = json.loads(extra)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def port_of(value: object) -> int:
    """Return a port number; raises ConnectionInvalid."""
    try:
        number = int(str(value))
    except ValueError:
        number = -1
    if not 0 <= number <= 65535:
        raise ConnectionInvalid("the port of a connection is a number from 0 to 65535")
    return number


def _from_json(text: str) -> ConnectionFields:
    try:
        values = json.loads(text)
    except ValueError:
        # Not `from` it: that error carries the text.
        raise ConnectionInvalid("the JSON of a connection cannot be read") from None
    return from_mapping(values)


def _host_and_port(address: str) -> tuple[str, int | None]:
    if address.startswith("["):
        host, _, after = address[1:].partition("]")
        port = after.removeprefix(":")
    else:
        host, _, port = address.partition(":")
    return unquote(host), port_of(port) if port else None


def _extra_of(query: str) -> str | None:
    if not query:
        return None
    found = dict(parse_qsl(query, keep_blank_values=True))
    return found[EXTRA_KEY] if EXTRA_KEY in found else json.dumps(found)


def _query_of(extra: str | None, mark: str) -> str:
    if not extra:
        return ""
    found = extra_object(extra)
    if found and EXTRA_KEY not in found and all(isinstance(v, str) for v in found.values()):
        return mark + urlencode(found)
    return mark + urlencode({EXTRA_KEY: extra})
