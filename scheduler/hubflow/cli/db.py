"""`hubflow db upgrade | downgrade | check`."""

from __future__ import annotations

from typing import Any

from hubflow.cli.base import HubflowApp
from hubflow.db import migrate
from hubflow.db.engine import without_password
from hubflow.errors import BadRequest


class UpgradeApp(HubflowApp):
    """Bring the database to this version's schema, creating it if need be."""

    description = __doc__

    def run(self) -> None:
        self.core.paths.make()
        migrate.upgrade(self.database)
        print(f"{without_password(self.database.url)} has schema {migrate.head()}")


class DowngradeApp(HubflowApp):
    """Undo migrations down to the revision given; `base` removes every table."""

    description = __doc__

    def run(self) -> None:
        if len(self.extra_args) != 1:
            raise BadRequest("name one revision, as in `hubflow db downgrade 0001`")
        migrate.downgrade(self.database, self.extra_args[0])
        print(f"{without_password(self.database.url)} is at {self.extra_args[0]}")


class CheckApp(HubflowApp):
    """Say whether the database has this version's schema; exit status 1 if not."""

    description = __doc__

    def run(self) -> None:
        migrate.check(self.database)
        print(f"{without_password(self.database.url)} has schema {migrate.head()}, as wanted")


class DbApp(HubflowApp):
    """Create, upgrade or check the metadata database."""

    description = __doc__
    subcommands: dict[str, Any] = {
        "upgrade": (UpgradeApp, UpgradeApp.__doc__),
        "downgrade": (DowngradeApp, DowngradeApp.__doc__),
        "check": (CheckApp, CheckApp.__doc__),
    }
