"""Keeps the pool of warm kernels running: `python -m hubflow_kernels.warm_pool`, one process."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Mapping

from hubflow.config import Paths

FIRST_RETRY_S = 1.0
LAST_RETRY_S = 60.0
GOOD_RUN_S = 60.0

log = logging.getLogger(__name__)


class KernelPool:
    """Starts the pool, and starts it again when it ends. The pool ends when its stdin does."""

    def __init__(self, paths: Paths, count: int, env: Mapping[str, str]) -> None:
        self._arguments = [
            "--socket", str(paths.kernel_pool_socket), "--kernels", str(count),
        ]  # fmt: skip
        self._count = count
        self._env = env

    async def run(self) -> None:
        """Keep it up until cancelled; a pool of no kernels is none."""
        loop = asyncio.get_running_loop()
        delay = FIRST_RETRY_S
        while self._count:
            began = loop.time()
            await self._run_once()
            delay = FIRST_RETRY_S if loop.time() - began > GOOD_RUN_S else delay
            log.warning("the pool of warm kernels ended; it starts again", extra={"in_s": delay})
            await asyncio.sleep(delay)
            delay = min(2 * delay, LAST_RETRY_S)

    async def _run_once(self) -> None:
        pool = await asyncio.create_subprocess_exec(
            sys.executable, "-P", "-m", "hubflow_kernels.warm_pool", *self._arguments,
            stdin=asyncio.subprocess.PIPE, stdout=2, env=dict(self._env), start_new_session=True,
            pass_fds=(),
        )  # fmt: skip
        try:
            await pool.wait()
        finally:
            if pool.returncode is None and pool.stdin is not None:
                pool.stdin.close()
                await asyncio.shield(pool.wait())
