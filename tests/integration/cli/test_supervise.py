"""The supervisor with real processes."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from pathlib import Path

from hubflow.cli.supervise import Child, Supervisor
from waiting import is_alive, until

LIMIT_S = 20
COUNTING = "echo $$ >> pids; echo started; exec sleep 60"
STUBBORN = (
    "trap '' TERM; echo $$ >> pids; sleep 900 & echo $! >> pids; "
    "setsid sleep 900 & echo $! >> pids; wait; wait; wait"
)


def child(name: str, script: str, folder: Path) -> Child:
    command = ["/bin/sh", "-c", f"cd {folder}; {script}"]
    return Child(name, command, {"PATH": os.environ["PATH"]})


def pids(folder: Path) -> list[int]:
    file = folder / "pids"
    return [int(line) for line in file.read_text().split()] if file.exists() else []


def test_child_that_dies_is_started_again_and_stopped_at_the_end(tmp_path: Path) -> None:
    async def story() -> None:
        stop = asyncio.Event()
        supervisor = Supervisor([child("counter", COUNTING, tmp_path)], tmp_path / "logs")
        running = asyncio.create_task(supervisor.run(stop))
        await until(lambda: len(pids(tmp_path)) == 1)
        os.kill(pids(tmp_path)[0], signal.SIGKILL)
        await until(lambda: len(pids(tmp_path)) == 2)
        stop.set()
        await asyncio.wait_for(running, LIMIT_S)

    asyncio.run(story())
    assert not any(is_alive(pid) for pid in pids(tmp_path))
    assert (tmp_path / "logs" / "counter.log").read_text() == "started\nstarted\n"


def test_child_that_ignores_sigterm_is_killed_with_its_children(tmp_path: Path) -> None:
    async def story() -> None:
        stop = asyncio.Event()
        supervisor = Supervisor([child("stubborn", STUBBORN, tmp_path)], tmp_path, grace_s=0.2)
        running = asyncio.create_task(supervisor.run(stop))
        await until(lambda: len(pids(tmp_path)) == 3)
        stop.set()
        await asyncio.wait_for(running, LIMIT_S)
        await until(lambda: not any(is_alive(pid) for pid in pids(tmp_path)))

    asyncio.run(story())


def test_children_end_when_the_supervisor_is_killed(tmp_path: Path) -> None:
    program = (
        "import asyncio, os\n"
        "from pathlib import Path\n"
        "from hubflow.cli.supervise import Child, Supervisor\n"
        f"child = Child('c', ['/bin/sh', '-c', 'cd {tmp_path}; {COUNTING}'], dict(os.environ))\n"
        f"asyncio.run(Supervisor([child], Path('{tmp_path}')).run(asyncio.Event()))\n"
    )

    async def story() -> None:
        process = await asyncio.create_subprocess_exec(sys.executable, "-P", "-c", program)
        await until(lambda: len(pids(tmp_path)) == 1)
        process.kill()
        await process.wait()
        await until(lambda: not is_alive(pids(tmp_path)[0]))

    started = time.monotonic()
    asyncio.run(story())
    assert time.monotonic() - started < LIMIT_S
