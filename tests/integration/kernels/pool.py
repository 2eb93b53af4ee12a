"""A running pool of warm kernels, and ways to take kernels from it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from jupyter_client.manager import AsyncKernelManager

from hubflow_kernels import pool_wire
from hubflow_kernels.warm_pool import serve_pool


@contextlib.asynccontextmanager
async def running_pool(socket: Path, count: int = 1) -> AsyncIterator[None]:
    """Serve a pool in this process; wait until it has a kernel ready."""
    stop = asyncio.Event()
    serving = asyncio.create_task(serve_pool(socket, count, stop))
    try:
        yield
    finally:
        stop.set()
        await serving


async def take(socket: Path, **options: object) -> AsyncKernelManager:
    """Start a kernel through the provisioner, warm if the pool has one."""
    manager = AsyncKernelManager(kernel_name="python3")
    manager.kernel_spec.metadata["kernel_provisioner"] = {"provisioner_name": "hubflow-warm"}
    await manager.start_kernel(env={"HUBFLOW_KERNEL_POOL": str(socket), "PATH": ""}, **options)
    return manager


async def take_warm(socket: Path, limit_s: float = 30.0, **options: object) -> AsyncKernelManager:
    """Take a kernel as soon as the pool has one ready."""
    await until_ready(socket, limit_s)
    manager = await take(socket, **options)
    assert manager.provisioner.is_warm
    return manager


async def until_ready(socket: Path, limit_s: float = 30.0) -> None:
    """Wait until the pool has a kernel ready."""
    async with asyncio.timeout(limit_s):
        while await idle_kernels(socket) == 0:
            await asyncio.sleep(0.05)


async def idle_kernels(socket: Path) -> int:
    """Ask the pool how many kernels it has ready."""
    try:
        with pool_wire.short_path(socket) as address:
            reader, writer = await asyncio.open_unix_connection(address)
    except OSError:
        return 0
    writer.write(pool_wire.line({"status": True}))
    answer = await pool_wire.read(reader)
    writer.close()
    await writer.wait_closed()
    return 0 if answer is None else int(answer["idle"])
