"""One kernel that was started before anybody asked for it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from typing import Any, cast

from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.connect import KernelConnectionInfo, write_connection_file
from jupyter_client.kernelspec import KernelSpec

from hubflow_kernels import folders

START_LIMIT_S = 60.0
HAND_OVER_LIMIT_S = 10.0
SHUTDOWN_GRACE_S = 3.0
# What belongs to the kernel itself, whatever environment its taker asks for.
OWN_VARIABLES = ("JPY_PARENT_PID", "MPLBACKEND", "PYDEVD_USE_FRAME_EVAL")
PREPARE = """
def _hubflow_prepare(cwd, remove, update):
    import os
    os.chdir(cwd)
    for name in remove:
        os.environ.pop(name, None)
    os.environ.update(update)
_hubflow_prepare({cwd!r}, {remove!r}, {update!r})
del _hubflow_prepare
"""


class WarmKernel:
    """A kernel in its own process group, reachable by unix sockets in a private folder.

    `exited` holds its exit code, negative for a signal.
    """

    def __init__(self, spec: KernelSpec, env: Mapping[str, str]) -> None:
        self._folder = folders.make()
        file, info = write_connection_file(
            str(self._folder / "kernel.json"), transport="ipc", ip=str(self._folder / "k")
        )
        self.connection = {**info, "key": _text(info["key"])}
        self._env = {**env, **spec.env, "JPY_PARENT_PID": str(os.getpid())}
        self._process = subprocess.Popen(
            _command(spec, file),
            env=self._env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        self.pid = self._process.pid
        self._loop = asyncio.get_running_loop()
        self.exited: asyncio.Future[int] = self._loop.create_future()
        self._pidfd = os.pidfd_open(self.pid)
        self._loop.add_reader(self._pidfd, self._on_exit)
        self._client: AsyncKernelClient | None = None

    async def start(self) -> None:
        """Wait until it answers; raises RuntimeError or TimeoutError if it never does."""
        self._client = self._new_client()
        self._client.start_channels(hb=False, stdin=False)
        asking = asyncio.ensure_future(self._client._async_recv_reply(self._client.kernel_info()))
        waiting: list[asyncio.Future[Any]] = [asking, self.exited]
        await asyncio.wait(
            waiting,
            timeout=START_LIMIT_S,
            return_when=asyncio.FIRST_COMPLETED,
        )
        if not asking.done():
            asking.cancel()
            raise RuntimeError("the kernel did not start")
        await asking

    async def hand_over(self, cwd: str, env: Mapping[str, str], limits: Mapping[str, int]) -> None:
        """Give it the working directory, environment and rlimits of whoever takes it."""
        client = self._client
        assert client is not None, "start() comes first"
        code = PREPARE.format(
            cwd=cwd,
            remove=[name for name in self._env if name not in env and name not in OWN_VARIABLES],
            update={name: text for name, text in env.items() if name not in OWN_VARIABLES},
        )
        asked = client.execute(code, silent=True, store_history=False)
        async with asyncio.timeout(HAND_OVER_LIMIT_S):
            reply = await client._async_recv_reply(asked)
        self._hang_up()
        if reply["content"]["status"] != "ok":
            raise RuntimeError(reply["content"].get("evalue", "the kernel refused"))
        for name, value in limits.items():
            resource.prlimit(self.pid, getattr(resource, f"RLIMIT_{name}"), (value, value))

    def send_signal(self, signum: int) -> None:
        """Signal the process group."""
        if not self.exited.done():
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, signum)

    async def end(self) -> None:
        """Ask it to shut down, so that exit handlers run; then kill what is left."""
        if not self.exited.done():
            self._hang_up()
            self._client = self._new_client()
            self._client.start_channels(shell=False, iopub=False, stdin=False, hb=False)
            self._client.shutdown()
            await asyncio.wait([self.exited], timeout=SHUTDOWN_GRACE_S)
        self.kill()
        await self.exited

    def kill(self) -> None:
        """End it and its process group at once."""
        self.send_signal(signal.SIGKILL)

    def _new_client(self) -> AsyncKernelClient:
        client = AsyncKernelClient()
        client.load_connection_info(cast("KernelConnectionInfo", self.connection))
        return client

    def _hang_up(self) -> None:
        if self._client is not None:
            self._client.stop_channels()
            self._client = None

    def _on_exit(self) -> None:
        self._hang_up()
        self._loop.remove_reader(self._pidfd)
        os.close(self._pidfd)
        # Still a zombie: its number is ours, and so is every process left in its group.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        self.exited.set_result(self._process.wait())
        shutil.rmtree(self._folder, ignore_errors=True)


def _command(spec: KernelSpec, connection_file: str) -> list[str]:
    """Fill in the kernelspec's command; a bare `python` is the one that runs us, as in Jupyter."""
    known = {
        "connection_file": connection_file,
        "resource_dir": spec.resource_dir,
        "prefix": sys.prefix,
    }
    argv = [part.format(**known) for part in spec.argv]
    if argv[0] in ("python", f"python{sys.version_info[0]}"):
        argv[0] = sys.executable
    return argv


def _text(key: Any) -> str:
    return key.decode() if isinstance(key, bytes) else str(key)
