"""Connections as DAG files and hooks use them (SEMANTICS 5.3)."""

from __future__ import annotations

import json
import logging
from collections import Counter
from typing import Any

import pytest

from fakes import StoredValues
from hubflow import Connection
from hubflow.hooks.base import BaseHook
from hubflow.sdk import hook_types
from hubflow.sdk.exceptions import AirflowException, AirflowNotFoundException


def row(conn_id: str, **fields: Any) -> dict[str, Any]:
    return {"conn_id": conn_id, "conn_type": "pg", **fields}


def test_a_uri_fills_the_fields() -> None:
    connection = Connection("db", uri="postgresql://u%40x:p%2Fw@h.example:5432/sch?a=b")
    assert (connection.conn_id, connection.conn_type) == ("db", "postgres")
    assert (connection.login, connection.password) == ("u@x", "p/w")
    assert (connection.host, connection.port, connection.schema) == ("h.example", 5432, "sch")
    assert connection.extra_dejson == {"a": "b"}
    assert connection.get_uri() == "postgres://u%40x:p%2Fw@h.example:5432/sch?a=b"


def test_fields_make_a_uri() -> None:
    connection = Connection("x", "My_Type", host="h", extra={"a": [1]})
    assert connection.extra == '{"a": [1]}'
    assert Connection(uri=connection.get_uri()).extra_dejson == {"a": [1]}
    assert connection.get_uri().startswith("my-type://h/?__extra__=")


def test_json_is_read_and_written() -> None:
    connection = Connection.from_json('{"conn_type": "http", "extra": {"a": 1}}', "api")
    assert (connection.conn_id, connection.extra_dejson) == ("api", {"a": 1})
    assert json.loads(connection.as_json()) == {"conn_type": "http", "extra": '{"a": 1}'}


def test_an_extra_that_is_no_json_is_empty_with_a_line_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert Connection("db", "pg", extra="no JSON").extra_dejson == {}
    assert "db" in caplog.text


def test_an_unknown_id_is_an_error_in_the_known_words(stored: StoredValues) -> None:
    with pytest.raises(AirflowException, match="The conn_id `db` isn't defined") as caught:
        BaseHook.get_connection("db")
    assert isinstance(caught.value, AirflowNotFoundException)
    assert caught.value.status_code == 404


def test_of_two_with_one_id_both_are_drawn(stored: StoredValues) -> None:
    stored.connections["db"] = [row("db", host="one"), row("db", host="two")]
    drawn = Counter(BaseHook.get_connection("db").host for _ in range(50))
    assert set(drawn) == {"one", "two"}
    assert [c.host for c in BaseHook.get_connections("db")] == ["one", "two"]


@pytest.mark.parametrize("brand", ["AIRFLOW", "HUBFLOW"])
@pytest.mark.parametrize("value", ["pg://u:p@there", '{"conn_type": "pg", "host": "there"}'])
def test_the_environment_comes_first(
    stored: StoredValues, monkeypatch: pytest.MonkeyPatch, brand: str, value: str
) -> None:
    stored.connections["my_db"] = [row("my_db", host="here")] * 2
    monkeypatch.setenv(f"{brand}_CONN_MY_DB", value)
    assert [c.host for c in BaseHook.get_connections("my_db")] == ["there"]
    assert BaseHook.get_connection("my_db").conn_id == "my_db"


def test_a_bad_connection_in_the_environment_is_named_not_shown(
    stored: StoredValues, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_DB", "hunter2")
    with pytest.raises(AirflowException, match="AIRFLOW_CONN_DB") as caught:
        BaseHook.get_connection("db")
    assert "hunter2" not in str(caught.value)


def test_the_log_says_which_connection_without_its_secrets(
    stored: StoredValues, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    stored.connections["db"] = [row("db", host="h", password="hunter2", extra='{"k": "v4711"}')]
    BaseHook.get_connection("db")
    assert "Using connection to: id: db. Host: h" in caplog.text
    assert "Password: XXXXXXXX, extra: XXXXXXXX" in caplog.text
    assert not {"hunter2", "v4711"} & set(caplog.text.split())


def test_a_repr_shows_no_secret() -> None:
    assert repr(Connection("db", "pg", password="hunter2")) == "db"


class PgHook(BaseHook):
    conn_name_attr = "pg_conn_id"

    def __init__(self, pg_conn_id: str = "pg_default", schema: str | None = None) -> None:
        super().__init__()
        self.pg_conn_id = pg_conn_id
        self.schema = schema

    def test_connection(self) -> tuple[bool, str]:
        password = self.get_connection(self.pg_conn_id).password
        return False, f"wrong password {password}"


@pytest.fixture
def pg_hook(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hook_types, "_hooks", {"pg": f"{__name__}:PgHook"})
    hook_types.register("pg", PgHook)


@pytest.mark.usefixtures("pg_hook")
def test_a_hook_is_found_by_the_type_of_its_connection(stored: StoredValues) -> None:
    stored.connections["db"] = [row("db")]
    hook = BaseHook.get_hook("db", {"schema": "s"})
    assert isinstance(hook, PgHook)
    assert (hook.pg_conn_id, hook.schema) == ("db", "s")
    assert Connection("x", "pg").get_hook().pg_conn_id == "x"


@pytest.mark.usefixtures("pg_hook")
def test_trying_a_connection_tells_no_secret(stored: StoredValues) -> None:
    stored.connections["db"] = [row("db", password="hunter2")]
    status, message = Connection.get("db").test_connection()
    assert (status, message) == (False, "wrong password ***")


def test_an_unknown_type_has_no_hook(stored: StoredValues) -> None:
    with pytest.raises(AirflowException, match="Unknown hook type nobody"):
        Connection("x", "nobody").get_hook()


def test_a_registered_name_is_imported_when_it_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hook_types, "_hooks", {})
    hook_types.register("base", "hubflow.hooks.base:BaseHook")
    assert hook_types.find("base") is BaseHook
    assert hook_types.find("other") is None


def test_a_base_hook_has_no_client() -> None:
    with pytest.raises(NotImplementedError, match="BaseHook"):
        BaseHook("source of Airflow 1.10").get_conn()
