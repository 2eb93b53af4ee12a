"""P8: tasks that come at a steady rate, from leisurely to the limit."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sqlalchemy import select

from benchmarks import processes
from benchmarks.chains import make
from benchmarks.report import Row, percentile
from benchmarks.stage import Stage, engine
from hubflow.cli.local import local_actor, poke
from hubflow.db import orm
from hubflow.services import dag_runs
from hubflow.services.dto import TriggerRun
from hubflow.states import RUN_FINISHED

LADDER = (500, 2000, 6000, 12000)
"""Tasks a minute."""
STEP_S, LONG_STEP_S = 10.0, 600.0
WIDTH = 10
"""Tasks of one run; all of them are due at once."""
GOAL_S, GROWTH_GOAL_KB = 0.5, 1.0

SOURCE = f"""
from datetime import datetime
from hubflow import DAG
from hubflow.operators import BashOperator

with DAG("steady", schedule_interval=None, start_date=datetime(2026, 1, 1),
         max_active_runs=1000, concurrency=1000, is_paused_upon_creation=False) as dag:
    for number in range({WIDTH}):
        BashOperator(task_id=f"t{{number}}", bash_command="true")
"""


class Step(NamedTuple):
    """Seconds from due to started of every task, CPU seconds, and how late the last came."""

    delays: list[float]
    cpu_s: float
    lag_s: float


def measure() -> Iterator[Row]:
    """Yield the rows of P8: one for each rate, and how memory grew."""
    return _measure(LADDER, STEP_S)


def measure_long() -> Iterator[Row]:
    """Yield the same for the highest rate, kept up for ten minutes."""
    return _measure(LADDER[-1:], LONG_STEP_S)


def _measure(rates: Sequence[int], step_s: float) -> Iterator[Row]:
    with engine("--Worker.warm_kernels=0") as stage:
        stage.write_dags(SOURCE, 1)
        _run(stage, 2000, 2.0, "warm-up")
        before, tasks = _memory_kb(stage), 0
        for rate in rates:
            step = _run(stage, rate, step_s, f"rate-{rate}")
            tasks += len(step.delays)
            yield _row(rate, step_s, step)
        grown = (_memory_kb(stage) - before) / tasks
        parts = processes.each(stage.pids)
    yield Row(
        f"P8 memory that stays per task after {len(rates) * step_s:.0f} s "
        "(PSS of scheduler, processor and worker)",
        GROWTH_GOAL_KB,
        grown,
        "kB",
        "",
        f"{tasks:,} tasks; at the end {parts}",
    )


def _row(rate: int, step_s: float, step: Step) -> Row:
    p50, p95, p99 = (percentile(step.delays, percent) for percent in (50, 95, 99))
    per_task = 1000 * step.cpu_s / len(step.delays)
    return Row(
        f"P8 {rate:,} tasks a minute for {step_s:.0f} s: due → started, p95",
        GOAL_S,
        p95,
        "s",
        f"GNU make could start {60 / make().wall_s * 1000:,.0f} a minute",
        f"p50 {p50:.3f} s, p99 {p99:.3f} s; {per_task:.1f} ms of CPU a task; the last trigger was "
        f"{step.lag_s:.2f} s late",
    )


def _run(stage: Stage, rate: int, seconds: float, name: str) -> Step:
    """Trigger runs at ``rate`` tasks a minute; a run is due when its turn comes, sent or not."""
    count, pause = round(rate / 60 * seconds / WIDTH), 60 * WIDTH / rate
    cpu_before, begin = processes.cpu_s(stage.pids.values()), time.time()
    due = {f"{name}-{number}": begin + number * pause for number in range(count)}
    for run_id, at in due.items():
        time.sleep(max(0.0, at - time.time()))
        body = TriggerRun(dag_run_id=run_id)
        dag_runs.trigger(stage.services, local_actor(), "steady", body)
        poke(stage.paths)
    lag_s = time.time() - max(due.values())
    stage.wait(lambda: not _unfinished(stage), 300)
    cpu_s = processes.cpu_s(stage.pids.values()) - cpu_before
    delays = [start - due[run_id] for run_id, start in _starts(stage) if run_id in due]
    return Step(delays, cpu_s, lag_s)


def _starts(stage: Stage) -> list[tuple[str, float]]:
    query = select(orm.DagRun.run_id, orm.TaskInstance.start_date).join(
        orm.TaskInstance, orm.TaskInstance.dag_run_id == orm.DagRun.id
    )
    with stage.database.read() as session:
        return [(run_id, start.timestamp()) for run_id, start in session.execute(query) if start]


def _unfinished(stage: Stage) -> bool:
    query = select(orm.DagRun.id).where(orm.DagRun.state.not_in(RUN_FINISHED)).limit(1)
    with stage.database.read() as session:
        return session.scalar(query) is not None


def _memory_kb(stage: Stage) -> float:
    return 1024 * processes.pss_mb(stage.pids.values())
