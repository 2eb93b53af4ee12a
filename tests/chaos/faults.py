"""What the adversary does. Each fault returns the moment from which the recovery is counted."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import time
from collections.abc import Callable
from typing import NamedTuple

import httpx

from chaos.cluster import FAKETIME, Cluster, is_alive
from chaos.history import END, PAUSE, START, Tail
from hubflow.steps import Step
from servers.schemas import Server

FROZEN_S = 4.5
"""Longer than the lease of 3 s."""
DISK_FULL_S = 2.0
DATABASE_AWAY_S = 3.0
HOUR_S = 3600
STEP_LIMIT_S = 15.0
EXTRA = """
from datetime import datetime
from hubflow import DAG
from hubflow.operators import DummyOperator
with DAG("extra{number}", schedule_interval=None, start_date=datetime(2026, 1, 1)) as dag:
    DummyOperator(task_id="nothing")
"""


class Struck(NamedTuple):
    """A fault that was done: ``since`` when, and how long it took until all was well again, if
    the fault has measured that itself."""

    since: float
    recovery_s: float | None = None


class Adversary:
    """Does faults to a cluster; ``rng`` chooses everything that is left to chance."""

    def __init__(self, cluster: Cluster, tail: Tail, rng: random.Random) -> None:
        self.cluster, self.tail, self.rng = cluster, tail, rng
        self._saved = 0

    # ---- kill -9 -------------------------------------------------------------------------------

    def kill_leader(self) -> Struck:
        return self._kill(self.cluster.pid(self.cluster.leader()))

    def kill_standby(self) -> Struck:
        return self._kill(self.cluster.pid(self.cluster.standby()))

    def kill_both_schedulers(self) -> Struck:
        self._kill(self.cluster.pid(self.cluster.standby()))
        return self.kill_leader()

    def kill_worker(self) -> Struck:
        return self._kill(self.cluster.pid("worker"))

    def kill_zygote(self) -> Struck:
        pids = self.cluster.wait_for(self.cluster.zygotes)
        return self._kill(self.rng.choice(sorted(pids)))

    def kill_task(self) -> Struck:
        return self._kill(self.rng.choice(self.cluster.wait_for(self._running_tasks)))

    def kill_processor(self) -> Struck:
        struck = self._kill(self.cluster.pid("processor"))
        return self._until_stored(struck.since)

    def kill_service(self) -> Struck:
        struck = self._kill(self.cluster.pid("service"))
        return self._until_served(struck.since)

    def kill_everything(self) -> Struck:
        """As when the machine is switched off, but for its disk."""
        for process in self.cluster.processes.values():
            process.kill()
        return Struck(time.monotonic())

    def kill_at(self, step: Step, kind: str) -> Struck:
        """Kill whoever comes to a step next. Raises TimeoutError when nobody does."""
        self._order(step, kind, signal.SIGKILL)
        since = time.monotonic()
        if kind == "service":
            return self._until_served(since)
        return self._until_stored(since) if kind == "processor" else Struck(since)

    # ---- pause ---------------------------------------------------------------------------------

    def freeze_leader(self) -> Struck:
        pid, since = self.cluster.pid(self.cluster.leader()), time.monotonic()
        _signal(pid, signal.SIGSTOP)
        self.cluster.pause(FROZEN_S + self.rng.random() * 2)
        _signal(pid, signal.SIGCONT)
        return Struck(since)

    def freeze_leader_in_its_turn(self) -> Struck:
        """It holds the lock of the database, or stands between a commit and what follows."""
        step = self.rng.choice([Step.TURN_WRITTEN, Step.TURN_COMMITTED, Step.FRAME_SENT])
        pid, since = self._order(step, "scheduler", signal.SIGSTOP), time.monotonic()
        self.cluster.pause(FROZEN_S + self.rng.random() * 2)
        _signal(pid, signal.SIGCONT)
        return Struck(since)

    def freeze_worker(self) -> Struck:
        pid = self.cluster.pid("worker")
        _signal(pid, signal.SIGSTOP)
        self.cluster.pause(1 + self.rng.random() * FROZEN_S)
        _signal(pid, signal.SIGCONT)
        return Struck(time.monotonic())

    def freeze_zygotes_and_kill_worker(self) -> Struck:
        """A zygote that wakes up later must not start what its dead worker asked for."""
        frozen = self.cluster.wait_for(self.cluster.zygotes)
        for pid in frozen:
            _signal(pid, signal.SIGSTOP)
        self.cluster.pause(0.3)
        struck = self.kill_worker()
        self.cluster.pause(1.5)
        for pid in frozen:
            _signal(pid, signal.SIGCONT)
        return struck

    # ---- connections, disk, clock, orderly ends --------------------------------------------------

    def remove_socket(self) -> Struck:
        """And have a worker that must connect anew."""
        self.cluster.paths.scheduler_socket.unlink(missing_ok=True)
        return self.kill_worker()

    def fill_disk(self) -> Struck:
        with self.cluster.full_disk():
            self.cluster.pause(DISK_FULL_S)
        return Struck(time.monotonic())

    def fill_disk_and_kill_worker(self) -> Struck:
        with self.cluster.full_disk():
            self.cluster.pause(0.3)
            self.kill_worker()
            self.cluster.pause(DISK_FULL_S)
        return Struck(time.monotonic())

    def kill_database(self) -> Struck:
        """The server dies with all its processes, and is started again after a while."""
        server = self._server()
        server.kill()
        self.cluster.pause(self.rng.random() * DATABASE_AWAY_S)
        server.start()
        return Struck(time.monotonic())

    def cut_connections(self) -> Struck:
        """The server hangs up on everybody who is connected, a few times."""
        address = self.cluster.address
        assert address is not None
        for _ in range(3):
            self._server().disconnect(address)
            self.cluster.pause(self.rng.random() * 0.3)
        return Struck(time.monotonic())

    def jump_clock(self) -> Struck:
        self.cluster.set_clock(self.rng.choice([-HOUR_S, 0, HOUR_S]))
        return Struck(time.monotonic())

    def terminate_leader(self) -> Struck:
        return self._terminate(self.cluster.leader())

    def terminate_worker(self) -> Struck:
        return self._terminate("worker")

    def _server(self) -> Server:
        assert self.cluster.server is not None
        return self.cluster.server

    # ---- helpers ---------------------------------------------------------------------------------

    def _kill(self, pid: int) -> Struck:
        _signal(pid, signal.SIGKILL)
        return Struck(time.monotonic())

    def _terminate(self, name: str) -> Struck:
        """End a process in an orderly way; it has to be gone soon, with status 0."""
        self.cluster.pid(name)
        process, since = self.cluster.processes[name], time.monotonic()
        process.terminate()
        self.cluster.wait_for(lambda: process.returncode is not None, limit_s=20)
        if process.returncode != 0:
            raise AssertionError(f"{name} ended with {process.returncode} when it was asked to")
        return Struck(since)

    def _order(self, step: Step, kind: str, number: int) -> int:
        """Have a step end somebody, and see to it that somebody comes there."""
        self.cluster.order(step.name, kind, number)
        if step is Step.LEASE_TAKEN:
            self.kill_leader()
        elif step is Step.PREDECESSOR_BURIED:
            self.kill_worker()
        elif kind == "processor":
            self._save()
        try:
            pid = self.cluster.wait_for(
                lambda: self.cluster.obeyed(step.name, kind), limit_s=STEP_LIMIT_S
            )
        except AssertionError:
            if self.cluster.withdraw(step.name, kind):
                raise TimeoutError(f"no {kind} came to {step.name}") from None
            pid = self.cluster.wait_for(lambda: self.cluster.obeyed(step.name, kind))
        assert pid is not None
        return pid

    def _running_tasks(self) -> list[int]:
        """Return the pids of processes of tries, as their own lines say."""
        running: set[int] = set()
        for line in self.tail.read()[-300:]:
            if line.event == START:
                running.add(line.pid)
            elif line.event in (END, PAUSE):
                running.discard(line.pid)
        ours = set(self.cluster.descendants())
        return sorted(pid for pid in running & ours if is_alive(pid))

    def _save(self) -> str:
        self._saved += 1
        name = f"extra{self._saved}"
        self.cluster.save(f"{name}.py", EXTRA.format(number=self._saved))
        return name

    def _until_stored(self, since: float) -> Struck:
        """Save another DAG file, and wait until it is stored."""
        query = f"select count(*) from dag where dag_id = '{self._save()}'"
        self.cluster.wait_for(lambda: self.cluster.count(query))
        return Struck(since, time.monotonic() - since)

    def _until_served(self, since: float) -> Struck:
        def is_up() -> bool:
            with contextlib.suppress(httpx.TransportError):
                return client.get("/health").status_code == 200
            return False

        with self.cluster.client() as client:
            self.cluster.wait_for(is_up)
        return Struck(since, time.monotonic() - since)


def _signal(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


KINDS_OF_STEPS: dict[Step, tuple[str, ...]] = {
    step: ("scheduler", "worker", "service")
    if step is Step.FRAME_SENT
    else (step.partition(":")[0],)
    for step in Step
}
STEPS = [(step, kind) for step, kinds in KINDS_OF_STEPS.items() for kind in kinds]


def plan(rng: random.Random, count: int, cluster: Cluster) -> list[tuple[str, str]]:
    """Choose ``count`` faults, (name, argument): each kind about as often as its weight says."""
    weights: dict[str, int] = {
        "kill_leader": 5,
        "kill_standby": 2,
        "kill_both_schedulers": 2,
        "kill_worker": 5,
        "kill_zygote": 4,
        "kill_task": 4,
        "kill_processor": 2,
        "kill_service": 3,
        "kill_everything": 1,
        "kill_at": 14,
        "freeze_leader": 2,
        "freeze_leader_in_its_turn": 2,
        "freeze_worker": 2,
        "freeze_zygotes_and_kill_worker": 2,
        "remove_socket": 2,
        "terminate_leader": 1,
        "terminate_worker": 1,
    }
    if cluster.has_disk:
        weights |= {"fill_disk": 1, "fill_disk_and_kill_worker": 1}
    if cluster.server is not None:
        weights |= {"kill_database": 4, "cut_connections": 4}
    if FAKETIME.exists():
        weights["jump_clock"] = 2
    bag: list[tuple[str, str]] = []
    steps = list(STEPS)
    while len(bag) < count:
        once = [name for name, weight in weights.items() for _ in range(weight)]
        rng.shuffle(once)
        for name in once:
            argument = ""
            if name == "kill_at":
                if not steps:
                    steps = list(STEPS)
                step, kind = steps.pop(rng.randrange(len(steps)))
                argument = f"{step.name}@{kind}"
            bag.append((name, argument))
    return bag[:count]


def strike(adversary: Adversary, name: str, argument: str) -> Struck:
    """Do one fault of a plan."""
    if name == "kill_at":
        step, _, kind = argument.partition("@")
        return adversary.kill_at(Step[step], kind)
    method: Callable[[], Struck] = getattr(adversary, name)
    return method()
