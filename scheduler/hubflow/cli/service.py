"""`hubflow service`: hands over to the package that knows JupyterHub, by its entry point."""

from __future__ import annotations

from importlib.metadata import entry_points

from hubflow.cli.base import HubflowApp
from hubflow.errors import HubflowError


class ServiceApp(HubflowApp):
    """Run the web service under JupyterHub."""

    description = __doc__

    def initialize(self, argv: list[str] | None = None) -> None:
        """Leave the command line to the service itself."""
        self._argv = argv

    def start(self) -> None:
        found = entry_points(group="console_scripts", name="hubflow-service")
        if not found:
            raise HubflowError("this installation has no hubflow-service")
        launch = next(iter(found)).load()
        launch(self._argv)
