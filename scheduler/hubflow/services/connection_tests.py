"""Try whether a connection works, in a process of its own."""

from __future__ import annotations

import subprocess
import sys

import msgspec

from hubflow.config import scrubbed_environment
from hubflow.connection_uri import ConnectionFields, extra_object, from_mapping
from hubflow.errors import BadRequest
from hubflow.masking import Masker, named_secrets
from hubflow.services import connections
from hubflow.services.access import Actor, Permission
from hubflow.services.dto import ConnectionTestDto, TestConnection
from hubflow.services.unit import Backend, changing

_COMMAND = [sys.executable, "-P", "-m", "hubflow.hooks.try_connection"]


def try_out(
    backend: Backend, actor: Actor, body: TestConnection, row: int | None = None
) -> ConnectionTestDto:
    """Try a connection as it is given, or a stored one of which only the id is given.

    A given one never borrows the stored password: it may name another host. Raises
    ConnectionNotFound, SecretUnreadable, BadRequest.
    """
    given = {name: value for name, value in msgspec.structs.asdict(body).items() if value}
    conn_id = given.pop("connection_id", None)
    with changing(backend, actor, Permission.CONNECTIONS_EDIT, "test_connection") as unit:
        unit.note(extra={"connection_id": conn_id, "conn_type": body.conn_type})
    if given:
        fields = from_mapping(given)
    elif conn_id:
        fields = connections.fields_of(backend, actor, conn_id, row)[0]
    else:
        raise BadRequest("name a connection_id, or give at least a conn_type")
    return _tried(fields, backend.settings.connection_test_s)


def _tried(fields: ConnectionFields, limit_s: float) -> ConnectionTestDto:
    if not limit_s:
        return ConnectionTestDto(
            status=False, message="testing connections is switched off: Service.connection_test_s"
        )
    try:
        child = subprocess.run(
            _COMMAND,
            input=msgspec.json.encode(fields),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=scrubbed_environment(),
            timeout=limit_s,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return ConnectionTestDto(status=False, message=f"no answer within {limit_s:g} s")
    try:
        found = msgspec.json.decode(
            child.stdout.rpartition(b"\n{")[2].join([b"{", b""]), type=ConnectionTestDto
        )
    except msgspec.DecodeError:
        return ConnectionTestDto(
            status=False, message=f"the test ended with exit status {child.returncode}"
        )
    return msgspec.structs.replace(found, message=_masker(fields).masked(found.message))


def _masker(fields: ConnectionFields) -> Masker:
    masker = Masker()
    for secret in (fields.password or "", *named_secrets(extra_object(fields.extra))):
        masker.add(secret)
    return masker
