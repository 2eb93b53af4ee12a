"""`hubflow version` and `hubflow info`: what is installed, and what this home holds."""

from __future__ import annotations

import platform
import sys

import msgspec

from hubflow import __version__
from hubflow.cli.base import ALIASES, HubflowApp
from hubflow.cli.local import backend
from hubflow.cli.output import OUTPUT_ALIASES, OutputApp
from hubflow.db.engine import without_password
from hubflow.services import health


class Fact(msgspec.Struct):
    """One line of `hubflow info`."""

    name: str
    value: str


class VersionApp(HubflowApp):
    """Print the version of hubflow."""

    description = __doc__

    def run(self) -> None:
        print(__version__)


class InfoApp(OutputApp):
    """Show versions, the folders and the database of this home, and whether its parts live."""

    description = __doc__
    aliases = ALIASES | OUTPUT_ALIASES

    def run(self) -> None:
        paths, alive = self.core.paths, health.get(backend(self))
        facts = {
            "version": __version__,
            "python": f"{platform.python_version()} ({sys.executable})",
            "platform": platform.platform(),
            "home": str(paths.home),
            "dags": str(paths.dags),
            "database": without_password(str(self.database.engine.url)),
            "scheduler": alive.scheduler.status or "never ran",
            "dag_processor": alive.dag_processor.status or "never ran",
            "worker": alive.worker.status or "never ran",
        }
        self.emit([Fact(name, value) for name, value in facts.items()], ["name", "value"])
