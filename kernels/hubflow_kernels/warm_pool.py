"""The pool of warm kernels: `python -m hubflow_kernels.warm_pool --socket PATH --kernels N`.

Keeps N started `python3` kernels ready and hands them over on a unix socket (`pool_wire`).
Each kernel serves one run, never two. The pool ends when its stdin does.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import os
import signal
import socket
import sys
from collections import deque
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import KernelSpec, KernelSpecManager, NoSuchKernel

from hubflow_kernels import folders, pool_wire
from hubflow_kernels.warm_kernel import WarmKernel

KERNEL_NAME = "python3"
# A new kernel costs most of a second of CPU: the run that just took one goes first.
REFILL_DELAY_S = 1.5
FIRST_RETRY_S = 1.0
LAST_RETRY_S = 60.0

log = logging.getLogger(__name__)


class WarmPool:
    """Kernels that wait to be taken, and those that are in use."""

    def __init__(self, spec: KernelSpec, count: int) -> None:
        self._spec = spec
        self._count = count
        self._idle: deque[WarmKernel] = deque()
        self._all: set[WarmKernel] = set()
        self._is_missing_one = asyncio.Event()
        self._serving: set[asyncio.Task[Any]] = set()

    async def keep_full(self) -> None:
        """Start kernels until enough are idle, and again whenever one was taken or died."""
        retry = FIRST_RETRY_S
        while True:
            if len(self._idle) >= self._count:
                self._is_missing_one.clear()
                await self._is_missing_one.wait()
                await asyncio.sleep(REFILL_DELAY_S)
            try:
                self._idle.append(await self._start())
                retry = FIRST_RETRY_S
            except (OSError, RuntimeError) as error:
                log.warning("a warm kernel could not be started: %s", error)
                await asyncio.sleep(retry)
                retry = min(2 * retry, LAST_RETRY_S)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Give one taker one kernel, and keep it until the taker hangs up."""
        if (task := asyncio.current_task()) is not None:
            self._serving.add(task)
            task.add_done_callback(self._serving.discard)
        try:
            if (wish := await pool_wire.read(reader)) is not None:
                await self._lend(wish, reader, writer)
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    async def close(self) -> None:
        """Kill every kernel."""
        kernels = tuple(self._all)
        for kernel in kernels:
            kernel.kill()
        await asyncio.gather(*(kernel.exited for kernel in kernels))
        if self._serving:
            await asyncio.wait(self._serving, timeout=FIRST_RETRY_S)

    async def _start(self) -> WarmKernel:
        kernel = WarmKernel(self._spec, os.environ)
        self._all.add(kernel)
        kernel.exited.add_done_callback(lambda _: self._forget(kernel))
        try:
            await kernel.start()
        except BaseException:
            kernel.kill()
            raise
        return kernel

    def _forget(self, kernel: WarmKernel) -> None:
        self._all.discard(kernel)
        if kernel in self._idle:
            self._idle.remove(kernel)
            self._is_missing_one.set()

    async def _lend(
        self, wish: dict[str, Any], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        if wish.get("status"):
            in_use = len(self._all) - len(self._idle)
            writer.write(pool_wire.line({"idle": len(self._idle), "busy": in_use}))
        elif wish.get("argv") != self._spec.argv:
            writer.write(pool_wire.line({"refused": "this kernel is not pooled"}))
        elif not self._idle:
            writer.write(pool_wire.line({"refused": "no kernel is ready"}))
        else:
            kernel = self._idle.popleft()
            self._is_missing_one.set()
            try:
                await self._hand_over(kernel, wish, writer)
                await self._obey(kernel, reader, writer)
            finally:
                await kernel.end()

    async def _hand_over(
        self, kernel: WarmKernel, wish: dict[str, Any], writer: asyncio.StreamWriter
    ) -> None:
        try:
            await kernel.hand_over(str(wish["cwd"]), dict(wish["env"]), dict(wish["limits"]))
        except (KeyError, OSError, RuntimeError, ValueError) as error:
            writer.write(pool_wire.line({"refused": f"the kernel is unusable: {error}"}))
        else:
            answer = {"connection": kernel.connection, "pid": kernel.pid}
            writer.write(pool_wire.line(answer))

    async def _obey(
        self, kernel: WarmKernel, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Pass signals on until the taker hangs up or the kernel dies."""
        while not kernel.exited.done():
            order = asyncio.ensure_future(pool_wire.read(reader))
            waiting: list[asyncio.Future[Any]] = [order, kernel.exited]
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            if not order.done():
                order.cancel()
                writer.write(pool_wire.line({"exit_code": kernel.exited.result()}))
                await writer.drain()
            elif (message := order.result()) is None:
                return
            elif isinstance(signum := message.get("signal"), int):
                kernel.send_signal(signum)


async def serve_pool(socket_path: Path, count: int, stop: asyncio.Event) -> None:
    """Serve a pool at ``socket_path`` until ``stop`` is set."""
    folders.remove_stale()
    pool = WarmPool(KernelSpecManager().get_kernel_spec(KERNEL_NAME), count)
    socket_path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    with pool_wire.short_path(socket_path) as address:
        listener.bind(address)
    socket_path.chmod(0o600)
    server = await asyncio.start_unix_server(pool.serve, sock=listener, limit=pool_wire.LINE_BYTES)
    filling = asyncio.create_task(pool.keep_full())
    try:
        await stop.wait()
    finally:
        server.close()
        filling.cancel()
        socket_path.unlink(missing_ok=True)
        await pool.close()


async def _main(arguments: argparse.Namespace) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signum in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signum, stop.set)

    def on_stdin() -> None:
        if not os.read(sys.stdin.fileno(), 1024):
            stop.set()

    loop.add_reader(sys.stdin.fileno(), on_stdin)
    await serve_pool(arguments.socket, arguments.kernels, stop)


def main() -> None:
    """Run the pool; see the module's docstring."""
    parser = argparse.ArgumentParser(prog="python -m hubflow_kernels.warm_pool")
    parser.add_argument("--socket", type=Path, required=True)
    parser.add_argument("--kernels", type=int, default=1)
    logging.basicConfig(level=logging.INFO)
    try:
        asyncio.run(_main(parser.parse_args()))
    except NoSuchKernel:
        raise SystemExit(f"the kernel {KERNEL_NAME!r} is not installed: no warm kernels") from None


if __name__ == "__main__":
    main()
