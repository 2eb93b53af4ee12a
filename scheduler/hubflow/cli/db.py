"""`hubflow db upgrade | downgrade | check | backup | copy | rotate-key | new-key`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from traitlets import Bool

from hubflow.cli.ask import confirm
from hubflow.cli.base import ALIASES, HubflowApp, ProcessLock
from hubflow.cli.local import backend, local_actor
from hubflow.cli.options import Misused, Text
from hubflow.config import Core
from hubflow.db import backup, copying, migrate
from hubflow.db.crypto import new_key
from hubflow.db.engine import Database, without_password
from hubflow.errors import BadRequest, DatabaseUnusable
from hubflow.services import key_rotation


class UpgradeApp(HubflowApp):
    """Bring the database to this version's schema, creating it if need be."""

    description = __doc__

    def run(self) -> None:
        self.core.paths.make()
        migrate.upgrade(self.database)
        print(f"{without_password(self.database.url)} has schema {migrate.head()}")


class DowngradeApp(HubflowApp):
    """Undo migrations down to the revision given; `base` removes every table. Asks first."""

    description = __doc__
    arguments = ("a revision, such as 0001",)
    flags = {name: ({"DowngradeApp": {"yes": True}}, "Do not ask.") for name in ("y", "yes")}
    yes = Bool(False, help="Do not ask.").tag(config=True)

    def run(self) -> None:
        (revision,) = self.words
        url = without_password(self.database.url)
        migrate.check_revision(revision)
        confirm(f"take {url} back to {revision}, with what only later ones keep?", yes=self.yes)
        migrate.downgrade(self.database, revision)
        print(f"{url} is at {revision}")


class CheckApp(HubflowApp):
    """Say whether the database has this version's schema, table by table; exit status 1 if not."""

    description = __doc__

    def run(self) -> None:
        migrate.check(self.database)
        if found := migrate.differences(self.database):
            listed = "\n".join(f"  {difference}" for difference in found)
            raise DatabaseUnusable(
                f"{without_password(self.database.url)} was changed by other hands; it should "
                f"have what follows, or not (remove_…):\n{listed}"
            )
        print(f"{without_password(self.database.url)} has schema {migrate.head()}, as wanted")


class BackupApp(HubflowApp):
    """Write the database to a file, while hubflow goes on: `hubflow db backup FILE`."""

    description = __doc__
    arguments = ("the file to write",)

    def run(self) -> None:
        file = Path(self.words[0]).absolute()
        restore = backup.backup(self.database, file)
        print(f"{file} is complete; to restore: {restore}")
        print(f"the keys of encrypted values are not in it: keep {self.core.paths.keys}, too")


class CopyApp(HubflowApp):
    """Copy everything into another, empty database; --from is this home's unless it is given.

    hubflow must not run. A copy that fails leaves the target empty.
    """

    description = __doc__
    aliases = ALIASES | {"from": "CopyApp.source_url", "to": "CopyApp.target_url"}

    source_url = Text(help="SQLAlchemy URL of the database to copy.").tag(config=True)
    target_url = Text(help="SQLAlchemy URL of the empty database to copy to.").tag(config=True)

    def run(self) -> None:
        if not self.target_url:
            raise Misused("name the database to copy to, as in --to=postgresql://host/hubflow")
        source = self._open(self.source_url) if self.source_url else self.database
        counts = copying.copy(source, self._open(self.target_url), _show)
        print(f"{sum(counts.values())} rows in {len(counts)} tables are copied and verified")
        print(
            "name the new database in HUBFLOW_DATABASE_URL or Core.database_url, and start hubflow"
        )

    def _open(self, url: str) -> Database:
        return Database(Core(home=self.core.home, database_url=url))


def _show(progress: copying.Progress) -> None:
    print(f"{progress.table}: {progress.done} of {progress.total}", file=sys.stderr)


class RotateKeyApp(HubflowApp):
    """Encrypt variables and connections anew, with a new key; exit status 1 if some could not be.

    With keys in HUBFLOW_FERNET_KEY or the configuration: with the first of these.
    """

    description = __doc__

    def run(self) -> None:
        services = backend(self)
        lock = ProcessLock(services.paths.run / "rotate-key.pid", "key rotation")
        try:
            done = key_rotation.rotate(services, local_actor())
        finally:
            lock.release()
        print(f"{done.encrypted} values are encrypted with the new key")
        if done.forgotten:
            print("the old key is forgotten")
        elif services.keyring.is_configured:
            print("the other keys in the configuration are needed no more")
        if done.unreadable:
            raise BadRequest(f"no key decrypts these: {', '.join(done.unreadable)}")


class NewKeyApp(HubflowApp):
    """Print a fresh key for HUBFLOW_FERNET_KEY."""

    description = __doc__

    def run(self) -> None:
        print(new_key())


class DbApp(HubflowApp):
    """Create, upgrade, check, back up or move the metadata database; renew its key."""

    description = __doc__
    subcommands: dict[str, Any] = {
        "upgrade": (UpgradeApp, UpgradeApp.__doc__),
        "downgrade": (DowngradeApp, DowngradeApp.__doc__),
        "check": (CheckApp, CheckApp.__doc__),
        "backup": (BackupApp, BackupApp.__doc__),
        "copy": (CopyApp, CopyApp.__doc__),
        "rotate-key": (RotateKeyApp, RotateKeyApp.__doc__),
        "new-key": (NewKeyApp, NewKeyApp.__doc__),
    }
