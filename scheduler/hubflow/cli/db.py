"""`hubflow db upgrade | downgrade | check | rotate-key | new-key`."""

from __future__ import annotations

from typing import Any

from traitlets import Bool

from hubflow.cli.ask import confirm
from hubflow.cli.base import HubflowApp, ProcessLock
from hubflow.cli.local import backend, local_actor
from hubflow.db import migrate
from hubflow.db.crypto import new_key
from hubflow.db.engine import without_password
from hubflow.errors import BadRequest
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
    """Say whether the database has this version's schema; exit status 1 if not."""

    description = __doc__

    def run(self) -> None:
        migrate.check(self.database)
        print(f"{without_password(self.database.url)} has schema {migrate.head()}, as wanted")


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
    """Create, upgrade or check the metadata database; renew its key."""

    description = __doc__
    subcommands: dict[str, Any] = {
        "upgrade": (UpgradeApp, UpgradeApp.__doc__),
        "downgrade": (DowngradeApp, DowngradeApp.__doc__),
        "check": (CheckApp, CheckApp.__doc__),
        "rotate-key": (RotateKeyApp, RotateKeyApp.__doc__),
        "new-key": (NewKeyApp, NewKeyApp.__doc__),
    }
