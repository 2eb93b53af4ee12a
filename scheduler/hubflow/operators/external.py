"""Runs and tasks of other DAGs that a task waits for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from hubflow.clock import plain_utc
from hubflow.questions import FindRuns, FindTasks, Question


class Verdict(Enum):
    """What became of what a sensor waits for."""

    WAIT = "wait"
    SUCCESS = "success"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which task instances (or, without task ids, runs) must be in which states.

    Any in a ``failed`` state decides, then any in a ``skipped`` one; all must be ``allowed``.
    """

    dag_id: str
    execution_dates: Sequence[datetime]
    task_ids: Sequence[str] | None
    allowed: frozenset[str]
    failed: frozenset[str] = frozenset()
    skipped: frozenset[str] = frozenset()

    def question(self) -> Question:
        """Return what to ask; `judge` takes the answer."""
        dates = [plain_utc(date) for date in self.execution_dates]
        if self.task_ids is None:
            return FindRuns(dag_id=self.dag_id, execution_dates=dates)
        return FindTasks(
            dag_id=self.dag_id, execution_dates=dates, task_ids=list(dict.fromkeys(self.task_ids))
        )

    def judge(self, found: Sequence[Mapping[str, Any]]) -> Verdict:
        """Judge the rows that the question found."""
        states: dict[tuple[Any, Any], set[str]] = {}
        for row in found:
            key = (plain_utc(row["execution_date"]), row.get("task_id"))
            states.setdefault(key, set()).add(row["state"])
        seen = set().union(*states.values())
        if seen & self.failed:
            return Verdict.FAILED
        if seen & self.skipped:
            return Verdict.SKIPPED
        wanted = {
            (plain_utc(date), task_id)
            for date in self.execution_dates
            for task_id in (self.task_ids if self.task_ids is not None else [None])
        }
        are_there = all(key in states and states[key] <= self.allowed for key in wanted)
        return Verdict.SUCCESS if are_there else Verdict.WAIT
