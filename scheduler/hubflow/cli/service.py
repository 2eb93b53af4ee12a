"""`hubflow service`: becomes the program of the package that knows JupyterHub."""

from __future__ import annotations

import os
import sys

from hubflow.cli.base import HubflowApp

# Named, not imported: `hubflow` lies below `hubflow_hub`.
MODULE = "hubflow_hub.service"


class ServiceApp(HubflowApp):
    """Run the web service under JupyterHub."""

    description = __doc__

    def initialize(self, argv: list[str] | None = None) -> None:
        """Leave the command line to the service itself."""
        self._arguments = argv or []

    def start(self) -> None:
        os.execv(sys.executable, [sys.executable, "-P", "-m", MODULE, *self._arguments])
