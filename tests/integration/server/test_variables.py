"""Variables over HTTP."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from hubflow.config import Core
from hubflow.db import orm
from hubflow.db.engine import Database
from hubflow.masking import MASK
from integration.server.service import Service


def stored(database: Database, key: str) -> orm.Variable:
    with database.read() as session:
        return session.scalars(select(orm.Variable).where(orm.Variable.key == key)).one()


def lose_the_key(core: Core) -> None:
    (core.paths.keys / "fernet.keys").unlink()


def test_a_variable_is_set_read_changed_and_removed(service: Service) -> None:
    made = service.writer.post("/variables", json={"key": "city", "value": "Oslo"})
    assert made.json() == {
        "key": "city",
        "value": "Oslo",
        "description": None,
        "is_encrypted": True,
        "is_readable": True,
    }
    changed = service.writer.patch("/variables/city", json={"key": "city", "description": "where"})
    assert (changed.json()["value"], changed.json()["description"]) == ("Oslo", "where")
    assert service.writer.post("/variables", json={"key": "city", "value": "Bergen"}).is_success
    again = service.writer.get("/variables/city").json()
    assert (again["value"], again["description"]) == ("Bergen", "where")
    assert service.writer.delete("/variables/city").status_code == 204
    assert service.writer.get("/variables/city").json()["code"] == "variable-not-found"


def test_values_are_encrypted_at_rest(service: Service, database: Database) -> None:
    service.writer.post("/variables", json={"key": "city", "value": "Oslo"})
    row = stored(database, "city")
    assert row.is_encrypted
    assert "Oslo" not in row.value


def test_an_update_mask_names_what_counts(service: Service) -> None:
    service.writer.post("/variables", json={"key": "k", "value": "1"})
    body = {"key": "k", "value": "2", "description": "d"}
    masked = service.writer.patch("/variables/k?update_mask=description", json=body)
    assert (masked.json()["value"], masked.json()["description"]) == ("1", "d")
    both = service.writer.patch("/variables/k?update_mask=value,description", json=body)
    assert both.json()["value"] == "2"
    cleared = service.writer.patch("/variables/k", json={"description": None})
    assert (cleared.json()["value"], cleared.json()["description"]) == ("2", None)


@pytest.mark.parametrize("mask", ["nothing", "description"])
def test_a_mask_for_what_is_not_there_is_400(service: Service, mask: str) -> None:
    service.writer.post("/variables", json={"key": "k", "value": "1"})
    answer = service.writer.patch(f"/variables/k?update_mask={mask}", json={"value": "2"})
    assert answer.status_code == 400
    assert mask in answer.json()["detail"]


def test_the_page_is_ordered_and_narrowed(service: Service) -> None:
    for key in ("b_1", "a", "B-2"):
        service.writer.post("/variables", json={"key": key, "value": key})

    def keys(query: str) -> list[str]:
        page = service.writer.get(f"/variables?{query}").json()
        return [variable["key"] for variable in page["variables"]]

    assert keys("order_by=-key") == ["b_1", "a", "B-2"]
    assert keys("order_by=id&limit=1&offset=1") == ["a"]
    assert keys("variable_key_pattern=%25b%25") == ["B-2", "b_1"]
    assert keys("variable_key_pattern=b_1") == ["b_1"]
    assert service.writer.get("/variables?order_by=value").status_code == 400
    assert service.writer.get("/variables").json()["total_entries"] == 3


def test_a_sensitive_value_is_hidden_in_list_and_detail(service: Service) -> None:
    made = service.writer.post("/variables", json={"key": "db_Password", "value": "hunter2"})
    one = service.writer.get("/variables/db_Password")
    page = service.writer.get("/variables")
    assert made.json()["value"] == one.json()["value"] == MASK
    assert page.json()["variables"][0]["value"] == MASK


def test_saving_the_mask_back_keeps_the_value(service: Service, database: Database) -> None:
    service.writer.post("/variables", json={"key": "api_key", "value": "hunter2"})
    before = stored(database, "api_key").value
    answer = service.writer.patch("/variables/api_key", json={"value": MASK, "description": "x"})
    assert answer.json()["description"] == "x"
    assert stored(database, "api_key").value == before
    again = service.writer.post("/variables", json={"key": "api_key", "value": MASK})
    assert again.status_code == 400
    assert stored(database, "api_key").value == before


def test_asterisks_are_a_value_where_nothing_is_hidden(service: Service) -> None:
    service.writer.post("/variables", json={"key": "stars", "value": "x"})
    assert service.writer.patch("/variables/stars", json={"value": MASK}).json()["value"] == MASK


def test_a_lost_key_names_the_variable_and_spares_the_rest(service: Service, core: Core) -> None:
    service.writer.post("/variables", json={"key": "old", "value": "1"})
    lose_the_key(core)
    service.writer.post("/variables", json={"key": "new", "value": "2"})
    page = service.writer.get("/variables").json()["variables"]
    assert [(v["key"], v["value"], v["is_readable"]) for v in page] == [
        ("new", "2", True),
        ("old", None, False),
    ]
    lost = service.writer.get("/variables/old")
    assert (lost.status_code, lost.json()["code"]) == (409, "secret-unreadable")
    assert "'old'" in lost.json()["detail"]
    described = service.writer.patch("/variables/old", json={"description": "d"})
    assert described.json()["is_readable"] is False
    assert service.writer.patch("/variables/old", json={"value": "3"}).json()["value"] == "3"


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"value": "x"}, "key"),
        ({"key": "k"}, "value"),
        ({"key": "k", "value": 1}, "value"),
        ({"key": "", "value": "x"}, "key"),
        ({"key": "k" * 251, "value": "x"}, "key"),
        ({"key": "a\nb", "value": "x"}, "key"),
        ({"key": "k", "value": "x", "worth": "y"}, "worth"),
    ],
)
def test_a_bad_body_names_the_field(service: Service, body: dict[str, object], named: str) -> None:
    answer = service.writer.post("/variables", json=body)
    assert answer.status_code == 400
    assert named in answer.json()["detail"]


def test_a_body_about_another_variable_is_400(service: Service) -> None:
    service.writer.post("/variables", json={"key": "k", "value": "1"})
    assert service.writer.patch("/variables/k", json={"key": "x", "value": "2"}).status_code == 400


def test_a_key_with_a_slash_is_one_segment(service: Service) -> None:
    service.writer.post("/variables", json={"key": "a/b c", "value": "1"})
    assert service.writer.get("/variables/a%2Fb%20c").json()["value"] == "1"


def test_readers_see_no_variables_and_hear_of_none(service: Service) -> None:
    assert service.reader.get("/variables").status_code == 403
    service.writer.post("/variables", json={"key": "quiet", "value": "1"})
    assert "quiet" not in service.reader.get("/events").text
    assert "quiet" in service.writer.get("/events").text


def test_changes_are_audited_and_told_without_the_value(
    service: Service, database: Database
) -> None:
    with service.stream() as stream:
        assert stream.next()["kind"] == "hello"
        service.writer.post("/variables", json={"key": "city", "value": "Oslo-4711"})
        assert stream.next("variable")["data"] == {"key": "city", "change": "added"}
        service.writer.post("/variables", json={"key": "city", "value": "Oslo-4711"})
        service.writer.delete("/variables/city")
        assert stream.next("variable")["data"] == {"key": "city", "change": "removed"}
    with database.read() as session:
        audits = session.scalars(select(orm.AuditEvent)).all()
    assert [audit.event for audit in audits] == ["set_variable"] * 2 + ["delete_variable"]
    assert "4711" not in "".join(audit.extra or "" for audit in audits)


def test_the_audit_log_names_variables_only_to_who_may_read_them(service: Service) -> None:
    service.writer.post("/variables", json={"key": "merger_with", "value": "1"})
    service.writer.post("/connections", json={"connection_id": "merger_db", "conn_type": "http"})
    assert "merger_with" in service.writer.get("/eventLogs").text
    seen = service.reader.get("/eventLogs")
    assert {log["event"] for log in seen.json()["event_logs"]} == {"set_variable", "add_connection"}
    assert "merger" not in seen.text
