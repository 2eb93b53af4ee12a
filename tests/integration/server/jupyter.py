"""A real Jupyter server with hubflow's extension, as a process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import httpx

from file_modes import obey_file_modes
from integration.hub.hub import free_ports
from waiting import LIMIT_S, wait_for

TOKEN = "only-for-this-test"
HEADERS = {"Authorization": f"token {TOKEN}"}


class JupyterServer:
    """Serves ``folder``; `variables` decide whether hubflow is mounted or relayed."""

    def __init__(self, folder: Path, variables: Mapping[str, str], *options: str) -> None:
        (folder / "root").mkdir()
        (port,) = free_ports(1)
        self.url = f"http://127.0.0.1:{port}"
        self.log = folder / "server.log"
        command = [
            sys.executable,
            "-P",
            "-m",
            "jupyter_server",
            "--no-browser",
            "--allow-root",
            f"--ServerApp.port={port}",
            f"--ServerApp.root_dir={folder / 'root'}",
            "--ServerApp.jpserver_extensions={'hubflow_server': True}",
            *options,
        ]
        kept = {key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ}
        environment = {**kept, "JUPYTER_TOKEN": TOKEN, **variables}
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                command,
                env=environment,
                stdout=output,
                stderr=output,
                start_new_session=True,
                preexec_fn=obey_file_modes,
            )
        wait_for(self._is_up, f"the server (see {self.log})")

    def _is_up(self) -> bool:
        if self.process.poll() is not None:
            raise RuntimeError(self.log.read_text()[-3000:])
        try:
            return httpx.get(f"{self.url}/api", timeout=LIMIT_S).status_code == 200
        except httpx.TransportError:
            return False

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(LIMIT_S)
