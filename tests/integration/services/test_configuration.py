"""Settings over the API: only where they are exposed, and never the secret ones."""

from __future__ import annotations

import pytest
from traitlets.config import Config

from hubflow.config import Core, Service, without_secret_ones
from hubflow.db.engine import Database
from hubflow.errors import ConfigHidden, NotFound, PermissionDenied
from hubflow.services import configuration
from hubflow.services.access import ALL, READING, Actor
from hubflow.services.unit import Backend

ADA, BOB = Actor("ada", ALL), Actor("bob", READING)
SECRETS = {"Core": {"fernet_key": "k-0815"}, "Email": {"smtp_password": "p-0816"}}


def backend(core: Core, database: Database, *, exposed: bool) -> Backend:
    shown = without_secret_ones(Config({**SECRETS, "Scheduler": {"parallelism": 7}}))
    settings = Service(expose_config=exposed)
    return Backend(database, core.paths, settings, configuration=shown)


def test_settings_are_hidden_unless_exposed(core: Core, database: Database) -> None:
    with pytest.raises(ConfigHidden, match="expose_config"):
        configuration.get(backend(core, database, exposed=False), ADA)
    with pytest.raises(PermissionDenied):
        configuration.get(backend(core, database, exposed=True), BOB)


def test_exposed_settings_are_shown_without_secrets(core: Core, database: Database) -> None:
    services = backend(core, database, exposed=True)
    shown = {
        f"{section.name}.{option.key}": option.value
        for section in configuration.get(services, ADA).sections
        for option in section.options
    }
    assert shown["Scheduler.parallelism"] == "7"
    assert not {"Core.fernet_key", "Email.smtp_password", "Core.database_url"} & set(shown)
    assert "081" not in "".join(shown.values())


def test_one_section_and_one_option(core: Core, database: Database) -> None:
    services = backend(core, database, exposed=True)
    assert [one.name for one in configuration.get(services, ADA, "Worker").sections] == ["Worker"]
    (section,) = configuration.get(services, ADA, "Scheduler", "parallelism").sections
    assert [(one.key, one.value) for one in section.options] == [("parallelism", "7")]
    with pytest.raises(NotFound, match=r"Worker\.nothing"):
        configuration.get(services, ADA, "Worker", "nothing")
