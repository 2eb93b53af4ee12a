"""`hubflow service`: becomes the program of the package that knows JupyterHub."""

from __future__ import annotations

import os

from hubflow.cli.base import HubflowApp
from hubflow.cli.commands import SERVICE


class ServiceApp(HubflowApp):
    """Run the web service under JupyterHub."""

    description = __doc__

    def initialize(self, argv: list[str] | None = None) -> None:
        """Leave the command line to the service itself."""
        self._arguments = argv or []

    def start(self) -> None:
        os.execv(SERVICE[0], [*SERVICE, *self._arguments])
