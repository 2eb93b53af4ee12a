"""P6: every list, filter and order that the API offers, with a million task instances."""

from __future__ import annotations

import http.client
import json
import random
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

from benchmarks import million, processes
from benchmarks.report import Row, percentile
from benchmarks.stage import Stage, home
from hubflow.db.queries import audit, dag_runs, instance_search
from integration.hub.hub import free_ports

GOAL_MS, GRID_GOAL_S = 100, 1.0
API = "/hubflow/api/v1"
SAMPLE, SEED = 300, 6
"""So many pages of task instances are asked for, of all combinations; `--long` asks for all."""
ROUNDS = 2
"""Each page is asked for so often, and the quicker answer counts."""
DAG, RUN = "busy_07", million.run_id(42)
LATE, DAY = "2026-10-05T00:00:00Z", "2026-08-11T00:00:00Z"


class Ask(NamedTuple):
    """One page of one list: what it is asked for."""

    path: str
    query: dict[str, Any]
    body: dict[str, Any] | None = None

    @property
    def words(self) -> str:
        """What people read about it."""
        return f"{self.path} {json.dumps(self.body or self.query)}"


class Answer(NamedTuple):
    """What the quickest answer took: milliseconds on the clock, and of the service's CPU."""

    wall_ms: float
    cpu_ms: float


class Server(NamedTuple):
    """A running service."""

    port: int
    pid: int


def measure(sample: int = SAMPLE) -> Iterator[Row]:
    """Yield the rows of P6 that need no browser."""
    with home() as stage:
        million.build(stage)
        with serving(stage) as server:
            yield from _rows(server, sample)


def measure_long() -> Iterator[Row]:
    """Yield the same for all combinations."""
    return measure(len(list(_instances())))


def _rows(server: Server, sample: int) -> Iterator[Row]:
    chosen = random.Random(SEED).sample(list(_instances()), sample)
    groups = {"task instances": chosen, "everything else": list(_others())}
    yardstick = f"`GET version`: {ask(server, Ask('version', {})).wall_ms:.1f} ms"
    for name, asks in groups.items():
        answers = [(one, ask(server, one)) for one in asks]
        slowest = sorted(answers, key=lambda found: -found[1].wall_ms)[:3]
        times, cpu = ([getattr(found, of) for _, found in answers] for of in Answer._fields)
        late = sum(value > GOAL_MS for value in times)
        yield Row(
            f"P6 page of a list at 1,000,000 task instances: {name}, p95",
            GOAL_MS,
            percentile(times, 95),
            "ms",
            yardstick,
            f"p50 {percentile(times, 50):.0f} ms; CPU of the service p50 {percentile(cpu, 50):.0f} "
            f"ms, p95 {percentile(cpu, 95):.0f} ms; {late} of {len(times)} lists × filters × "
            "orders took longer than the goal, longest: "
            + "; ".join(f"{one.words} {found.wall_ms:.0f} ms" for one, found in slowest),
        )
    grid = Ask(f"views/dags/{million.WIDE}/grid", {"limit": million.RUNS})
    answer = ask(server, grid)
    yield Row(
        f"P6 grid of {million.WIDE_TASKS:,} tasks × {million.RUNS} runs: answer of the API",
        GRID_GOAL_S,
        answer.wall_ms / 1000,
        "s",
        yardstick,
        f"{answer.cpu_ms / 1000:.2f} s of CPU",
    )


def _instances() -> Iterator[Ask]:
    """Yield pages of task instances: of everything, of a DAG, of a run, and as a batch."""
    orders = _both(instance_search.ORDERS)
    filters: list[dict[str, Any]] = [
        {},
        {"state": "failed"},
        {"state": "success"},
        {"state": "running"},
        {"state": ["failed", "upstream_failed"]},
        {"pool": "heavy"},
        {"pool": "default_pool"},
        {"queue": "gpu"},
        {"duration_gte": 330},
        {"duration_lte": 60},
        {"start_date_gte": LATE},
        {"end_date_lte": DAY},
        {"execution_date_gte": DAY, "execution_date_lte": DAY},
        {"execution_date_gte": LATE},
        {"state": "failed", "pool": "heavy", "execution_date_gte": LATE},
    ]
    for where in ("~/dagRuns/~", f"{DAG}/dagRuns/~", f"{million.WIDE}/dagRuns/~"):
        for narrowed in filters:
            for order in orders:
                yield Ask(f"dags/{where}/taskInstances", {**narrowed, "order_by": order})
    for order in orders:
        run = quote(RUN, safe="")
        yield Ask(f"dags/{DAG}/dagRuns/{run}/taskInstances", {"order_by": order})
        yield Ask(f"dags/~/dagRuns/{run}/taskInstances", {"order_by": order})
        for body in ({"task_ids": ["task_00042"]}, {"dag_ids": [DAG, "busy_08"]}):
            yield Ask("dags/~/dagRuns/~/taskInstances/list", {}, {**body, "order_by": order})
    for offset in (1000, 5000):
        yield Ask("dags/~/dagRuns/~/taskInstances", {"offset": offset})


def _others() -> Iterator[Ask]:
    """Yield pages of all other lists and views."""
    for where in ("~", DAG):
        for narrowed in (
            {},
            {"state": "failed"},
            {"execution_date_gte": LATE},
            {"end_date_lte": DAY},
        ):
            for order in _both(dag_runs.ORDERS):
                yield Ask(f"dags/{where}/dagRuns", {**narrowed, "order_by": order})
    for narrowed in (
        {},
        {"dag_id": DAG},
        {"event": "clear"},
        {"owner": "eve"},
        {"task_id": "task_00042"},
        {"after": LATE},
        {"excluded_events": "trigger,clear"},
    ):
        for order in _both(audit.ORDERS):
            yield Ask("eventLogs", {**narrowed, "order_by": order})
    for paged in ("dags", "alerts", "slaMisses", "backfills", "variables", "connections", "pools"):
        yield Ask(paged, {})
        yield Ask(paged, {"offset": 200})
    for path in ("alerts", "slaMisses"):
        yield Ask(path, {"dag_id": DAG})
    yield Ask("alerts", {"state": "failed"})
    for narrowed in ({"dag_id_pattern": "busy"}, {"tags": "bench"}, {"paused": "true"}):
        yield Ask("dags", narrowed)
    for narrowed in ({}, {"search": "quiet"}, {"state": "failed"}, {"paused": "all"}):
        yield Ask("views/dags", narrowed)
    for path in ("views/attention", "importErrors", "dagWarnings", "dagStats", "events", "health"):
        yield Ask(path, {})
    run = quote(RUN, safe="")
    for path in ("structure", "source", "grid", f"runs/{run}/tasks/task_00042"):
        yield Ask(f"views/dags/{DAG}/{path}", {})
    yield Ask(f"views/dags/{million.WIDE}/structure", {})
    yield Ask(f"dags/{DAG}/dagRuns/{run}/taskInstances/task_00042/xcomEntries", {})


def _both(orders: Sequence[str] | Any) -> list[str]:
    return [f"{sign}{name}" for name in orders for sign in ("", "-")]


def ask(server: Server, wanted: Ask) -> Answer:
    """Ask for a page, and return what the quickest answer took."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)
    url = f"{API}/{wanted.path}?{urlencode(wanted.query, doseq=True)}"
    body = None if wanted.body is None else json.dumps(wanted.body)
    found = []
    for _ in range(ROUNDS):
        cpu_ms, begin = processes.exact_cpu_ms(server.pid), time.perf_counter()
        connection.request("GET" if body is None else "POST", url, body)
        answer = connection.getresponse()
        content = answer.read()
        wall_ms = 1000 * (time.perf_counter() - begin)
        found.append(Answer(wall_ms, processes.exact_cpu_ms(server.pid) - cpu_ms))
        if answer.status != 200:
            raise SystemExit(f"{url}: {answer.status} {content[:300]!r}")
    connection.close()
    return Answer(*map(min, zip(*found, strict=True)))


@contextmanager
def serving(stage: Stage) -> Iterator[Server]:
    """Run the API and the page on a port of their own."""
    (port,) = free_ports(1)
    with (stage.paths.logs / "service.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.service", str(port)],
            env=stage.environment,
            stdout=log,
            stderr=log,
            cwd=Path(__file__).parent.parent,
        )
        try:
            stage.wait(lambda: listens(port), 60)
            yield Server(port, process.pid)
        finally:
            process.terminate()
            process.wait(30)


def listens(port: int) -> bool:
    """Say whether somebody answers on a port of this machine."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
