"""Settings of hubflow inside `jupyterhub_config.py`: `c.HubflowHub.service_port = 9800`."""

from __future__ import annotations

from traitlets import Bool, Int, Unicode, default
from traitlets.config import Configurable

from hubflow.config import Core, home_from_environment


class HubflowHub(Configurable):
    """What `configure(c)` writes into a Hub's configuration."""

    home = Unicode(
        help="Folder with everything hubflow keeps. Default: HUBFLOW_HOME, else "
        "~/.local/share/hubflow of the user who runs the Hub."
    ).tag(config=True)
    service_name = Unicode(
        "hubflow", help="Name of the service, and so its path: /services/<name>/."
    ).tag(config=True)
    service_port = Int(
        9777, min=1, max=65535, help="Port on 127.0.0.1 on which the service listens."
    ).tag(config=True)
    public_service_url = Unicode(
        help="Address at which user servers reach the service. Set it when they run on other "
        "machines or in containers, together with Service.host in hubflow_config.py."
    ).tag(config=True)
    run_engine = Bool(
        True,
        help="Whether the Hub also runs scheduler, DAG processor and worker; switch it off when "
        "they run elsewhere.",
    ).tag(config=True)
    link_workspace = Bool(
        True,
        help="Whether each user's notebook folder gets a link to common_workspace; only for "
        "spawners on the Hub's own machine.",
    ).tag(config=True)
    link_label = Unicode(
        "Workflows", help="Text of the link in the Hub's navigation bar; empty for no link."
    ).tag(config=True)

    @default("home")
    def _default_home(self) -> str:
        return home_from_environment() or Core().home

    @default("public_service_url")
    def _default_public_service_url(self) -> str:
        return self.local_url

    @property
    def local_url(self) -> str:
        return f"http://127.0.0.1:{self.service_port}"

    @property
    def scope(self) -> str:
        """The Hub scope that opens the service."""
        return f"access:services!service={self.service_name}"
