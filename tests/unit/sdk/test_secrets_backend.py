"""Variables and connections from a secrets backend: who is asked first, and what failing does."""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from fakes import StoredValues
from hubflow import Connection, Variable
from hubflow.compat import finder
from hubflow.hooks.base import BaseHook
from hubflow.questions import GetConnections, GetVariable
from hubflow.sdk import backend_lookup, secrets
from hubflow.sdk.exceptions import AirflowNotFoundException, HubflowException, TaskTimeout
from hubflow.sdk.secrets_backend import BaseSecretsBackend, load_connections_dict, load_variables

HERE = "unit.sdk.test_secrets_backend"
Use = Callable[..., None]


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> Iterator[Use]:
    """Name a backend, as the environment of the engine does."""

    def name(path: str, brand: str = "HUBFLOW", **kwargs: Any) -> None:
        monkeypatch.setenv(f"{brand}__SECRETS__BACKEND", path)
        monkeypatch.setenv(f"{brand}__SECRETS__BACKEND_KWARGS", json.dumps(kwargs))

    backend_lookup.forget()
    yield name
    backend_lookup.forget()


class Vault(BaseSecretsBackend):
    """As people write theirs for Airflow 2."""

    def __init__(self, prefix: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.prefix = prefix

    def get_variable(self, key: str) -> str | None:
        return f"{self.prefix}{key}" if key.startswith("v") else None

    def get_conn_value(self, conn_id: str) -> str | None:
        if conn_id == "json":
            return '{"conn_type": "http", "host": "h", "password": "from-the-vault"}'
        return "postgres://u@h/db" if conn_id == "uri" else None


class Old:
    """As people wrote theirs for Airflow 1.10, on no base of ours."""

    def get_connections(self, conn_id: str) -> list[Connection]:
        return [Connection(conn_id, "http", host=host) for host in ("one", "two")]

    def get_variable(self, key: str) -> dict[str, int]:
        return {"n": 1}


class Broken(BaseSecretsBackend):
    def get_variable(self, key: str) -> str | None:
        raise ValueError("cannot read hunter2")

    def get_conn_uri(self, conn_id: str) -> str | None:
        if conn_id == "slow":
            raise TaskTimeout("the time is up")
        return "no uri with hunter2"


class Unmade:
    def __init__(self, token: str) -> None:
        raise RuntimeError(f"{token} is refused")


def test_the_backend_comes_first_then_the_environment_then_the_database(
    use: Use, stored: StoredValues, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(f"{HERE}.Vault", prefix="vault-")
    for key in ("v", "x"):
        monkeypatch.setenv(f"AIRFLOW_VAR_{key.upper()}", "given")
        stored.variables |= {key: "stored", "y": "stored"}
    assert [Variable.get(key) for key in ("v", "x", "y")] == ["vault-v", "given", "stored"]
    monkeypatch.setenv("AIRFLOW_CONN_URI", "http://given")
    monkeypatch.setenv("AIRFLOW_CONN_X", "http://given")
    hosts = [BaseHook.get_connection(conn_id).host for conn_id in ("uri", "x", "json")]
    assert hosts == ["h", "given", "h"]
    assert stored.asked == [GetVariable(key="y")]
    assert secrets.masked("from-the-vault") == "***"


def test_a_class_without_our_base_is_asked_by_the_methods_it_has(
    use: Use, stored: StoredValues
) -> None:
    use(f"{HERE}.Old", brand="AIRFLOW")
    assert {found.host for found in BaseHook.get_connections("x")} == {"one", "two"}
    assert Variable.get("x", deserialize_json=True) == {"n": 1}
    assert backend_lookup.has_answered()


def test_a_backend_that_fails_is_passed_over_without_showing_what_it_found(
    use: Use, stored: StoredValues, caplog: pytest.LogCaptureFixture
) -> None:
    use(f"{HERE}.Broken")
    stored.variables["x"] = "stored"
    stored.connections["c"] = [{"conn_id": "c", "conn_type": "http", "host": "stored"}]
    assert Variable.get("x") == "stored"
    assert BaseHook.get_connection("c").host == "stored"
    assert "Broken failed to look up the variable 'x', looking further: ValueError" in caplog.text
    assert "the connection 'c', looking further: ConnectionInvalid" in caplog.text
    assert "hunter2" not in caplog.text


def test_the_time_limit_of_a_task_ends_a_backend_too(use: Use, stored: StoredValues) -> None:
    use(f"{HERE}.Broken")
    with pytest.raises(TaskTimeout):
        BaseHook.get_connection("slow")


@pytest.mark.parametrize(
    ("path", "kwargs", "why"),
    [
        ("no_such_module.Vault", {}, "no_such_module"),
        (f"{HERE}.NoSuchClass", {}, "NoSuchClass"),
        (f"{HERE}.Unmade", {"token": "s3cr3t-t0ken"}, r"\*\*\* is refused"),
    ],
)
def test_a_backend_that_cannot_be_made_is_named_once(
    use: Use,
    stored: StoredValues,
    caplog: pytest.LogCaptureFixture,
    path: str,
    kwargs: dict[str, str],
    why: str,
) -> None:
    use(path, **kwargs)
    stored.variables["x"] = "stored"
    assert [Variable.get("x"), Variable.get("x")] == ["stored", "stored"]
    [record] = caplog.records
    assert record.message.startswith("HUBFLOW__SECRETS__BACKEND: the secrets backend cannot be")
    assert re.search(why, record.message)
    assert "s3cr3t-t0ken" not in record.message


FILES = {
    "json": (
        '{"city": "Oslo", "depth": {"n": 3}}',
        '{"uri": "http://h", "two": ["http://one", {"conn_type": "http", "host": "two"}],'
        ' "api": {"conn_type": "http", "extra_dejson": {"a": 1}}}',
    ),
    "yaml": (
        "city: Oslo\ndepth: {n: 3}\n",
        "uri: http://h\ntwo: [http://one, {conn_type: http, host: two}]\n"
        "api: {conn_type: http, extra_dejson: {a: 1}}\n",
    ),
    "env": (
        '# names\ncity=Oslo\n\ndepth={"n": 3}\n',
        "uri=http://h\ntwo=http://one\ntwo=http://two\n"
        'api={"conn_type": "http", "extra": {"a": 1}}',
    ),
}


@pytest.mark.parametrize("kind", FILES)
def test_local_files(use: Use, stored: StoredValues, tmp_path: Path, kind: str) -> None:
    paths = [tmp_path / f"variables.{kind}", tmp_path / f"connections.{kind}"]
    for path, text in zip(paths, FILES[kind], strict=True):
        path.write_text(text)
    finder.install()
    use(
        "airflow.secrets.local_filesystem.LocalFilesystemBackend",
        brand="AIRFLOW",
        variables_file_path=str(paths[0]),
        connections_file_path=str(paths[1]),
    )
    assert Variable.get("city") == "Oslo"
    assert Variable.get("depth", deserialize_json=True) == {"n": 3}
    assert BaseHook.get_connection("uri").host == "h"
    assert {found.host for found in BaseHook.get_connections("two")} == {"one", "two"}
    assert BaseHook.get_connection("api").extra_dejson == {"a": 1}
    with pytest.raises(AirflowNotFoundException):
        BaseHook.get_connection("absent")
    assert stored.asked == [GetConnections(conn_id="absent")]


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("v.json", '{"a": hunter2', "line 1: syntax error"),
        ("v.json", '["hunter2"]', "holds no object of names"),
        ("v.yaml", "a: [hunter2", "syntax error"),
        ("v.env", "hunter2", "line 1 has no `=`"),
        ("v.env", "a=hunter2\na=2", "the variable a stands there twice"),
    ],
)
def test_broken_files_show_nothing_of_what_they_hold(
    tmp_path: Path, name: str, text: str, why: str
) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(HubflowException) as caught:
        load_variables(str(tmp_path / name))
    assert why in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_one_connection_for_each_id_where_code_expects_that(tmp_path: Path) -> None:
    file = tmp_path / "c.env"
    file.write_text("a=http://h\n")
    assert load_connections_dict(str(file))["a"].host == "h"
    file.write_text("a=http://h\na=http://i\n")
    with pytest.raises(HubflowException, match="a stands there twice"):
        load_connections_dict(str(file))


def test_names_of_airflow_are_the_same_classes() -> None:
    finder.install()
    assert importlib.import_module("airflow.secrets").BaseSecretsBackend is BaseSecretsBackend
