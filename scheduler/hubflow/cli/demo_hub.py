"""The Hub that `hubflow up` starts: its folder, its configuration, its first admin."""

from __future__ import annotations

import importlib.util
import os
import secrets
import socket
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from hubflow.cli import demo_home, node
from hubflow.config import Paths, full_environment
from hubflow.errors import HubflowError

ADMIN = "admin"
DEMO_PACKAGES = ("nativeauthenticator", "jupyterhub_idle_culler")
CONFIG = """\
# Written by `hubflow up` at every start; changes are lost. For a Hub of your own see
# docs/howto, or add two lines to its jupyterhub_config.py:
#     from hubflow_hub import configure
#     configure(c)
from hubflow_hub.configure import LOCAL_USERS_TEMPLATES, configure

c = get_config()  # noqa: F821

c.JupyterHub.bind_url = {url!r}
c.JupyterHub.hub_port = {hub_port}
c.JupyterHub.db_url = {db_url!r}
c.JupyterHub.cookie_secret_file = {folder!r} + "/cookie_secret"
c.JupyterHub.template_paths = [str(LOCAL_USERS_TEMPLATES)]
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{proxy_port}"
c.ConfigurableHTTPProxy.command = {proxy!r}
c.ConfigurableHTTPProxy.pid_file = {folder!r} + "/proxy.pid"

# People sign up, and the admin lets them in.
c.JupyterHub.authenticator_class = "hubflow_hub.local_users.LocalUsers"
c.Authenticator.admin_users = {{{admin!r}}}
c.Authenticator.allow_all = True
c.LocalUsers.minimum_password_length = 8
c.JupyterHub.load_groups = {{"hubflow-admins": {{"users": [{admin!r}]}}}}

# Everybody's server runs as the user who runs this; homes lie beside this file.
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = {folder!r} + "/users/{{username}}"
c.Spawner.cmd = [{python!r}, "-P", "-m", "jupyterhub.singleuser"]
c.Spawner.args = {spawner_args!r}
c.Spawner.default_url = "/lab"
c.Spawner.environment = {environment!r}

c.JupyterHub.services = [
    {{
        "name": "idle-culler",
        "command": [{python!r}, "-P", "-m", "jupyterhub_idle_culler", "--timeout=3600"],
        "display": False,
    }}
]
c.JupyterHub.load_roles = [
    {{
        "name": "idle-culler",
        "scopes": ["list:users", "read:users:activity", "read:servers", "delete:servers"],
        "services": ["idle-culler"],
    }}
]

c.HubflowHub.home = {home!r}
c.HubflowHub.service_port = {service_port}
c.HubflowHub.run_engine = False  # `hubflow up` runs it
configure(c)
"""


class PortTaken(HubflowError):
    """Another program listens where the Hub should."""

    code = "port-taken"


class DemoHub(NamedTuple):
    """A written configuration, ready to start."""

    config: Path
    url: str
    service_url: str

    @property
    def command(self) -> list[str]:
        return [sys.executable, "-P", "-m", "jupyterhub", "-f", str(self.config)]


def prepare(paths: Paths, port: int) -> DemoHub:
    """Write the Hub's configuration. Raises PortTaken, NodeMissing, HubflowError."""
    check_packages()
    check_port(port)
    folder = hub_folder(paths)
    (folder / "users").mkdir(parents=True, exist_ok=True)
    hub_port, proxy_port, service_port = free_ports(3)
    config = folder / "jupyterhub_config.py"
    url = f"http://127.0.0.1:{port}"
    config.write_text(
        CONFIG.format(
            url=url,
            hub_port=hub_port,
            proxy_port=proxy_port,
            service_port=service_port,
            db_url=db_url(paths),
            folder=str(folder),
            home=str(paths.home),
            proxy=node.proxy_command(node.proxy_cache(paths.home)),
            admin=ADMIN,
            python=sys.executable,
            spawner_args=_spawner_args(),
            environment=demo_home.lab_environment(paths),
        )
    )
    return DemoHub(config, url, f"http://127.0.0.1:{service_port}/services/hubflow")


def _spawner_args() -> list[str]:
    args = ["--ServerApp.jpserver_extensions={'hubflow_server': True}"]
    return [*args, "--allow-root"] if os.geteuid() == 0 else args


def hub_folder(paths: Paths) -> Path:
    """Return where the Hub keeps its own state; private, since the homes of users are in it."""
    folder = paths.home / "hub"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def db_url(paths: Paths) -> str:
    return f"sqlite:///{hub_folder(paths)}/jupyterhub.sqlite"


def is_new(paths: Paths) -> bool:
    """Say whether this Hub has no admin yet."""
    return not (hub_folder(paths) / "admin_created").exists()


def create_admin(paths: Paths) -> str:
    """Create the admin, or give them a new password; returns it, and keeps only a hash."""
    password = secrets.token_urlsafe(12)
    done = subprocess.run(
        [sys.executable, "-P", "-m", "hubflow.cli.first_admin", db_url(paths), ADMIN],
        input=password,
        capture_output=True,
        text=True,
        check=False,
        env=full_environment({}),
    )
    if done.returncode:
        raise HubflowError(f"the first admin could not be created: {done.stderr.strip()[-1000:]}")
    (hub_folder(paths) / "admin_created").touch()
    return password


def check_packages() -> None:
    """Raise HubflowError when what only the demo needs is not installed."""
    missing = [name for name in DEMO_PACKAGES if importlib.util.find_spec(name) is None]
    if missing:
        raise HubflowError(
            f"`hubflow up` needs {', '.join(missing)}: pip install 'hubflow[demo]'; "
            "or use `hubflow up --no-hub`"
        )


def check_port(port: int) -> None:
    """Raise PortTaken when somebody listens there."""
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError as exc:
        raise PortTaken(
            f"port {port} is taken ({exc.strerror}); stop what listens there, "
            "or choose another with --port"
        ) from exc


def free_ports(count: int) -> list[int]:
    """Return ports for what only programs on this machine talk to."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [int(one.getsockname()[1]) for one in sockets]
    for one in sockets:
        one.close()
    return ports
