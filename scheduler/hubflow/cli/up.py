"""`hubflow up`: everything on this machine, from nothing to an address to open."""

from __future__ import annotations

import asyncio
import os
import secrets
import sys
import urllib.request
from collections.abc import Callable, Sequence
from typing import Any
from urllib.error import URLError

from traitlets import Bool, Int

from hubflow.cli import demo_home, demo_hub, local
from hubflow.cli.base import ALIASES, HubflowApp, ProcessLock, serve
from hubflow.cli.commands import ENGINE
from hubflow.cli.supervise import Child, Supervisor
from hubflow.config import Core, full_environment, options_of, variables_of
from hubflow.db import migrate
from hubflow.errors import DagNotFound, HubflowError
from hubflow.services import dag_runs, dags
from hubflow.services.dto import PatchDag, TriggerRun

FIRST_DAG = "hello_bash"
UP_LIMIT_S = 120.0
INDEX_LIMIT_S = 30.0
LOOK_S = 0.2
GRACE_S = 20.0


class UpApp(HubflowApp):
    """Start JupyterHub with hubflow on this machine; Ctrl-C stops everything."""

    description = __doc__
    aliases = {**ALIASES, "port": "UpApp.port"}
    flags = {
        "no-hub": ({"UpApp": {"with_hub": False}}, "JupyterLab for one person, without a Hub."),
        "reset-password": (
            {"UpApp": {"reset_password": True}},
            "Give the admin a new password and print it.",
        ),
    }
    port = Int(8000, min=1, max=65535, help="Port to open in the browser.").tag(config=True)
    with_hub = Bool(True, help="Whether to start JupyterHub.").tag(config=True)
    reset_password = Bool(False, help="Whether to give the admin a new password.").tag(config=True)

    def run(self) -> None:
        paths = self.core.paths
        paths.make()
        self._lock = ProcessLock(paths.run / "up.lock", "`hubflow up`")
        migrate.upgrade(self.database)
        demo_home.copy_examples(paths)
        children, check_url, greeting = self._hub() if self.with_hub else self._lab()
        serve(lambda stop: self._serve(stop, children, check_url, greeting))

    def _hub(self) -> tuple[list[Child], str, str]:
        paths = self.core.paths
        hub = demo_hub.prepare(paths, self.port)
        if demo_hub.is_new(paths) or self.reset_password:
            password = demo_hub.create_admin(paths)
            login = (
                f"Log in as {demo_hub.ADMIN} with the password {password}\n"
                "(shown only now; a new one: hubflow up --reset-password)"
            )
        else:
            login = f"Log in as {demo_hub.ADMIN} with the password of the first start."
        children = [
            engine(self.core, self._links_to(f"{hub.url}/services/hubflow/")),
            Child("hub", hub.command, full_environment(variables_of(self.core))),
        ]
        return children, f"{hub.url}/services/hubflow/api/v1/health", f"{hub.url}\n{login}"

    def _links_to(self, page: str) -> list[str]:
        """Have mails and logs name this page, unless a setting says another address."""
        given = options_of(self.cli_config, secrets=True)
        return (
            given if "public_url" in self.config.Email else [*given, f"--Email.public_url={page}"]
        )

    def _lab(self) -> tuple[list[Child], str, str]:
        paths = self.core.paths
        demo_hub.check_port(self.port)
        root = paths.home / "jupyter"
        root.mkdir(exist_ok=True)
        link = root / "common_workspace"
        if not link.exists():
            link.symlink_to(paths.common_workspace, target_is_directory=True)
        token = secrets.token_urlsafe(24)
        variables = {
            **variables_of(self.core),
            **demo_home.lab_environment(paths),
            "JUPYTER_TOKEN": token,
        }
        child = Child("lab", lab_command(self.port, str(root)), full_environment(variables))
        url = f"http://127.0.0.1:{self.port}"
        return (
            [engine(self.core, self._links_to(f"{url}/lab")), child],
            f"{url}/hubflow/api/v1/health",
            f"{url}/lab?token={token}",
        )

    async def _serve(
        self, stop: asyncio.Event, children: list[Child], check_url: str, greeting: str
    ) -> None:
        paths = self.core.paths
        supervisor = Supervisor(children, paths.logs, GRACE_S)
        running = asyncio.create_task(supervisor.run(stop))
        stopped = asyncio.create_task(stop.wait())
        ready = asyncio.create_task(self._greet(check_url, greeting))
        await asyncio.wait([ready, stopped], return_when=asyncio.FIRST_COMPLETED)
        if not stop.is_set() and ready.exception() is not None:
            stop.set()
        await stopped
        print("\nStopping …", file=sys.stderr, flush=True)
        ready.cancel()
        await running
        if not ready.cancelled() and (failure := ready.exception()) is not None:
            raise failure

    async def _greet(self, check_url: str, greeting: str) -> None:
        print("Starting …", file=sys.stderr, flush=True)
        logs = self.core.paths.logs
        await until(lambda: answers(check_url), UP_LIMIT_S, f"the service (see {logs})")
        await until(self._first_run_exists, INDEX_LIMIT_S, f"the first DAG (see {logs})")
        print(f"\nhubflow is up: {greeting}\nCtrl-C stops it.\n", flush=True)

    def _first_run_exists(self) -> bool:
        """Run the first example once, so that the first look shows something alive."""
        backend, actor = local.backend(self), local.local_actor()
        if (self.core.paths.home / demo_home.STARTED).exists():
            return True
        try:
            dags.patch(backend, actor, FIRST_DAG, PatchDag(is_paused=False))
        except DagNotFound:
            return False
        dag_runs.trigger(backend, actor, FIRST_DAG, TriggerRun())
        (self.core.paths.home / demo_home.STARTED).touch()
        return True


def engine(core: Core, options: Sequence[str] = ()) -> Child:
    """Return the child that runs scheduler, processor and worker."""
    return Child("engine", [*ENGINE, *options], full_environment(variables_of(core)))


def lab_command(port: int, root: str) -> list[str]:
    """Return the command for JupyterLab with hubflow; its engine is ours."""
    command = [
        sys.executable,
        "-P",
        "-m",
        "jupyterlab",
        "--no-browser",
        "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.port={port}",
        "--ServerApp.port_retries=0",
        f"--ServerApp.root_dir={root}",
        "--ServerApp.jpserver_extensions={'hubflow_server': True}",
        "--HubflowExtension.start_engine=False",
    ]
    return [*command, "--allow-root"] if os.geteuid() == 0 else command


async def until(check: Callable[[], Any], limit_s: float, what: str) -> None:
    """Look until ``check`` (in a thread) is true; raises HubflowError after ``limit_s``."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + limit_s
    while not await asyncio.to_thread(check):
        if loop.time() > deadline:
            raise HubflowError(f"{what} did not come up within {limit_s:.0f} s")
        await asyncio.sleep(LOOK_S)


def answers(url: str) -> bool:
    """Say whether a GET of the URL succeeds."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False
