"""Add hubflow to a Hub: `from hubflow_hub import configure; configure(c)`.

Call it at the end of `jupyterhub_config.py`. It only adds: authenticator, spawner, proxy, and
what the admin wrote into lists and dicts stay as they are.
"""

from __future__ import annotations

from pathlib import Path

from traitlets.config import Config

from hubflow_hub import merging, processes, roles, spawn
from hubflow_hub.config import HubflowHub

TEMPLATES = Path(__file__).parent / "templates"
# For Hubs with `local_users.LocalUsers`; their page has our link, too.
LOCAL_USERS_TEMPLATES = Path(__file__).parent / "local_users_templates"


def configure(c: Config) -> None:
    """Add services, roles, groups, the link in the navigation bar, and what servers need."""
    settings = HubflowHub(config=c)
    merging.add_by_name(c.JupyterHub, "services", processes.services(settings))
    roles.add_access(c, settings.scope)
    roles.add_groups(c)
    path = _service_path(c, settings)
    spawn.prepare_servers(c, settings, settings.public_service_url + path.rstrip("/"))
    if settings.link_label:
        _add_link(c, settings, path)


def _service_path(c: Config, settings: HubflowHub) -> str:
    """Return the path of the service at the Hub's proxy, with slashes at both ends."""
    base_url = str(c.JupyterHub.get("base_url", "/")).strip("/")
    parts = [part for part in (base_url, "services", settings.service_name) if part]
    return f"/{'/'.join(parts)}/"


def _add_link(c: Config, settings: HubflowHub, path: str) -> None:
    """Put a link into the navigation bar.

    A Hub with a page template of its own keeps it; there the stock menu "Services" shows us.
    """
    folders = merging.present(c.JupyterHub, "template_paths", [])
    others = [
        folder for folder in folders if Path(folder) not in (TEMPLATES, LOCAL_USERS_TEMPLATES)
    ]
    if any(Path(folder, "page.html").exists() for folder in others):
        for service in c.JupyterHub.services:
            if service["name"] == settings.service_name:
                service["display"] = True
        return
    merging.append(c.JupyterHub, "template_paths", [str(TEMPLATES)])
    link = {"hubflow_label": settings.link_label, "hubflow_path": path}
    merging.fill(c.JupyterHub, "template_vars", link)
