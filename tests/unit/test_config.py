"""What of the environment reaches whom."""

from __future__ import annotations

import pytest

from hubflow import config
from hubflow.config import Core


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AIRFLOW_VAR_CITY", "AIRFLOW_CONN_DB", "HUBFLOW_FERNET_KEY", "OTHER"):
        monkeypatch.setenv(name, f"value of {name}")


def test_what_the_hub_starts_gets_variables_and_connections() -> None:
    found = config.own_variables()
    assert {"AIRFLOW_VAR_CITY", "AIRFLOW_CONN_DB", "HUBFLOW_FERNET_KEY"} <= found.keys()
    assert "OTHER" not in found


def test_user_code_gets_them_too_but_no_key() -> None:
    found = config.scrubbed_environment()
    assert {"AIRFLOW_VAR_CITY", "AIRFLOW_CONN_DB", "OTHER"} <= found.keys()
    assert "HUBFLOW_FERNET_KEY" not in found


def test_the_key_comes_from_the_environment(core: Core) -> None:
    (core.paths.home / "hubflow_config.py").write_text("c.Core.fernet_key = 'from the file'\n")
    loaded = config.load(config.Config({"Core": {"home": core.home}}))
    assert Core(config=loaded).fernet_key == "value of HUBFLOW_FERNET_KEY"


def test_the_command_line_wins_over_the_environment_and_that_over_the_file(
    core: Core, monkeypatch: pytest.MonkeyPatch
) -> None:
    (core.paths.home / "hubflow_config.py").write_text("c.Core.database_url = 'sqlite:///file'\n")
    monkeypatch.setenv("HUBFLOW_DATABASE_URL", "sqlite:///environment")
    home = {"home": core.home}
    assert config.load(config.Config({"Core": home})).Core.database_url == "sqlite:///environment"
    said = {**home, "database_url": "sqlite:///said"}
    assert config.load(config.Config({"Core": said})).Core.database_url == "sqlite:///said"
