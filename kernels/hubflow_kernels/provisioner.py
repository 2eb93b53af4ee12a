"""A jupyter_client provisioner that takes a kernel from the warm pool if it has one.

Named `hubflow-warm`. Without a pool, or for a kernelspec that is not pooled, it starts the
kernel as the usual local provisioner does.
"""

from __future__ import annotations

import asyncio
import os
import resource
from pathlib import Path
from typing import Any, cast

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from hubflow_kernels import pool_wire

# Environment variable with the pool's socket; else it is looked for in HUBFLOW_HOME.
SOCKET_VARIABLE = "HUBFLOW_KERNEL_POOL"
TAKE_LIMIT_S = 5.0
LIMITS = ("AS", "CORE")


class WarmProvisioner(LocalProvisioner):
    """Local, but warm where possible.

    Attributes
    ----------
    is_warm : whether the kernel came from the pool.
    """

    is_warm = False
    _lease: _Lease | None = None

    @property
    def has_process(self) -> bool:
        return self.process is not None if self._lease is None else not self._lease.is_over

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Take a kernel from the pool; failing that, prepare a cold start."""
        env = dict(kwargs.get("env") or os.environ)
        cwd = str(kwargs.get("cwd") or Path.cwd())
        self._lease = await _take(list(self.kernel_spec.argv), cwd, env)
        self.is_warm = self._lease is not None
        if self._lease is None:
            return await super().pre_launch(**kwargs)
        self.connection_info = self._lease.connection
        self.pid = self._lease.pid
        self.cwd = cwd
        return {**kwargs, "cmd": list(self.kernel_spec.argv)}

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        if self._lease is None:
            return await super().launch_kernel(cmd, **kwargs)
        return self.connection_info

    async def poll(self) -> int | None:
        return await super().poll() if self._lease is None else self._lease.exit_code

    async def wait(self) -> int | None:
        return await super().wait() if self._lease is None else await self._lease.wait()

    async def send_signal(self, signum: int) -> None:
        if self._lease is None:
            await super().send_signal(signum)
        else:
            self._lease.signal(signum)

    async def kill(self, restart: bool = False) -> None:
        if self._lease is None:
            await super().kill(restart)
        else:
            self._lease.release()

    async def terminate(self, restart: bool = False) -> None:
        if self._lease is None:
            await super().terminate(restart)
        else:
            self._lease.release()

    async def cleanup(self, restart: bool = False) -> None:
        if self._lease is None:
            await super().cleanup(restart)
        else:
            self._lease.release()


class _Lease:
    """A kernel of the pool in our hands, until we hang up."""

    def __init__(
        self, answer: dict[str, Any], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.connection = cast("KernelConnectionInfo", answer["connection"])
        self.connection["key"] = answer["connection"]["key"].encode()
        self.pid = int(answer["pid"])
        self.exit_code: int | None = None
        self._writer = writer
        self._listening = asyncio.create_task(self._listen(reader))

    @property
    def is_over(self) -> bool:
        return self.exit_code is not None

    def signal(self, signum: int) -> None:
        if not self.is_over:
            self._writer.write(pool_wire.line({"signal": signum}))

    def release(self) -> None:
        """Hang up: the pool ends the kernel while we go on."""
        self._writer.close()
        self._listening.cancel()
        if self.exit_code is None:
            self.exit_code = 0

    async def wait(self) -> int | None:
        if not self.is_over:
            await asyncio.wait([self._listening])
        return self.exit_code

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        message = await pool_wire.read(reader) or {}
        # A pool that dies takes its kernels with it.
        self.exit_code = int(message.get("exit_code", -9))
        self._writer.close()


async def _take(argv: list[str], cwd: str, env: dict[str, str]) -> _Lease | None:
    path = _socket_path(env)
    if path is None or not os.access(path, os.W_OK):
        return None
    try:
        async with asyncio.timeout(TAKE_LIMIT_S):
            with pool_wire.short_path(path) as address:
                reader, writer = await asyncio.open_unix_connection(
                    address, limit=pool_wire.LINE_BYTES
                )
            wish = {"argv": argv, "cwd": cwd, "env": env, "limits": _own_limits()}
            writer.write(pool_wire.line(wish))
            answer = await pool_wire.read(reader)
    except (OSError, TimeoutError):
        return None
    if answer is None or "connection" not in answer:
        writer.close()
        return None
    return _Lease(answer, reader, writer)


def _own_limits() -> dict[str, int]:
    """Return the limits that a kernel started by ourselves would have inherited."""
    limits = {name: resource.getrlimit(getattr(resource, f"RLIMIT_{name}"))[0] for name in LIMITS}
    return {name: soft for name, soft in limits.items() if soft != resource.RLIM_INFINITY}


def _socket_path(env: dict[str, str]) -> Path | None:
    if given := env.get(SOCKET_VARIABLE):
        return Path(given)
    home = env.get("HUBFLOW_HOME")
    return Path(home, "run", "kernels.sock") if home else None
