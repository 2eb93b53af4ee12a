"""A real JupyterHub with the dummy authenticator, and people who log in to it."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx

from hubflow.cli.node import proxy_cache, proxy_command
from waiting import LIMIT_S, wait_for

API = "/services/hubflow/api/v1"
XSRF_INPUT = re.compile(r'name="_xsrf" value="([^"]+)"')
PAGE_CONFIG = re.compile(r'id="hubflow-config" type="application/json">(.*?)</script>')
CONFIG = """
c = get_config()
c.JupyterHub.bind_url = "http://127.0.0.1:{ports[0]}"
c.JupyterHub.hub_port = {ports[1]}
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{ports[2]}"
c.ConfigurableHTTPProxy.command = {proxy!r}
c.ConfigurableHTTPProxy.pid_file = "{folder}/proxy.pid"
c.JupyterHub.db_url = "sqlite:///{folder}/hub.sqlite"
c.JupyterHub.cookie_secret_file = "{folder}/cookie_secret"
c.JupyterHub.authenticator_class = "dummy"
c.Authenticator.allow_all = True
c.Authenticator.admin_users = {{"boss"}}
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = "{folder}/users/{{username}}"
c.Spawner.cmd = [{python!r}, "-P", "-m", "jupyterhub.singleuser"]
c.Spawner.args = ["--allow-root", "--ServerApp.jpserver_extensions={{'hubflow_server': True}}"]
c.Spawner.environment = {{"JUPYTERHUB_SINGLEUSER_APP": "jupyter_server.serverapp.ServerApp"}}
c.JupyterHub.load_groups = {{"hubflow-developers": {{"users": ["ada"]}}}}
c.HubflowHub.home = "{folder}/hubflow"
c.HubflowHub.service_port = {ports[3]}
c.HubflowHub.run_engine = False
{more}
from hubflow_hub import configure
configure(c)
"""


def free_ports(count: int) -> list[int]:
    """Return ports that nobody listens on now."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


class Hub:
    """A running JupyterHub in ``folder``; `close` waits until all of it is gone."""

    def __init__(self, folder: Path, more: str = "") -> None:
        self.folder = folder
        self.home = folder / "hubflow"
        (folder / "users").mkdir(parents=True)
        self.ports = free_ports(4)
        self.url = f"http://127.0.0.1:{self.ports[0]}"
        proxy = proxy_command(proxy_cache(folder))
        config = folder / "jupyterhub_config.py"
        config.write_text(
            CONFIG.format(
                ports=self.ports, folder=folder, proxy=proxy, python=sys.executable, more=more
            )
        )
        self.log = folder / "hub.log"
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-m", "jupyterhub", "-f", str(config)],
                cwd=folder,
                stdout=output,
                stderr=output,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        wait_for(self._is_up, f"the hub (see {self.log})")

    def _is_up(self) -> bool:
        if self.process.poll() is not None:
            raise RuntimeError(f"the hub ended: {self.log.read_text()[-3000:]}")
        return "JupyterHub is now running" in self.log.read_text()

    def close(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            raise

    def login(self, name: str) -> Person:
        return Person(self, name)

    def anonymous(self) -> httpx.Client:
        return httpx.Client(base_url=self.url, timeout=LIMIT_S)


class Person:
    """Somebody's browser, logged in to the hub."""

    def __init__(self, hub: Hub, name: str) -> None:
        self.hub, self.name = hub, name
        self.browser = httpx.Client(base_url=hub.url, follow_redirects=True, timeout=LIMIT_S)
        page = self.browser.get("/hub/login").text
        found = XSRF_INPUT.search(page)
        assert found
        form = {"username": name, "password": "", "_xsrf": found[1]}
        self.browser.post("/hub/login", params={"next": "/hub/home"}, data=form)

    def close(self) -> None:
        self.browser.close()

    def hub_api(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Call the Hub's own API as its pages do."""
        headers = {"X-XSRFToken": self.browser.cookies.get("_xsrf", path="/hub/") or ""}
        return self.browser.request(method, f"/hub/api{path}", headers=headers, **more)

    def token(self, scopes: list[str] | None) -> str:
        """Ask the Hub for a token; None for one that may do all that its owner may."""
        body = {} if scopes is None else {"scopes": scopes}
        answer = self.hub_api("POST", f"/users/{self.name}/tokens", json=body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["token"])

    def open_page(self) -> dict[str, str]:
        """Open the service's page and return what its script is told."""
        page = self.browser.get("/services/hubflow/")
        found = PAGE_CONFIG.search(page.text)
        assert found, page.text
        config: dict[str, str] = json.loads(found[1])
        return config

    def start_server(self) -> None:
        """Start this person's Jupyter server and log in to it."""
        self.hub_api("POST", f"/users/{self.name}/server", json={})
        wait_for(lambda: self._server().get("ready"), f"the server of {self.name}")
        self.browser.get(f"/user/{self.name}/")

    def _server(self) -> dict[str, Any]:
        model = self.hub_api("GET", f"/users/{self.name}").json()
        server: dict[str, Any] = model["servers"].get("", {})
        return server
