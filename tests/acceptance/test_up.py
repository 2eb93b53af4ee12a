"""`hubflow up` as a newcomer meets it: start, log in, look, stop, start again."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
import pytest

from integration.hub.hub import API, XSRF_INPUT, free_ports
from waiting import wait_for

START_LIMIT_S = 150
STOP_LIMIT_S = 30
PASSWORD = re.compile(r"with the password (\S+)\n")
LAB_URL = re.compile(r"hubflow is up: (\S+)/lab\?token=(\S+)")


class Up:
    """A running `hubflow up`."""

    def __init__(self, home: Path, *options: str) -> None:
        (self.port,) = free_ports(1)
        self.url = f"http://127.0.0.1:{self.port}"
        self.output = home.with_suffix(f".{self.port}.txt")
        command = [sys.executable, "-P", "-m", "hubflow", "up", f"--home={home}"]
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [*command, f"--port={self.port}", *options], stdout=output, stderr=output
            )
        wait_for(self._is_up, f"the address (see {self.output})", START_LIMIT_S)

    def _is_up(self) -> bool:
        assert self.process.poll() is None, self.text
        return "Ctrl-C stops it" in self.text

    @property
    def text(self) -> str:
        return self.output.read_text()

    def stop(self) -> None:
        """Press Ctrl-C, and see that nothing is left."""
        family = psutil.Process(self.process.pid).children(recursive=True)
        self.process.send_signal(signal.SIGINT)
        assert self.process.wait(STOP_LIMIT_S) == 0, self.text
        _, alive = psutil.wait_procs(family, timeout=5)
        assert alive == []


@contextmanager
def running(home: Path, *options: str) -> Iterator[Up]:
    up = Up(home, *options)
    try:
        yield up
        up.stop()
    finally:
        if up.process.poll() is None:
            up.process.kill()
            up.process.wait()


@contextmanager
def logged_in(up: Up, password: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=up.url, follow_redirects=True, timeout=60) as browser:
        found = XSRF_INPUT.search(browser.get("/hub/login").text)
        assert found
        form = {"username": "admin", "password": password, "_xsrf": found[1]}
        answer = browser.post("/hub/login", params={"next": "/hub/home"}, data=form)
        assert answer.status_code == 200, answer.text
        yield browser


def test_first_start_shows_something_alive_and_a_second_finds_its_state(tmp_path: Path) -> None:
    home = tmp_path / "state"
    with running(home) as up:
        (password,) = PASSWORD.findall(up.text)
        with logged_in(up, password) as browser:
            assert 'href="/services/hubflow/"' in browser.get("/hub/home").text
            browser.get("/services/hubflow/")
            runs = browser.get(f"{API}/dags/hello_bash/dagRuns").json()
            assert runs["total_entries"] >= 1
            me = browser.get(f"{API}/me").json()
            assert "notebooks.schedule" in me["permissions"]
    assert {file.name for file in (home / "dags").glob("*.py")} >= {"hello_bash.py"}
    assert no_file_holds(home, password.encode())
    with running(home) as up:
        assert PASSWORD.findall(up.text) == []
        with logged_in(up, password) as browser:
            browser.get("/services/hubflow/")
            again = browser.get(f"{API}/dags/hello_bash/dagRuns").json()
    assert again["total_entries"] >= runs["total_entries"]


def test_without_hub_lab_has_the_same_api(tmp_path: Path) -> None:
    with running(tmp_path / "state", "--no-hub") as up:
        found = LAB_URL.search(up.text)
        assert found
        headers = {"Authorization": f"token {found[2]}"}
        with httpx.Client(base_url=found[1], headers=headers, timeout=60) as client:
            runs = client.get("/hubflow/api/v1/dags/hello_bash/dagRuns").json()
            assert runs["total_entries"] >= 1
            assert client.get("/lab").status_code == 200
            notification = "/lab/api/settings/@jupyterlab/apputils-extension:notification"
            asked = client.get(notification).json()["schema"]["properties"]["fetchNews"]
            assert asked["default"] == "false"


@pytest.mark.parametrize("options", [(), ("--no-hub",)])
def test_port_that_is_taken_is_named(tmp_path: Path, options: tuple[str, ...]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        command = [sys.executable, "-P", "-m", "hubflow", "up", f"--home={tmp_path / 'state'}"]
        done = subprocess.run(
            [*command, f"--port={port}", *options],
            capture_output=True,
            text=True,
            check=False,
            timeout=START_LIMIT_S,
        )
    assert done.returncode == 1
    assert f"port {port} is taken" in done.stderr
    assert "--port" in done.stderr
    assert "Traceback" not in done.stderr


def no_file_holds(folder: Path, secret: bytes) -> bool:
    files = (file for file in folder.rglob("*") if file.is_file())
    return not any(secret in file.read_bytes() for file in files)
