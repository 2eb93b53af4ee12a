"""What one turn of the loop decided, collected to be written in one transaction.

`touch` remembers where a task instance or run stood in the database before this turn moved it;
that is the guard of its one UPDATE, however often it moves in memory.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from hubflow.db.queries import alert_store, event_store, run_moves, task_moves, xcom_store
from hubflow.events import DagChanged, RunChanged, TaskCellDto, task_cell
from hubflow.execution.messages import Await, Finished, Kill, Launch, Pause, Started
from hubflow.questions import XComItem
from hubflow.scheduler.active_runs import Node, RunGraph
from hubflow.states import FINISHED, PAUSED, RunState, TaskState

_TOLD = FINISHED | PAUSED
"""States of a task that say how its try stands, too."""


@dataclass(slots=True)
class Changes:
    """Moves to write, events to append, and what to send once both are committed."""

    at: datetime
    nodes: dict[int, tuple[Node, TaskState, int]] = field(default_factory=dict)
    runs: dict[int, tuple[RunGraph, RunState]] = field(default_factory=dict)
    new_tries: dict[int, dict[str, Any]] = field(default_factory=dict)
    paused: dict[int, Node] = field(default_factory=dict)
    """Instances whose `pause` changed."""
    decided: dict[int, Node] = field(default_factory=dict)
    """Instances whose `rules_out` changed."""
    continued: list[task_moves.TryGoesOn] = field(default_factory=list)
    ended_tries: list[task_moves.TryEnd] = field(default_factory=list)
    xcoms: list[tuple[int, XComItem]] = field(default_factory=list)
    retried: list[int] = field(default_factory=list)
    dags: list[str] = field(default_factory=list)
    failing: set[int] = field(default_factory=set)
    """Keys of DAGs of which a run has failed: they may have to be switched off."""
    alerts: list[dict[str, Any]] = field(default_factory=list)
    """Columns of alerts to be stored."""
    alert_ends: list[alert_store.AlertEnd] = field(default_factory=list)
    has_mail: bool = False
    news: list[tuple[str, str | None, Any]] = field(default_factory=list)
    """Further events: (kind, dag id, data)."""
    launches: list[Launch] = field(default_factory=list)
    awaits: list[Await] = field(default_factory=list)
    kills: list[Kill] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    """For how many seconds each try that started waited for its slot and its process."""

    def touch(self, node: Node) -> None:
        """Call before the first move of a node in this turn."""
        if node.id not in self.nodes:
            self.nodes[node.id] = (node, node.state, node.try_number)
        self.touch_run(node.run)

    def touch_run(self, run: RunGraph) -> None:
        """Call before the first change of a run in this turn."""
        if run.id not in self.runs:
            self.runs[run.id] = (run, run.state)

    def try_started(self, node: Node, report: Started, hostname: str | None) -> None:
        """Note that the current try of ``node`` has a process."""
        node.hostname, node.pid = hostname, report.pid
        if node.pause is None and node.ready_at is not None:
            self.waits.append((report.at - node.ready_at).total_seconds())
        if node.pause is None:
            self.new_tries[node.id] = _try_row(node, hostname, report.pid)
        else:
            self.continued.append(
                task_moves.TryGoesOn(
                    id_=node.id, try_=node.try_number, hostname_=hostname, pid_=report.pid
                )
            )

    def set_pause(self, node: Node, pause: Pause | None) -> None:
        """Change where the current try of ``node`` stands between two processes."""
        if node.pause is not pause:
            node.pause = pause
            self.paused[node.id] = node

    def try_ended(self, node: Node, report: Finished) -> None:
        """Note how the current try of ``node`` ended; its state is the new one already.

        One that only pauses gets no end date.
        """
        end = task_moves.TryEnd(
            id_=node.id,
            try_=node.try_number,
            state_=node.state if node.state in _TOLD else _outcome(report),
            code_at_=report.code_at,
            end_=node.end_date,
            exit_code_=report.exit_code,
            error_=report.error,
            error_detail_=report.error_detail,
            artifacts_=report.artifacts or None,
        )
        if row := self.new_tries.get(node.id):
            row.update(_columns(end))
        else:
            self.ended_tries.append(end)
        self.xcoms.extend((node.id, item) for item in report.xcoms)

    def try_never_started(self, node: Node) -> None:
        """Give a try that ended without a process a row of its own."""
        if node.pause is None:
            self.new_tries[node.id] = _try_row(node, None, None)

    def write(self, session: Session) -> None:
        """Write everything; raises StaleState when the database is not as it was read."""
        task_moves.move(session, [_move(*entry) for entry in self.nodes.values()])
        if self.paused:
            task_moves.set_pauses(session, {key: n.pause for key, n in self.paused.items()})
        if self.decided:
            task_moves.set_rules_out(session, {key: n.rules_out for key, n in self.decided.items()})
        task_moves.insert_tries(session, list(self.new_tries.values()))
        task_moves.continue_tries(session, self.continued)
        task_moves.end_tries(session, self.ended_tries)
        xcom_store.put(session, self.xcoms, self.at)
        task_moves.clear_xcoms(session, self.retried)
        alert_store.end(session, self.alert_ends)
        run_moves.move(session, [_run_move(run, was) for run, was in self.runs.values()])
        event_store.append_many(session, self._events(), self.at)

    def _events(self) -> list[tuple[str, str | None, Any]]:
        """One event for each run that changed, with its changed tasks; then changed DAGs."""
        cells: dict[int, list[TaskCellDto]] = {}
        for node, _, _ in self.nodes.values():
            cells.setdefault(node.run.id, []).append(task_cell(node.task.task_id, node))
        rows: list[tuple[str, str | None, Any]] = [
            (
                "run",
                run.dag_id,
                RunChanged(dag_id=run.dag_id, run=run.brief(), tasks=cells.get(key, [])),
            )
            for key, (run, _) in self.runs.items()
        ]
        rows += [
            ("dag", dag_id, DagChanged(dag_id=dag_id, change="changed")) for dag_id in self.dags
        ]
        return rows + self.news


def _move(node: Node, state: TaskState, try_number: int) -> task_moves.TaskMove:
    return task_moves.TaskMove(
        id_=node.id,
        expected=state,
        expected_try=try_number,
        state_=node.state,
        try_=node.try_number,
        ready_=node.ready_at,
        queued_=node.queued_at,
        start_=node.start_date,
        end_=node.end_date,
        retry_=node.retry_at,
        hostname_=node.hostname,
        pid_=node.pid,
    )


def _run_move(run: RunGraph, was: RunState) -> run_moves.RunMove:
    return run_moves.RunMove(
        id_=run.id,
        expected=was,
        state_=run.state,
        start_=run.start_date,
        end_=run.end_date,
        counts_=run.plain_counts(),
        version_=run.version_id,
        reason_=run.reason.value if run.reason else None,
    )


def _outcome(report: Finished) -> TaskState:
    """Say how a try ended whose task is not done with that."""
    return TaskState(report.outcome) if report.outcome in FINISHED else TaskState.FAILED


def _try_row(node: Node, hostname: str | None, pid: int | None) -> dict[str, Any]:
    return {
        "task_instance_id": node.id,
        "try_number": node.try_number,
        "state": TaskState.RUNNING,
        "ready_at": node.ready_at,
        "queued_at": node.queued_at,
        "start_date": node.start_date,
        "code_at": None,
        "end_date": None,
        "hostname": hostname,
        "pid": pid,
        "exit_code": None,
        "error": None,
        "error_detail": None,
        "artifacts": None,
    }


def _columns(end: task_moves.TryEnd) -> dict[str, Any]:
    return {
        "state": end["state_"],
        "code_at": end["code_at_"],
        "end_date": end["end_"],
        "exit_code": end["exit_code_"],
        "error": end["error_"],
        "error_detail": end["error_detail_"],
        "artifacts": end["artifacts_"],
    }
