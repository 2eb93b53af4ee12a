"""`hubflow variables`, `connections`, `pools`, `config` and `db rotate-key`, for scripts."""

from __future__ import annotations

import io
import json
import stat
from pathlib import Path

import msgspec
import pytest

from command import Command
from hubflow.config import Core
from hubflow.db.engine import Database

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def hubflow(core: Core, capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(core, capsys)


def test_a_variable_is_set_shown_and_removed(hubflow: Command) -> None:
    assert hubflow("variables", "set", "city", "Oslo").status == 0
    assert hubflow("variables", "get", "city").out == "Oslo\n"
    assert hubflow("variables", "set", "below", "--", "-5").status == 0
    assert hubflow("variables", "get", "below").out == "-5\n"
    assert hubflow("variables", "delete", "city").status == 0
    missing = hubflow("variables", "get", "city")
    assert (missing.status, "'city'" in missing.err) == (1, True)
    assert hubflow("variables", "get", "city", "--default=x").out == "x\n"


def test_the_environment_wins_over_what_is_stored(
    hubflow: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    hubflow("variables", "set", "city", "Oslo")
    monkeypatch.setenv("AIRFLOW_VAR_CITY", "Rome")
    assert hubflow("variables", "get", "city").out == "Rome\n"


def test_lists_hide_what_get_shows(hubflow: Command) -> None:
    hubflow("variables", "set", "db_password", "hunter2")
    assert hubflow("variables", "get", "db_password").out == "hunter2\n"
    for form in ("table", "json", "yaml"):
        said = hubflow("variables", "list", "-o", form)
        assert (said.status, "hunter2" in said.out, "db_password" in said.out) == (0, False, True)
    rows = json.loads(hubflow("variables", "list", "-o", "json").out)
    assert rows == msgspec.yaml.decode(hubflow("variables", "list", "-o", "yaml").out)


def test_a_secret_is_read_from_standard_input(
    hubflow: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("hunter2\n"))
    hubflow("variables", "set", "db_password", "-")
    assert hubflow("variables", "get", "db_password").out == "hunter2\n"
    at_its_end = hubflow("variables", "set", "db_password", "-")
    assert (at_its_end.status, "ended before a line came" in at_its_end.err) == (1, True)
    assert hubflow("variables", "get", "db_password").out == "hunter2\n"


@pytest.mark.parametrize("secret", ['"abc"', "'x y'", "~root", "None"])
def test_an_option_is_taken_as_it_was_typed(hubflow: Command, secret: str) -> None:
    words = ("--conn-type=http", "--conn-host=h", "--conn-password", secret)
    assert hubflow("connections", "add", "quoted", *words).status == 0
    exported = json.loads(hubflow("connections", "export", "-").out)
    assert exported["quoted"]["password"] == secret


def test_a_table_shows_a_value_of_several_lines_on_one(hubflow: Command) -> None:
    hubflow("variables", "set", "limits", '{\n  "a": 1,\n  "b": 2\n}')
    hubflow("variables", "set", "long", "x" * 100_000)
    lines = hubflow("variables", "list").out.splitlines()
    assert len(lines) == 3
    assert '{ "a": 1, "b": 2 }' in lines[1]
    assert max(map(len, lines)) < 1000
    assert hubflow("variables", "get", "long").out == "x" * 100_000 + "\n"


@pytest.mark.parametrize("ending", ["json", "yaml"])
def test_variables_travel_through_a_file(hubflow: Command, tmp_path: Path, ending: str) -> None:
    stored = {"text": "Oslo", "number": "1.10", "cfg": '{"a": [1, 2]}', "db_secret": "hunter2"}
    for key, value in stored.items():
        hubflow("variables", "set", key, value)
    file = tmp_path / f"variables.{ending}"
    assert hubflow("variables", "export", str(file)).status == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    for key in stored:
        hubflow("variables", "delete", key)
    said = hubflow("variables", "import", str(file))
    assert (said.status, said.out) == (0, "4 variable(s) successfully updated.\n")
    found = {key: hubflow("variables", "get", key).out.strip() for key in stored}
    assert found == stored | {"cfg": json.dumps({"a": [1, 2]}, indent=2)}


def test_the_exported_file_has_the_familiar_form(hubflow: Command) -> None:
    hubflow("variables", "set", "b", '{"x": 1}')
    hubflow("variables", "set", "a", "text")
    said = hubflow("variables", "export", "-")
    assert said.out == '{\n    "a": "text",\n    "b": {\n        "x": 1\n    }\n}\n'


@pytest.mark.parametrize("text", ["{", "[]", '{"db_password": "********"}'])
def test_a_bad_file_changes_nothing(hubflow: Command, tmp_path: Path, text: str) -> None:
    file = tmp_path / "variables.json"
    file.write_text(text)
    assert hubflow("variables", "import", str(file)).status == 1
    assert hubflow("variables", "import", str(tmp_path / "absent.json")).status == 1
    assert json.loads(hubflow("variables", "list", "-o", "json").out) == []


def test_a_lost_key_fails_the_export_and_spares_the_rest(
    hubflow: Command, core: Core, tmp_path: Path
) -> None:
    hubflow("variables", "set", "old", "1")
    hubflow("connections", "add", "old", "--conn-uri=pg://u:p@h")
    (core.paths.keys / "fernet.keys").unlink()
    hubflow("variables", "set", "new", "2")
    said = hubflow("variables", "export", str(tmp_path / "v.json"))
    assert (said.status, "old" in said.err) == (1, True)
    assert json.loads((tmp_path / "v.json").read_text()) == {"new": 2}
    assert hubflow("variables", "get", "old").status == 1
    assert hubflow("connections", "export", str(tmp_path / "c.json")).status == 1
    assert hubflow("connections", "list").status == 0


def test_connections_are_added_by_uri_by_json_and_by_field(hubflow: Command) -> None:
    assert hubflow("connections", "add", "one", "--conn-uri=pg://u:hunter2@h:1/s").status == 0
    assert hubflow("connections", "add", "two", '--conn-json={"conn_type": "http"}').status == 0
    by_field = ("--conn-type=ssh", "--conn-host=h", "--conn-port=22", '--conn-extra={"a": 1}')
    assert hubflow("connections", "add", "three", *by_field).status == 0
    rows = json.loads(hubflow("connections", "list", "-o", "json").out)
    assert [(row["connection_id"], row["conn_type"], row["port"]) for row in rows] == [
        ("one", "pg", 1),
        ("three", "ssh", 22),
        ("two", "http", None),
    ]
    shown = hubflow("connections", "get", "one", "-o", "yaml")
    assert (shown.status, "hunter2" in shown.out) == (0, False)


@pytest.mark.parametrize(
    "words",
    [
        ("x",),
        ("x", "--conn-uri=hunter2"),
        ("x", "--conn-uri=pg://h", "--conn-host=h"),
        ("x", "--conn-type=http", "--conn-extra={hunter2"),
        ("--conn-uri=pg://h",),
    ],
)
def test_a_connection_that_cannot_be_is_refused(hubflow: Command, words: tuple[str, ...]) -> None:
    said = hubflow("connections", "add", *words)
    assert (said.status, "hunter2" in said.err) == (1 if "x" in words else 2, False)


def test_several_of_one_id_are_removed_only_when_said(hubflow: Command) -> None:
    hubflow("connections", "add", "dwh", "--conn-uri=pg://one")
    assert hubflow("connections", "add", "dwh", "--conn-uri=pg://two").status == 1
    assert hubflow("connections", "add", "dwh", "--conn-uri=pg://two", "--duplicate").status == 0
    rows = json.loads(hubflow("connections", "get", "dwh", "-o", "json").out)
    assert [row["host"] for row in rows] == ["one", "two"]
    assert hubflow("connections", "delete", "dwh").status == 1
    assert hubflow("connections", "delete", "dwh", f"--row={rows[0]['id']}").status == 0
    assert hubflow("connections", "delete", "dwh", "--all").status == 0
    assert hubflow("connections", "get", "dwh").status == 1


@pytest.mark.parametrize("ending", ["json", "yaml", "env"])
def test_connections_travel_through_a_file(hubflow: Command, tmp_path: Path, ending: str) -> None:
    uri = "postgres://u%40x:p%2Fw@h.example:5432/sch?sslmode=require&a="
    hubflow("connections", "add", "dwh", f"--conn-uri={uri}")
    file = tmp_path / f"connections.{ending}"
    assert hubflow("connections", "export", str(file)).status == 0
    kept = hubflow("connections", "import", str(file))
    assert (kept.out, "dwh exists" in kept.err) == ("0 connection(s) successfully updated.\n", True)
    hubflow("connections", "delete", "dwh")
    assert hubflow("connections", "import", str(file)).status == 0
    assert hubflow("connections", "import", str(file), "--overwrite").status == 0
    hubflow("connections", "export", str(tmp_path / "again.env"))
    assert (tmp_path / "again.env").read_text() == f"dwh={uri}\n"


def test_a_file_may_hold_several_connections_of_one_id(hubflow: Command, tmp_path: Path) -> None:
    file = tmp_path / "connections.json"
    file.write_text(json.dumps({"dwh": ["pg://one", {"conn_type": "pg", "host": "two"}]}))
    assert hubflow("connections", "import", str(file)).status == 0
    again = json.loads(hubflow("connections", "export", "-").out)
    assert [fields["host"] for fields in again["dwh"]] == ["one", "two"]
    assert hubflow("connections", "export", str(tmp_path / "x.env")).status == 1


@pytest.mark.parametrize("value", ["hunter2", {"host": "h"}, 5, None, [["x"]]])
def test_a_bad_connection_in_a_file_is_named(
    hubflow: Command, tmp_path: Path, value: object
) -> None:
    file = tmp_path / "connections.json"
    file.write_text(json.dumps({"good": "pg://h", "bad": value}))
    said = hubflow("connections", "import", str(file))
    assert (said.status, "'bad'" in said.err, "hunter2" in said.err) == (1, True, False)
    assert json.loads(hubflow("connections", "list", "-o", "json").out) == []


def test_trying_a_connection_tells_by_its_exit_status(hubflow: Command) -> None:
    hubflow("connections", "add", "x", "--conn-uri=nobody-knows://127.0.0.1:1")
    assert hubflow("connections", "test", "x").status == 1
    assert hubflow("connections", "test", "absent").status == 1


def test_pools_are_set_listed_and_travel_through_a_file(hubflow: Command, tmp_path: Path) -> None:
    assert hubflow("pools", "set", "db", "3", "three at once").status == 0
    assert hubflow("pools", "set", "db", "4", "four at once", "--include-deferred").status == 0
    (row,) = json.loads(hubflow("pools", "get", "db", "-o", "json").out)
    assert (row["slots"], row["open_slots"], row["include_deferred"]) == (4, 4, True)
    file = tmp_path / "pools.json"
    hubflow("pools", "export", str(file))
    assert json.loads(file.read_text())["db"] == {
        "slots": 4,
        "description": "four at once",
        "include_deferred": True,
    }
    assert hubflow("pools", "delete", "db").status == 0
    assert hubflow("pools", "get", "db").status == 1
    assert hubflow("pools", "import", str(file)).out == "2 pool(s) successfully updated.\n"
    assert "db" in hubflow("pools", "list").out


def test_what_is_not_said_of_a_pool_stays(hubflow: Command, tmp_path: Path) -> None:
    hubflow("pools", "set", "db", "2", "for loads", "--include-deferred")
    hubflow("pools", "set", "db", "3")
    file = tmp_path / "pools.json"
    file.write_text('{"db": {"slots": 4}}')
    hubflow("pools", "import", str(file))
    (pool,) = json.loads(hubflow("pools", "get", "db", "-o", "json").out)
    shown = (pool["slots"], pool["description"], pool["include_deferred"])
    assert shown == (4, "for loads", True)
    hubflow("pools", "set", "db", "4", "", "--no-include-deferred")
    (pool,) = json.loads(hubflow("pools", "get", "db", "-o", "json").out)
    assert (pool["description"], pool["include_deferred"]) == ("", False)


@pytest.mark.parametrize(
    "words",
    [
        ("set", "db", "--", "-2"),
        ("set", "", "1"),
        ("delete", "default_pool"),
        ("delete", "absent"),
    ],
)
def test_a_pool_that_cannot_be_is_refused(hubflow: Command, words: tuple[str, ...]) -> None:
    said = hubflow("pools", *words)
    assert said.status == 1
    assert said.err.startswith("hubflow: ")


@pytest.mark.parametrize("values", [5, {}, {"slots": "x"}, {"slots": 1, "solts": 2}])
def test_a_bad_pool_in_a_file_is_named(hubflow: Command, tmp_path: Path, values: object) -> None:
    file = tmp_path / "pools.json"
    file.write_text(json.dumps({"good": {"slots": 1}, "bad": values}))
    said = hubflow("pools", "import", str(file))
    assert (said.status, "'bad'" in said.err) == (1, True)
    assert hubflow("pools", "get", "good").status == 1


def test_a_key_is_renewed_and_everything_stays_readable(hubflow: Command, core: Core) -> None:
    hubflow("variables", "set", "city", "Oslo")
    hubflow("connections", "add", "dwh", "--conn-uri=pg://u:p@h?a=b")
    before = (core.paths.keys / "fernet.keys").read_text()
    said = hubflow("db", "rotate-key")
    assert (said.status, "3 values" in said.out) == (0, True)
    assert (core.paths.keys / "fernet.keys").read_text() != before
    assert hubflow("variables", "get", "city").out == "Oslo\n"
    exported = json.loads(hubflow("connections", "export", "-").out)
    assert exported["dwh"]["password"] == "p"


def test_settings_are_shown_without_secrets(hubflow: Command, core: Core) -> None:
    (core.paths.home / "hubflow_config.py").write_text(
        "c.Scheduler.parallelism = 7\nc.Core.fernet_key = 'hunter2'\n"
    )
    assert hubflow("config", "get-value", "scheduler", "parallelism").out == "7\n"
    assert hubflow("config", "get-value", "Scheduler.parallelism").out == "7\n"
    listed = hubflow("config", "list", "-o", "json")
    values = {f"{r['section']}.{r['key']}": r["value"] for r in json.loads(listed.out)}
    assert (values["Scheduler.parallelism"], values["Core.fernet_key"]) == (7, "********")
    secret = hubflow("config", "get-value", "Core", "fernet_key")
    assert (secret.status, "hunter2" in secret.out + secret.err + listed.out) == (1, False)
    assert hubflow("config", "get-value", "Core", "nothing").status == 1


def test_a_password_in_the_database_address_is_not_shown(
    hubflow: Command, database: Database, core: Core, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HUBFLOW_DATABASE_URL", raising=False)  # it would win over the file
    (core.paths.home / "hubflow_config.py").write_text(
        "c.Core.database_url = 'postgresql://ada:hunter2@h/db'\n"
    )
    said = hubflow("config", "get-value", "Core", "database_url")
    assert (said.out, said.status) == ("postgresql://h/db\n", 0)
