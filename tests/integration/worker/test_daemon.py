"""The worker as a process: reconnects, restarts, what a killed one leaves behind."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest

from hubflow.errors import AlreadyRunning
from hubflow.execution.messages import Ack, Finished, Hello, Kill, Started, TryKey
from hubflow.worker import daemon
from waiting import until, wait_until_dead

from .fake_scheduler import FakeScheduler, bash, make_launch
from .harness import Home
from .test_python_tasks import dag_file

T = TypeVar("T")
RUN = """
with open(os.environ["HUBFLOW_HOME"] + "/runs", "a") as runs:
    print(os.getpid(), file=runs)
time.sleep(600)
"""
WORKER = """
import asyncio, sys
from hubflow import config
from hubflow.worker import daemon
worker = config.Worker(slots=8, warm_kernels=0)
asyncio.run(daemon.run(config.Core(home=sys.argv[1]), worker, asyncio.Event()))
"""
DIES_WHEN_STARTED = """
import os, signal
from hubflow.worker import daemon, journal

class Journal(journal.Journal):
    def began(self, key, group):
        os.kill(os.getpid(), signal.SIGKILL)

daemon.Journal = Journal
"""


async def start_worker(home: Home, before: str = "") -> asyncio.subprocess.Process:
    """Start a worker as a process of its own, which a test may kill."""
    program = before + WORKER
    return await asyncio.create_subprocess_exec(sys.executable, "-c", program, str(home.path))


def tell(home: Home, story: Callable[[FakeScheduler], Awaitable[T]]) -> T:
    """Run a story that starts its workers itself."""

    async def play() -> T:
        async with asyncio.timeout(60), home.scheduler() as scheduler:
            return await story(scheduler)

    return asyncio.run(play())


def test_hello_says_who_it_is(home: Home) -> None:
    async def story(scheduler: FakeScheduler) -> Hello:
        return await scheduler.hello()

    hello = home.run(story)
    assert (hello.pid, hello.slots, hello.known) == (os.getpid(), 8, [])


def test_second_launch_of_a_try_is_ignored(home: Home) -> None:
    async def story(scheduler: FakeScheduler) -> list[Started]:
        await scheduler.hello()
        scheduler.acks = False
        launch = bash("echo run >> $HUBFLOW_HOME/runs; cat $HUBFLOW_HOME/gate")
        os.mkfifo(home.path / "gate")
        scheduler.send(launch, launch)
        await scheduler.started(launch.key)
        scheduler.send(launch)
        await asyncio.to_thread((home.path / "gate").write_text, "open")
        await scheduler.result(launch.key)
        scheduler.send(launch, bash("true", 2))
        await scheduler.result(TryKey(2, 1))
        return [message for message in scheduler.heard if isinstance(message, Started)]

    assert len(home.run(story)) == 2
    assert (home.path / "runs").read_text() == "run\n"


def test_results_come_again_until_they_are_acknowledged(home: Home) -> None:
    async def story(scheduler: FakeScheduler) -> None:
        await scheduler.hello()
        scheduler.acks = False
        launch = bash("echo hi")
        scheduler.send(launch)
        result = await scheduler.result(launch.key)
        scheduler.heard.clear()

        await scheduler.stop()
        await scheduler.start()
        assert (await scheduler.hello()).known == [launch.key]
        assert await scheduler.result(launch.key) == result
        scheduler.heard.clear()

        scheduler.send(Ack(seq=result.seq))
        scheduler.send(bash("true", 2))
        await scheduler.result(TryKey(2, 1))
        await scheduler.stop()
        await scheduler.start()
        assert (await scheduler.hello()).known == [TryKey(2, 1)]

    home.run(story)


def test_tries_go_on_while_the_scheduler_is_away(home: Home) -> None:
    async def story(scheduler: FakeScheduler) -> Finished:
        await scheduler.hello()
        body = (
            "open(os.environ['HUBFLOW_HOME'] + '/gate').read()\nreturn context['ti'].xcom_pull('t')"
        )
        source_hash = scheduler.add_source(dag_file(body))
        os.mkfifo(home.path / "gate")
        launch = make_launch(source_hash=source_hash)
        scheduler.send(launch)
        await scheduler.started(launch.key)
        await scheduler.stop()
        scheduler.heard.clear()
        # The task asks for an XCom while nobody is there to answer.
        await asyncio.to_thread((home.path / "gate").write_text, "open")
        await scheduler.start()
        assert launch.key in (await scheduler.hello()).known
        return await scheduler.result(launch.key)

    assert home.run(story).outcome == "success"


def test_waiting_tries_run_in_order_when_a_slot_is_free(home: Home) -> None:
    home.worker.slots = 1

    async def story(scheduler: FakeScheduler) -> list[int]:
        await scheduler.hello()
        launches = [bash(f"echo {number} >> $HUBFLOW_HOME/order", number) for number in range(1, 6)]
        scheduler.send(*launches)
        for launch in launches:
            await scheduler.result(launch.key)
        return [int(line) for line in (home.path / "order").read_text().split()]

    assert home.run(story) == [1, 2, 3, 4, 5]


def test_waiting_try_is_killed_without_ever_running(home: Home) -> None:
    home.worker.slots = 1
    first, second = bash("cat $HUBFLOW_HOME/gate", 1), bash("touch $HUBFLOW_HOME/ran", 2)

    async def story(scheduler: FakeScheduler) -> Finished:
        os.mkfifo(home.path / "gate")
        await scheduler.hello()
        scheduler.send(first, second, Kill(key=second.key, reason="not needed"))
        killed = await scheduler.result(second.key)
        await asyncio.to_thread((home.path / "gate").write_text, "open")
        await scheduler.result(first.key)
        return killed

    killed = home.run(story)
    assert (killed.outcome, killed.error) == ("failed", "not needed")
    assert not (home.path / "ran").exists()


def test_only_one_worker_serves_a_home(home: Home) -> None:
    async def story(scheduler: FakeScheduler) -> None:
        await scheduler.hello()
        with pytest.raises(AlreadyRunning):
            await daemon.run(home.core, home.worker, asyncio.Event())

    home.run(story)


def test_stopped_worker_ends_its_tries_and_reports_them(home: Home) -> None:
    launch = bash("sleep 600")

    async def story(scheduler: FakeScheduler) -> int:
        await scheduler.hello()
        scheduler.send(launch)
        return (await scheduler.started(launch.key)).pid

    pid = home.run(story)
    wait_until_dead(pid)

    async def next_day(scheduler: FakeScheduler) -> Finished:
        return await scheduler.result(launch.key)

    result = home.run(next_day)
    assert (result.outcome, result.error) == ("failed", "the worker was stopped")


def test_stopping_worker_begins_nothing_new(home: Home) -> None:
    quick, stubborn = bash("sleep 600", 1), bash("trap '' TERM; sleep 600", 2)
    late = bash("sleep 600", 3)

    async def story(scheduler: FakeScheduler) -> tuple[FakeScheduler, asyncio.Task[None]]:
        async def refill() -> None:
            await scheduler.result(quick.key)
            scheduler.send(late)

        await scheduler.hello()
        scheduler.send(quick, stubborn)
        await scheduler.started(quick.key)
        await scheduler.started(stubborn.key)
        return scheduler, asyncio.create_task(refill())

    scheduler, refilling = home.run(story, limit_s=20)
    assert refilling.done()
    keys = {message.key for message in scheduler.heard if isinstance(message, Started)}
    assert keys == {quick.key, stubborn.key}


def test_killed_worker_leaves_nothing_running(home: Home) -> None:
    async def story(scheduler: FakeScheduler) -> None:
        worker = await start_worker(home)
        await scheduler.hello()
        body = "print(subprocess.Popen(['sleep', '600']).pid, flush=True)\ntime.sleep(600)"
        source_hash = scheduler.add_source(dag_file(body))
        task = make_launch(1, source_hash=source_hash)
        command = bash("sleep 600 & echo $!; wait", 2)
        scheduler.send(task, command)
        pids = [(await scheduler.started(launch.key)).pid for launch in (task, command)]
        pids += [await printed_pid(home, launch) for launch in (task, command)]
        worker.send_signal(signal.SIGKILL)
        await worker.wait()

        successor = await start_worker(home)
        hello = await scheduler.hello(2)
        assert hello.known == [task.key, command.key]
        for launch in (task, command):
            result = await scheduler.result(launch.key)
            assert result.error == "the worker died while this task was running"
        for pid in pids:
            wait_until_dead(pid)
        successor.terminate()
        await successor.wait()

    tell(home, story)


COMMAND = """
from hubflow.hooks.process import CommandRunner
CommandRunner().run(
    ["bash", "-c", "set -m; sleep 600 & echo $!; wait"], env=None, cwd="/", on_line=print
)
"""


def test_killed_worker_leaves_no_command_of_a_task_running(home: Home) -> None:
    async def story(scheduler: FakeScheduler) -> None:
        worker = await start_worker(home)
        await scheduler.hello()
        task = make_launch(1, source_hash=scheduler.add_source(dag_file(COMMAND)))
        scheduler.send(task)
        sleeper = await printed_pid(home, task)
        worker.kill()
        await worker.wait()

        successor = await start_worker(home)
        await scheduler.result(task.key)
        wait_until_dead(sleeper)
        successor.terminate()
        await successor.wait()

    tell(home, story)


def test_killed_task_leaves_no_command_running(home: Home) -> None:
    async def story(scheduler: FakeScheduler) -> None:
        await scheduler.hello()
        task = make_launch(1, source_hash=scheduler.add_source(dag_file(COMMAND)))
        scheduler.send(task)
        sleeper = await printed_pid(home, task)
        os.kill((await scheduler.started(task.key)).pid, signal.SIGKILL)
        assert (await scheduler.result(task.key)).exit_code == -signal.SIGKILL
        wait_until_dead(sleeper)

    home.run(story)


@pytest.mark.parametrize("kind", ["bash", "python"])
def test_worker_killed_as_it_starts_a_try_never_starts_it_twice(home: Home, kind: str) -> None:
    async def story(scheduler: FakeScheduler) -> Finished:
        worker = await start_worker(home, DIES_WHEN_STARTED)
        await scheduler.hello()
        if kind == "bash":
            launch = bash("echo $$ >> $HUBFLOW_HOME/runs; sleep 600")
        else:
            launch = make_launch(source_hash=scheduler.add_source(dag_file(RUN)))
        scheduler.send(launch)
        await worker.wait()

        successor = await start_worker(home)
        hello = await scheduler.hello(2)
        assert hello.known == [launch.key]
        scheduler.send(launch)
        result = await scheduler.result(launch.key)
        successor.terminate()
        await successor.wait()
        return result

    result = tell(home, story)
    assert result.outcome == "failed"
    assert result.error == "the worker died as it started this task, which may have run"
    runs = (home.path / "runs").read_text().split() if (home.path / "runs").exists() else []
    assert len(runs) <= 1
    for pid in runs:
        wait_until_dead(int(pid))


async def printed_pid(home: Home, launch: object) -> int:
    """Wait until the task's log has a line that is a number."""
    while True:
        try:
            lines = home.log(launch).splitlines()  # type: ignore[arg-type]
        except FileNotFoundError:
            lines = []
        if numbers := [int(line) for line in lines if line.isdigit()]:
            return numbers[0]
        await asyncio.sleep(0.02)


def test_result_of_a_killed_worker_is_sent_by_the_next(home: Home) -> None:
    async def story(scheduler: FakeScheduler) -> None:
        scheduler.acks = False
        worker = await start_worker(home)
        await scheduler.hello()
        launch = bash("echo 42")
        scheduler.send(launch)
        result = await scheduler.result(launch.key)
        worker.kill()
        await worker.wait()
        scheduler.heard.clear()

        successor = await start_worker(home)
        assert (await scheduler.hello()).known == [launch.key]
        assert await scheduler.result(launch.key) == result
        successor.terminate()
        await successor.wait()

    tell(home, story)


def test_orphans_are_reaped(home: Home) -> None:
    async def story(scheduler: FakeScheduler) -> int:
        await scheduler.hello()
        launch = bash("setsid sh -c 'echo $$; sleep 0.2' & sleep 0.1")
        scheduler.send(launch)
        [item] = (await scheduler.result(launch.key)).xcoms
        orphan = int(json.loads(item.data))
        await until(lambda: not Path(f"/proc/{orphan}").exists())
        return orphan

    assert home.run(story) > 0
