"""States of tasks, runs and backfills, what they mean and what leads from one to another."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from hubflow.states import (
    FINISHED,
    HELD,
    OUTSIDE_MOVES,
    OUTSIDE_RUN_MOVES,
    OWN_MOVES,
    OWN_RUN_MOVES,
    RUN_FINISHED,
    BackfillState,
    RunReason,
    RunState,
    TaskState,
)
from reference_tables.markdown import code, table

Moves = Mapping[tuple[Any, Any], StrEnum]

TASKS: Mapping[TaskState, str] = {
    TaskState.NONE: "Waits for what it depends on. `null` in the API.",
    TaskState.SCHEDULED: "May run; waits for a slot.",
    TaskState.QUEUED: "Has a slot; a worker is told.",
    TaskState.RUNNING: "Its process is up.",
    TaskState.SUCCESS: "Ended well, or was marked so.",
    TaskState.FAILED: "Its last try failed, or it was marked so.",
    TaskState.UP_FOR_RETRY: "A try failed; the next one waits for `retry_delay`.",
    TaskState.UP_FOR_RESCHEDULE: "A sensor gave its slot back until it looks again.",
    TaskState.DEFERRED: "Waits for a trigger, without a process and without a slot.",
    TaskState.RESTARTING: "Was cleared while a worker had it; its process is being ended.",
    TaskState.UPSTREAM_FAILED: "Was not run, because something before it failed.",
    TaskState.SKIPPED: "Was not run: a branch, a trigger rule or the task itself decided so.",
    TaskState.REMOVED: "The DAG has no such task any more.",
}
RUNS: Mapping[RunState, str] = {
    RunState.QUEUED: "Waits for its turn (`max_active_runs`), its date, or the DAG to be on.",
    RunState.RUNNING: "Its tasks are started as they become ready.",
    RunState.SUCCESS: "All tasks are done, and no last task failed.",
    RunState.FAILED: "A last task failed, nothing could go on, or the time was over.",
}
BACKFILLS: Mapping[BackfillState, str] = {
    BackfillState.QUEUED: "Is asked for; has made no run yet.",
    BackfillState.RUNNING: "Makes its runs, or waits for their ends.",
    BackfillState.SUCCESS: "All runs succeeded.",
    BackfillState.FAILED: "A run failed.",
    BackfillState.CANCELLED: "Somebody stopped it.",
}
REASONS: Mapping[RunReason, str] = {
    RunReason.SUCCESS: "It succeeded.",
    RunReason.TASK_FAILURE: "A last task failed.",
    RunReason.DEADLOCKED: "Tasks were left, and none of them could ever run.",
    RunReason.TIMED_OUT: "It took longer than `dagrun_timeout`.",
}


def task_meanings() -> str:
    """Tabulate the states of a task instance."""
    rows = [
        (code(state), TASKS[state], yes(state in FINISHED), yes(state in HELD))
        for state in TaskState
    ]
    return table(["state", "", "finished", "holds a slot"], rows)


def run_meanings() -> str:
    """Tabulate the states of a DAG run."""
    rows = [(code(s), RUNS[s], yes(s in RUN_FINISHED)) for s in RunState]
    return table(["state", "", "finished"], rows)


def backfill_meanings() -> str:
    """Tabulate the states of a backfill."""
    return table(["state", ""], [(code(state), BACKFILLS[state]) for state in BackfillState])


def run_reasons() -> str:
    """Tabulate why runs end."""
    return table(["reason", ""], [(code(reason), REASONS[reason]) for reason in RunReason])


def task_diagram() -> str:
    """Draw what happens to a task instance by itself."""
    return diagram(OWN_MOVES, "none")


def run_diagram() -> str:
    """Draw what happens to a run by itself."""
    return diagram(OWN_RUN_MOVES, "queued")


def task_moves() -> str:
    """Tabulate what people can do to a task instance."""
    return from_outside(OUTSIDE_MOVES)


def run_moves() -> str:
    """Tabulate what people can do to a run."""
    return from_outside(OUTSIDE_RUN_MOVES)


def yes(is_so: bool) -> str:
    """Write a fact as a table cell."""
    return "yes" if is_so else ""


def diagram(moves: Moves, first: str) -> str:
    """Draw a state machine as Mermaid, in the order of its table."""
    lines = ["```mermaid", "stateDiagram-v2", f"    [*] --> {first}"]
    lines += [f"    {state} --> {target}: {event}" for (state, event), target in moves.items()]
    return "\n".join([*lines, "```"])


def from_outside(moves: Moves) -> str:
    """Tabulate moves: one row for each event and what it leads to."""
    rows: dict[tuple[str, str], list[str]] = {}
    for (state, event), target in moves.items():
        rows.setdefault((event, target), []).append(state)
    return table(
        ["event", "from", "to"],
        [(event, ", ".join(at), target) for (event, target), at in rows.items()],
    )
