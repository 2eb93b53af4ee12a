"""Connections over HTTP."""

from __future__ import annotations

import json
import socket
from typing import Any

import pytest
from sqlalchemy import select

from hubflow.config import Core
from hubflow.db import orm
from hubflow.db.engine import Database
from hubflow.masking import MASK
from integration.server.service import Service

WHOLE = {
    "connection_id": "dwh",
    "conn_type": "postgresql",
    "description": "the warehouse",
    "host": "h.example",
    "login": "ada",
    "schema": "sales",
    "port": 5432,
    "password": "hunter2",
    "extra": '{"sslmode": "require", "token": "t0ken"}',
}


def add(service: Service, **changes: Any) -> dict[str, Any]:
    """Add a connection; return what the service says about it."""
    duplicate = changes.pop("duplicate", False)
    answer = service.writer.post(
        f"/connections?duplicate={str(duplicate).lower()}", json=WHOLE | changes
    )
    assert answer.is_success, answer.text
    found: dict[str, Any] = answer.json()
    return found


def rows(database: Database) -> list[orm.Connection]:
    with database.read() as session:
        return list(session.scalars(select(orm.Connection).order_by(orm.Connection.id)))


def test_a_connection_is_added_and_its_secrets_stay_inside(
    service: Service, database: Database
) -> None:
    made = add(service)
    assert made["conn_type"] == "postgres"
    assert (made["has_password"], made["is_encrypted"], made["count"]) == (True, True, 1)
    assert json.loads(made["extra"]) == {"sslmode": "require", "token": MASK}
    assert service.writer.get("/connections/dwh").json() == made
    page = service.writer.get("/connections").json()
    assert page["total_entries"] == 1
    assert not {"password", "extra"} & page["connections"][0].keys()
    (row,) = rows(database)
    assert "hunter2" not in (row.password or "")
    assert "require" not in (row.extra or "")


def test_a_patch_changes_what_it_names_and_keeps_what_is_hidden(
    service: Service, database: Database
) -> None:
    extra = add(service)["extra"]
    before = rows(database)[0].password
    edited = json.dumps(json.loads(extra) | {"sslmode": "off"})
    body = {"connection_id": "dwh", "host": "other", "extra": edited, "password": MASK}
    changed = service.writer.patch("/connections/dwh", json=body).json()
    assert (changed["host"], changed["port"], changed["login"]) == ("other", 5432, "ada")
    assert json.loads(changed["extra"]) == {"sslmode": "off", "token": MASK}
    assert rows(database)[0].password == before
    assert secret_of(service, "token") == "t0ken"


def secret_of(service: Service, name: str) -> object:
    """Look at a stored extra in clear, as a task would."""
    keyring = service.site.backend.keyring
    with service.site.backend.database.read() as session:
        row = session.scalars(select(orm.Connection)).one()
    return json.loads(keyring.decrypt(row.extra or ""))[name]


def test_null_clears_and_a_mask_limits(service: Service) -> None:
    add(service)
    body = {"password": None, "port": None, "host": "other"}
    changed = service.writer.patch("/connections/dwh?update_mask=password,port", json=body).json()
    assert (changed["has_password"], changed["port"]) == (False, None)
    assert changed["host"] == "h.example"


def test_an_extra_that_is_no_object_is_hidden_as_a_whole(service: Service) -> None:
    assert add(service, extra="hunter2 and more")["extra"] == MASK
    kept = service.writer.patch("/connections/dwh", json={"extra": MASK, "host": "x"}).json()
    assert (kept["extra"], kept["host"]) == (MASK, "x")


def test_asterisks_that_stand_for_nothing_are_400(service: Service) -> None:
    add(service)
    body = {"extra": json.dumps({"secret": MASK})}
    answer = service.writer.patch("/connections/dwh", json=body)
    assert answer.status_code == 400
    assert "extra.secret" in answer.json()["detail"]
    fresh = WHOLE | {"connection_id": "new", "password": MASK}
    assert service.writer.post("/connections", json=fresh).status_code == 400


def test_a_second_connection_of_an_id_has_to_be_asked_for(service: Service) -> None:
    first = add(service)
    refused = service.writer.post("/connections", json=WHOLE)
    assert (refused.status_code, refused.json()["code"]) == (409, "connection-exists")
    second = add(service, duplicate=True, host="two")
    assert second["count"] == 2
    page = service.writer.get("/connections?order_by=id").json()
    assert [c["id"] for c in page["connections"]] == [first["id"], second["id"]]
    one = service.writer.get("/connections/dwh").json()
    assert (one["id"], one["count"]) == (first["id"], 2)
    other = service.writer.get(f"/connections/dwh?row={second['id']}").json()
    assert other["host"] == "two"


def test_several_of_one_id_are_neither_changed_nor_removed_by_guess(service: Service) -> None:
    first, second = add(service), add(service, duplicate=True)
    third = add(service, duplicate=True)
    for method in ("PATCH", "DELETE"):
        answer = service.writer.request(method, "/connections/dwh", json={"host": "x"})
        assert (answer.status_code, answer.json()["code"]) == (409, "connection-ambiguous")
        assert str(second["id"]) in answer.json()["detail"]
    patched = service.writer.patch(f"/connections/dwh?row={first['id']}", json={"host": "x"})
    assert patched.json()["host"] == "x"
    assert service.writer.delete(f"/connections/dwh?row={third['id']}").status_code == 204
    assert service.writer.get("/connections/dwh").json()["count"] == 2
    assert service.writer.delete("/connections/dwh?all=true").status_code == 204
    assert service.writer.get("/connections/dwh").json()["code"] == "connection-not-found"


def test_a_lost_key_names_the_connection_and_spares_the_rest(service: Service, core: Core) -> None:
    add(service)
    (core.paths.keys / "fernet.keys").unlink()
    add(service, connection_id="new")
    page = service.writer.get("/connections").json()["connections"]
    assert [(c["connection_id"], c["is_readable"]) for c in page] == [("dwh", False), ("new", True)]
    lost = service.writer.get("/connections/dwh")
    assert (lost.status_code, lost.json()["code"]) == (409, "secret-unreadable")
    assert "'dwh'" in lost.json()["detail"]
    body = {"password": "again", "extra": None}
    assert service.writer.patch("/connections/dwh", json=body).json()["is_readable"] is True


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"connection_id": ""}, "connection_id"),
        ({"conn_type": ""}, "conn_type"),
        ({"port": 70000}, "port"),
        ({"port": "x"}, "port"),
        ({"host": "h" * 501}, "host"),
        ({"passwort": "x"}, "passwort"),
    ],
)
def test_a_bad_body_names_the_field(
    service: Service, changes: dict[str, object], named: str
) -> None:
    answer = service.writer.post("/connections", json=WHOLE | changes)
    assert answer.status_code == 400
    assert named in answer.json()["detail"]
    assert "hunter2" not in answer.text


def test_readers_see_no_connections(service: Service) -> None:
    assert service.reader.get("/connections").status_code == 403
    assert service.reader.post("/connections/test", json={}).status_code == 403


def test_a_connection_may_be_called_test(service: Service) -> None:
    add(service, connection_id="test")
    assert service.writer.get("/connections/test").json()["connection_id"] == "test"
    assert service.writer.delete("/connections/test").status_code == 204


def test_trying_a_connection_says_whether_somebody_listens(service: Service) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        body = {"conn_type": "nobody_knows", "host": "127.0.0.1", "port": port}
        answer = service.writer.post("/connections/test", json=body).json()
        assert answer["status"] is True
    again = service.writer.post("/connections/test", json=body).json()
    assert again["status"] is False
    assert str(port) in again["message"]


def test_trying_a_stored_connection_needs_its_id_alone(service: Service) -> None:
    add(service, conn_type="nobody_knows", host=None, port=None)
    answer = service.writer.post("/connections/test", json={"connection_id": "dwh"}).json()
    assert (answer["status"], "nobody_knows" in answer["message"]) == (False, True)
    missing = service.writer.post("/connections/test", json={"connection_id": "absent"})
    assert missing.status_code == 404
    assert service.writer.post("/connections/test", json={}).status_code == 400
