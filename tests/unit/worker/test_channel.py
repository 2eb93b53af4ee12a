"""The channel between a task process and its supervisor."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from hubflow.errors import HubflowError, ProtocolBroken
from hubflow.execution.messages import Reply
from hubflow.execution.question_channel import Ask
from hubflow.questions import PullXCom, PushXCom, XComItem
from hubflow.sdk.xcom import XComQuery, XComValue
from hubflow.worker.channel import (
    Artifact,
    ChildChannel,
    FromChild,
    Progressed,
    SupervisorChannel,
)
from hubflow.worker.channel_runtime import ChannelRuntime

DAY = datetime(2026, 11, 22, tzinfo=UTC)
PUSH = PushXCom(item=XComItem(key="k", encoding="json", data=b"1", text="1"))


def supervised(
    child: Callable[[ChildChannel], object],
    answer: Callable[[Ask], Reply | None] = lambda ask: Reply(id=ask.id),
) -> tuple[list[FromChild], object]:
    """Run ``child`` in a thread against a supervisor; return what that heard, and the result."""
    heard: list[FromChild] = []

    async def run() -> object:
        ours, theirs = socket.socketpair()

        def take(message: FromChild) -> None:
            heard.append(message)
            if isinstance(message, Ask) and (reply := answer(message)):
                supervisor.reply(reply)

        supervisor = SupervisorChannel(ours, take)
        channel = ChildChannel(theirs.detach())
        try:
            return await asyncio.to_thread(child, channel)
        finally:
            supervisor.drain()
            channel.close()

    return heard, asyncio.run(run())


def test_messages_arrive_in_order() -> None:
    def child(channel: ChildChannel) -> None:
        for number in range(100):
            channel.tell(Progressed(number, 100, "x" * 10_000))
        channel.tell(Artifact("notebook", "a/b.ipynb"))

    heard, _ = supervised(child)
    assert [message.done for message in heard[:-1]] == list(range(100))  # type: ignore[union-attr]
    assert heard[-1] == Artifact("notebook", "a/b.ipynb")


def test_an_answer_that_comes_too_late_loses_nothing_that_was_said() -> None:
    said = Artifact("notebook", "a/b.ipynb")
    heard: list[FromChild] = []

    async def run() -> None:
        ours, theirs = socket.socketpair()
        supervisor = SupervisorChannel(ours, heard.append)
        channel = ChildChannel(theirs.detach())
        channel.post(PUSH)
        channel.tell(said)
        channel.close()
        supervisor.reply(Reply(id=1))
        supervisor.drain()

    asyncio.run(run())
    assert heard == [Ask(1, PUSH), said]


def test_large_answer_arrives_whole() -> None:
    value = "y" * 5_000_000
    _, got = supervised(lambda c: c.ask(PUSH), lambda ask: Reply(id=ask.id, value=value))
    assert got == value


def test_refusal_is_raised() -> None:
    with pytest.raises(HubflowError, match="no such XCom"):
        supervised(lambda c: c.ask(PUSH), lambda ask: Reply(id=ask.id, error="no such XCom"))


def test_threads_of_a_task_may_ask_at_once() -> None:
    def child(channel: ChildChannel) -> list[object]:
        got: list[object] = []
        threads = [
            threading.Thread(target=lambda: got.append(channel.ask(PUSH))) for _ in range(20)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return got

    _, got = supervised(child, lambda ask: Reply(id=ask.id, value=ask.id))
    assert sorted(got) == list(range(1, 21))  # type: ignore[call-overload]


def test_hung_up_worker_is_an_error() -> None:
    ours, theirs = socket.socketpair()
    channel = ChildChannel(theirs.detach())
    ours.close()
    with pytest.raises((ProtocolBroken, BrokenPipeError)):
        channel.ask(PUSH)
    channel.close()


def test_nonsense_from_user_code_closes_the_channel() -> None:
    async def run() -> int:
        ours, theirs = socket.socketpair()
        supervisor = SupervisorChannel(ours, lambda message: None)
        theirs.sendall(b"\xff\xff\xff\xffnonsense")
        supervisor.drain()
        theirs.close()
        return ours.fileno()

    assert asyncio.run(run()) == -1


def run_runtime(work: Callable[[ChannelRuntime], object]) -> tuple[list[FromChild], object]:
    def answer(ask: Ask) -> Reply:
        if isinstance(ask.body, PullXCom):
            row = {
                "task_id": "t",
                "key": "return_value",
                "encoding": "json",
                "data": b"7",
                "execution_date": DAY,
                "at": DAY,
            }
            return Reply(id=ask.id, value=[row])
        return Reply(id=ask.id)

    return supervised(lambda channel: work(ChannelRuntime(channel)), answer)


def test_return_value_travels_with_the_outcome() -> None:
    def work(runtime: ChannelRuntime) -> list[XComItem]:
        runtime.push_xcom(XComValue("return_value", "json", b"7", "7"))
        return runtime.unsent()

    heard, unsent = run_runtime(work)
    assert heard == []
    assert unsent == [XComItem(key="return_value", encoding="json", data=b"7", text="7")]


def test_other_values_are_stored_at_once() -> None:
    heard, _ = run_runtime(lambda r: r.push_xcom(XComValue("k", "json", b"1", "1")))
    assert heard == [Ask(1, PUSH)]


def test_task_can_pull_what_it_returned_before() -> None:
    def work(runtime: ChannelRuntime) -> tuple[object, object]:
        runtime.push_xcom(XComValue("return_value", "json", b"7", "7"))
        found = runtime.pull_xcoms(XComQuery(dag_id="d", execution_date=DAY))
        return found[0].data, runtime.unsent()

    heard, result = run_runtime(work)
    assert [type(ask.body) for ask in heard if isinstance(ask, Ask)] == [PushXCom, PullXCom]
    assert result == (b"7", [])
