"""The steps of the protocol at which a process may die, by name.

`reach` does nothing: it costs one call where a transaction or a process start costs a thousand
times as much. Tests put a function in its place that kills or stops the process
(`tests/chaos/launch.py`), so no setting, variable or file can make a real one do that.
"""

from __future__ import annotations

from enum import StrEnum


class Step(StrEnum):
    """Where a process has just come to."""

    LEASE_TAKEN = "scheduler: the lease is taken, nobody knows yet"
    TURN_WRITTEN = "scheduler: a turn is written, not committed"
    TURN_COMMITTED = "scheduler: a turn is committed, nobody was told"
    TASK_ANSWERED = "scheduler: what a task asked for is written, the task not told"

    PREDECESSOR_BURIED = "worker: what a former worker left is ended and reported"
    LAUNCH_TAKEN = "worker: a try has come in, nothing is written"
    START_JOURNALED = "worker: the journal says that a try begins, there is no process"
    PROCESS_SPAWNED = "worker: a process runs, the journal does not know it"
    PROCESS_JOURNALED = "worker: the journal knows the process, the scheduler does not"
    PROCESS_ENDED = "worker: a process is over, the journal does not know"
    RESULT_JOURNALED = "worker: the journal has a result, it is not sent"
    RESULT_ACKNOWLEDGED = "worker: a result is acknowledged, still in the journal"

    DAG_WRITTEN = "processor: a DAG is written, not committed"
    DAG_COMMITTED = "processor: a DAG is committed, nobody was told"
    REQUEST_WRITTEN = "service: what somebody asked for is written, not committed"
    REQUEST_COMMITTED = "service: what somebody asked for is committed, nobody was told"

    FRAME_SENT = "scheduler or worker or service: what was to be told has left"


def reach(step: Step) -> None:
    """Say that the process has come to ``step``."""
