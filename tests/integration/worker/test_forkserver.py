"""Zygotes with real processes: what a child gets, how it ends, what is left of it."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest

from hubflow.errors import ZygoteFailed
from hubflow.forkserver.children import Outcome
from hubflow.forkserver.client import Zygote
from waiting import until, wait_until_dead

HERE = Path(__file__).parent
T = TypeVar("T")


def with_zygote(story: Callable[[Zygote], Awaitable[T]], preload: tuple[str, ...] = ()) -> T:
    async def run() -> T:
        env = {**os.environ, "PYTHONPATH": str(HERE)}
        zygote = await Zygote.start(["entries", *preload], env=env)
        try:
            return await asyncio.wait_for(story(zygote), 30)
        finally:
            await zygote.close()

    return asyncio.run(run())


def test_child_gets_payload_log_and_descriptors() -> None:
    outcome = with_zygote(lambda z: z.run("entries:speak", b"hello", timeout_s=10))
    assert outcome.exit.code == 0
    assert outcome.output == b"to stdout\nto stderr\n"
    assert outcome.result == b"hello"


def test_large_payload_arrives_whole() -> None:
    payload = os.urandom(3_000_000)
    outcome = with_zygote(lambda z: z.run("entries:speak", payload, timeout_s=10))
    assert outcome.result == payload


@pytest.mark.parametrize(
    ("entry", "payload", "code"),
    [("exit_with", b"7", 7), ("fail", b"", 1), ("die", b"", -signal.SIGKILL)],
)
def test_exit_status_is_told(entry: str, payload: bytes, code: int) -> None:
    outcome = with_zygote(lambda z: z.run(f"entries:{entry}", payload, timeout_s=10))
    assert outcome.exit.code == code


def test_exception_is_printed_to_the_log() -> None:
    outcome = with_zygote(lambda z: z.run("entries:fail", b"", timeout_s=10))
    assert b"ValueError: on purpose" in outcome.output


def test_child_over_its_time_is_killed() -> None:
    outcome = with_zygote(lambda z: z.run("entries:hang", b"", timeout_s=0.05))
    assert outcome.timed_out
    assert outcome.exit.code == -signal.SIGKILL


def test_limits_hold() -> None:
    limits = {"NOFILE": 77}
    outcome = with_zygote(lambda z: z.run("entries:tell_limit", b"", timeout_s=10, limits=limits))
    assert outcome.result == b"77"


def test_memory_limit_raises_in_the_child() -> None:
    limits = {"AS": 1 << 30}
    outcome = with_zygote(lambda z: z.run("entries:eat", b"", timeout_s=10, limits=limits))
    assert outcome.exit.code == 1
    assert b"MemoryError" in outcome.output


def test_child_holds_no_descriptor_of_the_zygote() -> None:
    outcome = with_zygote(lambda z: z.run("entries:tell_open_files", b"", timeout_s=10))
    # stdin, stdout, stderr, the result, and the folder that the child is listing.
    assert len(outcome.result.split()) == 5


def test_grandchild_dies_with_the_child() -> None:
    outcome = with_zygote(lambda z: z.run("entries:leave_grandchild", b"", timeout_s=10))
    wait_until_dead(int(outcome.result))


def test_timeout_kills_the_grandchild_too() -> None:
    outcome = with_zygote(lambda z: z.run("entries:leave_grandchild", b"hang", timeout_s=1))
    assert outcome.timed_out
    wait_until_dead(int(outcome.result))


@pytest.mark.parametrize("payload", [b"", b"hang"])
def test_daemon_dies_with_the_child_although_it_left_its_group(payload: bytes) -> None:
    async def story(zygote: Zygote) -> Outcome:
        outcome = await zygote.run("entries:leave_daemon", payload, timeout_s=2)
        for pid in map(int, outcome.result.split()):
            wait_until_dead(pid)
        return outcome

    outcome = with_zygote(story)
    assert len(outcome.result.split()) == 2
    assert outcome.timed_out is (payload == b"hang")


def test_daemon_lives_as_long_as_its_own_child(tmp_path: Path) -> None:
    async def story(zygote: Zygote) -> bytes:
        folder = str(tmp_path).encode()
        keeping = asyncio.create_task(zygote.run("entries:keep_daemon", folder, timeout_s=20))
        await until((tmp_path / "ready").exists)
        await zygote.run("entries:leave_daemon", b"", timeout_s=10)
        await zygote.run("entries:exit_with", b"0", timeout_s=10)
        (tmp_path / "go").touch()
        return (await keeping).result

    assert with_zygote(story) == b"SS"


def test_many_children_at_once() -> None:
    async def story(zygote: Zygote) -> list[int | None]:
        runs = [zygote.run("entries:exit_with", b"%d" % n, timeout_s=20) for n in range(50)]
        return [outcome.exit.code for outcome in await asyncio.gather(*runs)]

    assert with_zygote(story) == list(range(50))


def test_derived_zygote_keeps_what_it_loaded() -> None:
    async def story(zygote: Zygote) -> list[bytes]:
        results = []
        for name in (b"one", b"two"):
            derived = await zygote.derive("entries:load", name, log=os.dup(2))
            assert derived.threads == 1
            results.append((await derived.run("entries:tell_loaded", b"", timeout_s=5)).result)
            await derived.close()
        return results

    assert with_zygote(story) == [b"one", b"two"]


def test_derived_zygote_that_cannot_load_tells_the_traceback() -> None:
    async def story(zygote: Zygote) -> None:
        await zygote.derive("entries:fail", b"", log=os.dup(2))

    with pytest.raises(ZygoteFailed, match="ValueError: on purpose"):
        with_zygote(story)


def test_derived_zygote_that_hangs_is_given_up() -> None:
    async def story(zygote: Zygote) -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(zygote.derive("entries:hang", b"", log=os.dup(2)), 0.1)
        assert (await zygote.run("entries:exit_with", b"3", timeout_s=5)).exit.code == 3

    with_zygote(story)


def test_preload_that_fails_is_told() -> None:
    with pytest.raises(ZygoteFailed, match="No module named 'no_such_module'"):
        with_zygote(lambda z: z.run("entries:hang", b"", timeout_s=1), ("no_such_module",))


def test_retired_zygote_lets_its_child_finish() -> None:
    async def story(zygote: Zygote) -> int | None:
        derived = await zygote.derive("entries:load", b"", log=os.dup(2))
        child = derived.fork("entries:hang", b"", log=os.dup(2))
        await child.started
        derived.retire()
        child.kill(signal.SIGTERM)
        await derived.closed
        return (await child.exited).code

    assert with_zygote(story) == -signal.SIGTERM


def test_children_die_with_a_killed_zygote() -> None:
    async def story(zygote: Zygote) -> None:
        child = zygote.fork("entries:hang", b"", log=os.dup(2))
        pid = await child.started
        os.kill(zygote.pid, signal.SIGKILL)
        assert (await child.exited).status is None
        wait_until_dead(pid)
        with pytest.raises(ZygoteFailed):
            await zygote.fork("entries:hang", b"", log=os.dup(2)).started

    with_zygote(story)


def test_zygote_that_wakes_after_its_owner_died_forks_nothing(tmp_path: Path) -> None:
    async def story() -> None:
        zygote = await Zygote.start(["entries"], env={**os.environ, "PYTHONPATH": str(HERE)})
        assert zygote.pid is not None
        os.kill(zygote.pid, signal.SIGSTOP)
        # Enough of them that the first has the time to speak before the end is noticed.
        for _ in range(50):
            log = os.open(tmp_path / "log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
            zygote.fork("entries:speak", b"", log=log, fds=[os.open(os.devnull, os.O_WRONLY)])
        # As the end of this process would: both directions are closed, the request is in the pipe.
        zygote._sock.shutdown(socket.SHUT_RDWR)
        os.kill(zygote.pid, signal.SIGCONT)
        await asyncio.wait_for(zygote.closed, 30)

    asyncio.run(story())
    assert (tmp_path / "log").read_bytes() == b""
