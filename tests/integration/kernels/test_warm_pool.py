"""Kernels that are started before they are asked for."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest
from jupyter_client.manager import AsyncKernelManager

from hubflow_kernels import folders
from waiting import until

from .pool import running_pool, take, take_warm, until_ready

T = TypeVar("T")


def with_pool(tmp_path: Path, story: Callable[[Path], Awaitable[T]]) -> T:
    async def run() -> T:
        socket = tmp_path / "kernels.sock"
        async with asyncio.timeout(60), running_pool(socket):
            return await story(socket)

    return asyncio.run(run())


def start_pool(socket: Path) -> subprocess.Popen[bytes]:
    """Start a pool as the worker does."""
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "hubflow_kernels.warm_pool", "--socket", str(socket)],
        stdin=subprocess.PIPE,
        start_new_session=True,
    )


async def value_of(manager: AsyncKernelManager, expression: str) -> str:
    """Evaluate an expression in the kernel."""
    client = manager.client()
    client.start_channels()
    try:
        await client.wait_for_ready(timeout=20)
        asked = client.execute("", user_expressions={"it": expression})
        reply = await client._async_recv_reply(asked, timeout=20)
        found: dict[str, Any] = reply["content"]["user_expressions"]["it"]
        return str(found["data"]["text/plain"])
    finally:
        client.stop_channels()


def test_kernel_is_handed_over_with_directory_and_environment(tmp_path: Path) -> None:
    async def story(socket: Path) -> list[str]:
        manager = await take_warm(socket, cwd=str(tmp_path))
        expressions = (
            "__import__('os').getcwd()",
            "__import__('os').environ['PATH']",
            "'HOME' in __import__('os').environ",
            "__import__('os').environ['MPLBACKEND'].startswith('module://')",
            "In",
        )
        values = [await value_of(manager, expression) for expression in expressions]
        await manager.shutdown_kernel(now=True)
        return values

    cwd, path, has_home, has_backend, history = with_pool(tmp_path, story)
    assert cwd == repr(str(tmp_path))
    assert path == "''"
    assert has_home == "False"
    assert has_backend == "True"
    assert history.startswith("['', ''") or history == "['']"


def test_kernel_serves_one_run_only(tmp_path: Path) -> None:
    async def story(socket: Path) -> tuple[int, int]:
        pids = []
        for _ in range(2):
            manager = await take_warm(socket)
            pids.append(manager.provisioner.pid)
            await manager.shutdown_kernel(now=True)
        return pids[0], pids[1]

    first, second = with_pool(tmp_path, story)
    assert first != second


def test_hanging_up_ends_the_kernel_with_its_exit_handlers(tmp_path: Path) -> None:
    mark = tmp_path / "mark"

    async def story(socket: Path) -> None:
        manager = await take_warm(socket)
        pid = manager.provisioner.pid
        leave_mark = f"__import__('atexit').register(open, {str(mark)!r}, 'w')"
        await value_of(manager, leave_mark)
        await manager.provisioner.kill()
        await until(lambda: not Path(f"/proc/{pid}").exists())
        await manager.shutdown_kernel(now=True)

    with_pool(tmp_path, story)
    assert mark.exists()


def test_death_of_the_kernel_is_told(tmp_path: Path) -> None:
    async def story(socket: Path) -> int | None:
        manager = await take_warm(socket)
        os.kill(manager.provisioner.pid, signal.SIGKILL)
        code: int | None = await manager.provisioner.wait()
        assert not await manager.is_alive()
        await manager.shutdown_kernel(now=True)
        return code

    assert with_pool(tmp_path, story) == -signal.SIGKILL


def test_killed_taker_takes_its_kernel_along(tmp_path: Path) -> None:
    async def story(socket: Path) -> None:
        manager = await take_warm(socket)
        pid = manager.provisioner.pid
        manager.provisioner._lease._writer.transport.abort()
        await until(lambda: not Path(f"/proc/{pid}").exists())
        await manager.shutdown_kernel(now=True)

    with_pool(tmp_path, story)


def test_interrupt_reaches_the_kernel(tmp_path: Path) -> None:
    async def story(socket: Path) -> str:
        manager = await take_warm(socket)
        client = manager.client()
        client.start_channels()
        await client.wait_for_ready(timeout=20)
        asked = client.execute("import time; print('running', flush=True); time.sleep(60)")
        # Only once the cell itself speaks is an interrupt sure to meet the cell.
        while (await client.get_iopub_msg(timeout=20))["msg_type"] != "stream":
            pass
        await manager.interrupt_kernel()
        reply = await client._async_recv_reply(asked, timeout=20)
        client.stop_channels()
        await manager.shutdown_kernel(now=True)
        return str(reply["content"]["ename"])

    assert with_pool(tmp_path, story) == "KeyboardInterrupt"


def test_other_kernelspecs_and_empty_pool_start_cold(tmp_path: Path) -> None:
    async def story(socket: Path) -> tuple[bool, bool]:
        warm = await take_warm(socket)
        cold = await take(socket)
        lives = bool(await cold.is_alive())
        await warm.shutdown_kernel(now=True)
        await cold.shutdown_kernel(now=True)
        return cold.provisioner.is_warm, lives

    assert with_pool(tmp_path, story) == (False, True)


def test_folders_of_a_killed_pool_are_removed_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story() -> tuple[list[Path], list[Path]]:
        with start_pool(socket) as pool:
            await until_ready(socket)
            pool.kill()
        left = folders_now()
        async with running_pool(socket):
            await until_ready(socket)
            return left, folders_now()

    def folders_now() -> list[Path]:
        return sorted(Path(tempfile.gettempdir()).iterdir())

    socket = tmp_path / "kernels.sock"
    # Short: the path of a unix socket has 107 bytes.
    with tempfile.TemporaryDirectory() as temporary:
        monkeypatch.setenv("TMPDIR", temporary)
        monkeypatch.setattr(tempfile, "tempdir", temporary)
        ours = folders.make()
        left, then = asyncio.run(asyncio.wait_for(story(), 60))
    assert len(left) == 2
    assert set(left) & set(then) == {ours}


def test_without_a_pool_kernels_start_cold(tmp_path: Path) -> None:
    async def story() -> tuple[bool, str]:
        manager = await take(tmp_path / "no.sock")
        value = await value_of(manager, "6 * 7")
        await manager.shutdown_kernel(now=True)
        return manager.provisioner.is_warm, value

    assert asyncio.run(story()) == (False, "42")
