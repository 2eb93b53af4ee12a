"""A kernel for one notebook run: warm if the pool has one, ready as soon as it really is."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from queue import Empty
from typing import Any

from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager

from hubflow_kernels import folders

PROVISIONER = "hubflow-warm"
ASK_AGAIN_S = 0.1


class PromptClient(AsyncKernelClient):
    """A client that is ready when the kernel is: the usual one always waits 0.2 s more."""

    language_info: Mapping[str, Any] | None = None

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Ask until an answer comes and iopub is heard, so that no output can be missed."""
        deadline = time.monotonic() + (timeout or 60.0)
        while time.monotonic() < deadline:
            if not await self.is_alive():
                raise RuntimeError("the kernel died before it was ready")
            asked = self.kernel_info()
            with contextlib.suppress(TimeoutError, Empty):
                async with asyncio.timeout(ASK_AGAIN_S):
                    await self._hear_iopub(asked)
                    await self._hear_answer(asked)
                    return
        raise RuntimeError(f"the kernel did not get ready in {timeout:g} s")

    async def _hear_iopub(self, asked: str) -> None:
        """Wait for the kernel's welcome, or where it sends none, the end of our question."""
        while True:
            message = await self.get_iopub_msg()
            if message["msg_type"] == "iopub_welcome":
                return
            if message["parent_header"].get("msg_id") == asked:
                return

    async def _hear_answer(self, asked: str) -> None:
        while True:
            reply = await self.get_shell_msg()
            if reply["parent_header"].get("msg_id") == asked:
                self.language_info = reply["content"]["language_info"]
                return


class NotebookKernelManager(AsyncKernelManager):
    """Takes kernels from the warm pool, and talks to them without needless waiting."""

    async def end(self) -> None:
        """Let go of the kernel: a warm one ends in its pool, while we go on."""
        if self.provisioner is not None and getattr(self.provisioner, "is_warm", False):
            await self.provisioner.kill()
            self.context.destroy(linger=0)
        else:
            await self.shutdown_kernel()
        shutil.rmtree(Path(self.connection_file).parent, ignore_errors=True)


def manager_for(name: str, spec: KernelSpec) -> NotebookKernelManager:
    """Return a manager for a kernel that is not started yet.

    Its sockets are files in a folder that only this user can open, not ports of the machine.
    """
    folder = folders.make()
    manager = NotebookKernelManager(
        kernel_name=name,
        connection_file=f"{folder}/kernel.json",
        transport="ipc",
        client_factory=PromptClient,
    )
    if "kernel_provisioner" not in spec.metadata:
        spec.metadata["kernel_provisioner"] = {"provisioner_name": PROVISIONER, "config": {}}
    manager._kernel_spec = spec
    return manager


async def wait_until_dead(manager: AsyncKernelManager) -> int | None:
    """Wait for the end of the kernel's process; return its exit code, negative for a signal."""
    assert manager.provisioner is not None
    return await manager.provisioner.wait()


def folder_of(notebook: Path) -> str:
    """Return where a kernel runs: beside the notebook, as in JupyterLab."""
    return str(notebook.parent)
