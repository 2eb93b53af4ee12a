"""The scheduler's socket with real peers: one worker, watchers, questions."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest

from hubflow.config import Core
from hubflow.errors import DatabaseUnusable, Deposed, NotFound
from hubflow.execution import server
from hubflow.execution.client import Client, WatcherClient
from hubflow.execution.messages import (
    Ack,
    Committed,
    Finished,
    FromPeer,
    Hello,
    Launch,
    Message,
    Progress,
    Reply,
    Request,
    RunContext,
    Started,
    ToWorker,
    Transient,
    TryKey,
)
from hubflow.execution.server import ExecutionServer
from hubflow.executors.local import LocalExecutor
from hubflow.questions import GetSource
from waiting import until

NOW = datetime(2026, 1, 1, tzinfo=UTC)
KEY = TryKey(1, 1)


def launch(key: TryKey, run_id: str) -> Launch:
    context = RunContext(
        execution_date=NOW,
        data_interval_start=NOW,
        data_interval_end=NOW,
        run_type="manual",
        external_trigger=True,
    )
    return Launch(
        key=key,
        dag_id="d",
        task_id="t",
        run_id=run_id,
        path="d.py",
        source_hash="s",
        log_path="d/t/1.log",
        max_tries=1,
        context=context,
    )


class Worker:
    """A peer that says hello and remembers what it hears."""

    def __init__(self, core: Core) -> None:
        self.heard: list[ToWorker] = []
        self.hellos = 0
        self.client: Client[ToWorker] = Client(
            core.paths.scheduler_socket, ToWorker, self._greet, self.heard.extend
        )

    def _greet(self) -> list[Message]:
        self.hellos += 1
        return [Hello(worker_id="w", hostname="h", pid=1, slots=8, version="0", known=[KEY])]


class Story:
    """A server with an executor on it, and its peers."""

    def __init__(self, core: Core) -> None:
        self.pokes = 0
        self.wakes = 0
        self.server = ExecutionServer(
            core.paths.scheduler_socket, answer=self._answer, on_poke=self._poke
        )
        self.executor = LocalExecutor(self.server)
        self.executor.on_wake = self._wake
        self.worker = Worker(core)
        self.news: list[Committed | Transient] = []
        self.watcher = WatcherClient(core.paths.scheduler_socket, "test", self.news.append)

    def _answer(self, request: Request) -> str:
        assert isinstance(request.body, GetSource)
        if request.body.source_hash == "absent":
            raise NotFound("no DAG source has the hash absent")
        if request.body.source_hash == "bug":
            raise ZeroDivisionError("oops")
        return "text"

    def _poke(self) -> None:
        self.pokes += 1

    def _wake(self) -> None:
        self.wakes += 1


@asynccontextmanager
async def playing(core: Core) -> AsyncIterator[Story]:
    story = Story(core)
    await story.server.start()
    peers = [asyncio.create_task(peer.run()) for peer in (story.worker.client, story.watcher)]
    await until(lambda: story.executor.has_hello and story.watcher.connected)
    yield story
    for peer in peers:
        peer.cancel()
    await asyncio.gather(*peers, return_exceptions=True)
    await story.server.close()


def play(core: Core, scene: Callable[[Story], Awaitable[None]]) -> None:
    async def whole() -> None:
        async with playing(core) as story:
            await scene(story)

    asyncio.run(whole())


def test_reports_are_taken_and_acknowledged_after_the_commit(core: Core) -> None:
    async def scene(story: Story) -> None:
        story.worker.client.send(Started(seq=1, key=KEY, pid=2, at=NOW))
        story.worker.client.send(Finished(seq=2, key=KEY, at=NOW, outcome="success"))
        reports = []
        await until(lambda: reports.extend(story.executor.take_reports()) or len(reports) == 2)
        assert [report.seq for report in reports] == [1, 2]
        assert not story.worker.heard
        story.executor.acknowledge()
        await until(lambda: story.worker.heard == [Ack(seq=2)])

    play(core, scene)


def test_after_a_restart_the_worker_says_hello_again(core: Core) -> None:
    async def scene(story: Story) -> None:
        assert story.executor.take_hello() is not None
        story.worker.client.send(Started(seq=1, key=KEY, pid=2, at=NOW))
        await until(lambda: story.wakes >= 2)
        story.executor.restart()
        assert story.executor.take_reports() == []
        assert not story.executor.is_connected
        await until(lambda: story.executor.has_hello)
        assert story.worker.hellos == 2

    play(core, scene)


def test_a_try_that_cannot_be_told_fails_alone(core: Core) -> None:
    async def scene(story: Story) -> None:
        good, bad = launch(TryKey(1, 1), "r"), launch(TryKey(2, 1), "\ud800")
        story.executor.submit([bad, good])
        await until(lambda: story.worker.heard == [good])
        (report,) = story.executor.take_reports()
        assert isinstance(report, Finished)
        assert (report.key, report.outcome) == (bad.key, "fail_now")

    play(core, scene)


def test_only_the_newest_progress_of_a_try_is_kept(core: Core) -> None:
    async def scene(story: Story) -> None:
        for done in (1, 2, 3):
            story.worker.client.send(Progress(key=KEY, done=done, total=3))
        story.worker.client.send(Progress(key=TryKey(2, 1), done=1, total=9))
        seen = []
        await until(lambda: seen.extend(story.executor.take_progress()) or len(seen) >= 2)
        assert seen[-1].total == 9

    play(core, scene)


def test_questions_are_answered_and_errors_are_told(core: Core) -> None:
    async def scene(story: Story) -> None:
        for number, name in enumerate(["good", "absent", "bug"]):
            body = GetSource(source_hash=name)
            story.worker.client.send(Request(id=number, key=KEY, body=body))
        await until(lambda: len(story.worker.heard) == 3)
        replies = {reply.id: reply for reply in story.worker.heard if isinstance(reply, Reply)}
        assert replies[0].value == "text"
        assert replies[1].error == "no DAG source has the hash absent"
        assert replies[2].error == "ZeroDivisionError: oops"

    play(core, scene)


def test_a_question_waits_while_the_database_is_away(
    core: Core, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "AGAIN_S", 0.01)

    async def scene(story: Story) -> None:
        answers = iter([DatabaseUnusable("away"), DatabaseUnusable("away"), "back"])

        def answer(request: Request) -> str:
            found = next(answers)
            if isinstance(found, DatabaseUnusable):
                raise found
            return found

        monkeypatch.setattr(story.server, "_answer", answer)
        story.worker.client.send(Request(id=1, key=KEY, body=GetSource(source_hash="x")))
        await until(lambda: story.worker.heard)
        assert story.worker.heard == [Reply(id=1, value="back")]

    play(core, scene)


def test_a_question_is_refused_when_the_database_stays_away(
    core: Core, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "PATIENCE_S", 0.0)

    async def scene(story: Story) -> None:
        def answer(request: Request) -> str:
            raise DatabaseUnusable("the server is away")

        monkeypatch.setattr(story.server, "_answer", answer)
        story.worker.client.send(Request(id=1, key=KEY, body=GetSource(source_hash="x")))
        await until(lambda: story.worker.heard)
        assert story.worker.heard == [Reply(id=1, error="the server is away")]

    play(core, scene)


def test_watchers_poke_and_hear_what_was_committed(core: Core) -> None:
    async def scene(story: Story) -> None:
        story.watcher.poke()
        await until(lambda: story.pokes)
        story.server.broadcast(Committed(event_id=7))
        await until(lambda: story.news == [Committed(event_id=7)])

    play(core, scene)


def test_the_socket_is_private_and_replaced_when_stale(core: Core) -> None:
    core.paths.scheduler_socket.write_text("left behind")

    async def scene(story: Story) -> None:
        assert core.paths.scheduler_socket.stat().st_mode & 0o077 == 0

    play(core, scene)


def test_everything_on_the_wire_has_a_kind_of_its_own() -> None:
    names = [kind.__name__ for kind in FromPeer.__args__]
    assert len(names) == len(set(names))


def test_peers_leave_a_frozen_scheduler_for_the_one_that_took_its_place(core: Core) -> None:
    async def scene(story: Story) -> None:
        hellos: list[Hello] = []
        successor = ExecutionServer(
            core.paths.scheduler_socket, answer=story._answer, on_poke=story._poke
        )
        successor.on_hello = hellos.append
        await successor.start()  # the former one still listens, at a path that is not there
        try:
            await until(lambda: hellos)
            await until(lambda: not story.server.has_worker)
        finally:
            await successor.close()

    play(core, scene)


def test_whoever_was_deposed_answers_nothing_and_the_successor_is_asked(core: Core) -> None:
    async def scene(story: Story) -> None:
        asked: list[Request] = []

        def refuse(request: Request) -> None:
            asked.append(request)
            raise Deposed

        story.server._answer = refuse
        story.worker.client.send(Request(id=1, body=GetSource(source_hash="x")))
        story.worker.client.send(Request(id=2, body=GetSource(source_hash="y")))
        await until(lambda: len(asked) == 2)
        story.server._answer = story._answer
        story.worker.client.send(Request(id=3, body=GetSource(source_hash="z")))
        await until(lambda: story.worker.heard)
        assert story.worker.heard == [Reply(id=3, value="text")]

    play(core, scene)


def test_server_whose_socket_was_removed_listens_anew(core: Core) -> None:
    async def scene(story: Story) -> None:
        path = core.paths.scheduler_socket
        path.unlink()
        story.server.stay_reachable()
        await until(path.exists)
        await until(lambda: story.worker.hellos == 2 and story.watcher.connected)
        story.server.send(Ack(seq=7))
        await until(lambda: Ack(seq=7) in story.worker.heard)
        before = path.stat().st_ino
        story.server.stay_reachable()
        assert path.stat().st_ino == before

    play(core, scene)
