"""The services that the Hub starts and restarts: the web service and the engine."""

from __future__ import annotations

from typing import Any

from hubflow.cli.commands import ENGINE, SERVICE
from hubflow.config import own_variables
from hubflow_hub.config import HubflowHub


def services(settings: HubflowHub) -> list[dict[str, Any]]:
    """Return the entries for `JupyterHub.services`."""
    environment = {**own_variables(), "HUBFLOW_HOME": settings.home}
    web = {
        "name": settings.service_name,
        "url": settings.local_url,
        "command": [*SERVICE, f"--Service.port={settings.service_port}"],
        "environment": environment,
        # It is part of the Hub: nobody is asked whether it may know them.
        "oauth_no_confirm": True,
        # `templates/page.html` has a link of its own.
        "display": False,
    }
    engine = {
        "name": f"{settings.service_name}-engine",
        "command": ENGINE,
        "environment": environment,
        "display": False,
    }
    return [web, engine] if settings.run_engine else [web]
