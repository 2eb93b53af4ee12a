"""The two ends of the execution protocol over a real unix socket."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from hubflow.errors import ProtocolBroken
from hubflow.execution import framing
from hubflow.execution.client import WatcherClient
from hubflow.execution.framing import Connection
from hubflow.execution.messages import (
    Ack,
    Committed,
    FromPeer,
    Poke,
    ToPeer,
    Transient,
    Watch,
)
from hubflow.execution.sockets import bind, connect


def between(
    tmp_path: Path,
    story: Callable[[Connection[object], Connection[object]], Awaitable[None]],
) -> None:
    """Run ``story`` with the server's and the client's end of one connection."""

    async def run() -> None:
        accepted: asyncio.Queue[Connection[object]] = asyncio.Queue()

        async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await accepted.put(Connection(reader, writer, FromPeer))

        server = await asyncio.start_unix_server(accept, sock=bind(tmp_path / "s.sock"))
        theirs: Connection[object] = Connection(*await connect(tmp_path / "s.sock"), ToPeer)
        ours = await accepted.get()
        await asyncio.wait_for(story(ours, theirs), 10)
        await theirs.close()
        await ours.close()
        server.close()

    asyncio.run(run())


def test_one_turn_of_the_loop_is_one_frame(tmp_path: Path) -> None:
    async def story(ours: Connection[object], theirs: Connection[object]) -> None:
        for seq in range(300):
            ours.send(Ack(seq=seq))
        assert await theirs.receive() == [Ack(seq=seq) for seq in range(300)]

    between(tmp_path, story)


def test_long_batches_are_cut(tmp_path: Path) -> None:
    async def story(ours: Connection[object], theirs: Connection[object]) -> None:
        news = Transient(kind="log", data={"text": "x" * 300_000})
        for _ in range(10):
            ours.send(news)
        got: list[object] = []
        frames = 0
        while len(got) < 10:
            got += await theirs.receive()
            frames += 1
        assert got == [news] * 10
        assert frames > 1

    between(tmp_path, story)


def test_end_of_stream_is_an_empty_frame(tmp_path: Path) -> None:
    async def story(ours: Connection[object], theirs: Connection[object]) -> None:
        await theirs.close()
        assert await ours.receive() == []

    between(tmp_path, story)


@pytest.mark.parametrize(
    "data",
    [
        framing.LENGTH.pack(framing.MAX_FRAME_BYTES + 1),
        framing.LENGTH.pack(3) + b"\x93\x01\x02",
        framing.LENGTH.pack(1) + b"\xc1",
    ],
    ids=["too long", "cut short", "no msgpack"],
)
def test_nonsense_is_refused(tmp_path: Path, data: bytes) -> None:
    async def story(ours: Connection[object], theirs: Connection[object]) -> None:
        theirs._writer.write(data)
        with pytest.raises(ProtocolBroken):
            await ours.receive()

    between(tmp_path, story)


def test_socket_is_private_and_its_path_may_be_long(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 120)
    deep.mkdir()

    async def story(ours: Connection[object], theirs: Connection[object]) -> None:
        assert (deep / "s.sock").stat().st_mode & 0o777 == 0o600

    between(deep, story)


def test_watcher_comes_back_with_its_poke(tmp_path: Path) -> None:
    path = tmp_path / "s.sock"
    heard: list[object] = []
    connects: list[int] = []

    async def serve_once(watcher: WatcherClient, event_id: int) -> list[object]:
        got: list[object] = []
        done = asyncio.Event()

        async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            connection: Connection[object] = Connection(reader, writer, FromPeer)
            got.extend(await connection.receive())
            connection.send(Committed(event_id=event_id))
            while len(heard) < event_id:
                await asyncio.sleep(0)
            await connection.close()
            done.set()

        server = await asyncio.start_unix_server(accept, sock=bind(path))
        await asyncio.wait_for(done.wait(), 10)
        server.close()
        while watcher.connected:
            await asyncio.sleep(0)
        return got

    async def story() -> None:
        watcher = WatcherClient(path, "service", heard.append, lambda: connects.append(1))
        running = asyncio.create_task(watcher.run())
        assert await serve_once(watcher, 1) == [Watch(name="service")]
        watcher.poke()
        assert await serve_once(watcher, 2) == [Watch(name="service"), Poke()]
        running.cancel()

    asyncio.run(story())
    assert heard == [Committed(event_id=1), Committed(event_id=2)]
    assert len(connects) == 2
