"""The Jupyter server extension: the relay under a Hub, the whole API without one."""

from __future__ import annotations

import subprocess
from typing import Any

import httpx
from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.extension.application import ExtensionApp
from jupyter_server.utils import url_path_join
from traitlets import Bool, Unicode
from traitlets.config import Config

from hubflow import config
from hubflow.cli.base import ProcessLock
from hubflow.cli.commands import ENGINE
from hubflow.db import migrate
from hubflow.errors import AlreadyRunning
from hubflow_server import proxy, routes
from hubflow_server.application import build_site
from hubflow_server.identity import JupyterIdentity
from hubflow_server.site import Site


class LocalHandler(JupyterHandler):
    """Jupyter's base for our handlers: login, XSRF, origin; answers instead of redirecting."""

    async def prepare(self, **ignored: Any) -> None:
        await super().prepare(_redirect_to_login=False)


class HubflowExtension(ExtensionApp):
    """hubflow in a Jupyter server."""

    name = "hubflow_server"
    home = Unicode(
        help="Folder with everything hubflow keeps; without a Hub only. Default: HUBFLOW_HOME."
    ).tag(config=True)
    start_engine = Bool(
        True,
        help="Whether to start scheduler, processor and worker when none run; without a Hub only. "
        "They outlive this server, so that schedules keep firing.",
    ).tag(config=True)

    def initialize_handlers(self) -> None:
        """Mount the relay if a Hub started this server, else the API itself."""
        self.site: Site | None = None
        self.client: httpx.AsyncClient | None = None
        server = self.serverapp
        assert server is not None
        prefix = url_path_join(server.base_url, "hubflow")
        if target := config.find_relay_target():
            self.client = proxy.make_client()
            kwargs = {"target": target, "client": self.client, "prefix": prefix}
            rules: list[Any] = [(rf"{prefix}/api(?:/.*)?", proxy.RelayHandler, kwargs)]
        else:
            self.site = self._open_site(prefix)
            rules = routes.build(self.site, LocalHandler)
        server.web_app.add_handlers(".*$", rules)

    def _open_site(self, prefix: str) -> Site:
        settings = config.load(Config({"Core": {"home": self.home}}) if self.home else None)
        site = build_site(settings, JupyterIdentity(), prefix)
        migrate.upgrade(site.backend.database)
        return site

    async def _start_jupyter_server_extension(self, serverapp: Any) -> None:
        if self.site is not None:
            await self.site.feed.start()
            if self.start_engine:
                self._start_engine(self.site)

    def _start_engine(self, site: Site) -> None:
        """Start the engine as a process of its own, unless one serves this home already."""
        paths = site.backend.paths
        try:
            ProcessLock(paths.engine_lock, "engine").release()
        except AlreadyRunning:
            return
        with (paths.logs / "engine.log").open("ab") as output:
            subprocess.Popen(
                [*ENGINE, f"--Core.home={paths.home}"],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        self.log.info("hubflow: started the engine of %s", paths.home)

    async def stop_extension(self) -> None:
        if self.client is not None:
            await self.client.aclose()
        if self.site is not None:
            await self.site.feed.stop()
            self.site.close()
