"""The scheduler as one would write it without thinking of speed: no counters, no lines, no memory
of what changed. `test_model.py` compares it with the real one.

Dates are whole hours, times whole minutes. Everything is looked at anew, every time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

RETRY_MINUTES = 2
DONE = {"success", "failed", "upstream_failed", "skipped"}
HELD = {"queued", "running"}


@dataclass
class Task:
    """A task as drawn; `after` are its direct upstream tasks."""

    name: str
    after: list[str]
    rule: str
    retries: int
    weight: int
    pool: str
    slots: int
    limit: int | None
    depends_on_past: bool
    waits_for_downstream: bool
    is_dummy: bool
    first: int
    """The date from which it takes part, and (`last`) until which it may run."""
    last: int


@dataclass
class Dag:
    name: str
    tasks: list[Task]
    concurrency: int
    max_active_runs: int
    timeout: int
    """In minutes."""
    is_paused: bool = False

    def below(self, name: str) -> list[Task]:
        return [task for task in self.tasks if name in task.after]


@dataclass
class Instance:
    task: Task
    state: str = "none"
    tries: int = 0
    retry_at: int = 0


@dataclass
class Run:
    dag: Dag
    date: int
    state: str = "queued"
    reason: str | None = None
    ends_by: int = 0
    tasks: dict[str, Instance] = field(default_factory=dict)

    def states_above(self, task: Task) -> list[str]:
        return [self.tasks[n].state if n in self.tasks else "none" for n in task.after]


class Key(NamedTuple):
    """A task instance: execution date (they differ over all DAGs) and task."""

    date: int
    task: str


class Model:
    """All that is known, and what follows from it."""

    def __init__(self, dags: list[Dag], parallelism: int, pools: dict[str, int]) -> None:
        self.dags = dags
        self.parallelism = parallelism
        self.pools = pools
        self.runs: list[Run] = []
        self.now = 0

    # ---- what happens

    def trigger(self, dag: Dag, date: int) -> None:
        self.runs.append(Run(dag, date))

    def finish(self, key: Key, outcome: str) -> None:
        run, one = self._find(key)
        if outcome == "failed" and one.tries <= one.task.retries:
            one.state, one.retry_at = "up_for_retry", self.now + RETRY_MINUTES
            return
        one.state = "failed" if outcome == "fail_now" else outcome
        self._look_at(run, run.dag.below(key.task))

    def start(self, key: Key) -> None:
        self._find(key)[1].state = "running"

    def settle(self) -> None:
        """Do all that follows, until nothing changes any more; but give no slots."""
        before = None
        while before != (before := self.picture()):
            self._take_what_is_due()
            self._admit()
            for run in self._running():
                self._look_at(run, run.dag.tasks)
                self._end(run)

    def give_slots(self) -> list[Key]:
        """Give free slots to those who are first and fit; returns them in this order."""
        given: list[Key] = []
        competing: dict[str, set[str]] = {}
        for run, one in self._waiting():
            competing.setdefault(one.task.pool, set()).add(run.dag.name)
        while fitting := [pair for pair in self._waiting() if self._fits(pair[0], pair[1].task)]:
            # Who has less than a fair share goes first; else the order of waiting stays.
            run, one = min(fitting, key=lambda pair: self._has_share(pair, competing))
            one.state = "queued"
            one.tries += 1
            given.append(Key(run.date, one.task.name))
        return given

    def _has_share(self, pair: tuple[Run, Instance], competing: dict[str, set[str]]) -> bool:
        run, pool = pair[0], pair[1].task.pool
        size = self.pools[pool] if self.pools[pool] >= 0 else self.parallelism
        share = max(1, min(size, self.parallelism) // len(competing[pool]))
        held = sum(
            one.task.slots
            for other, one in self._instances()
            if one.state in HELD and other.dag is run.dag and one.task.pool == pool
        )
        return held >= share

    def held(self, state: str) -> list[Key]:
        return [
            Key(run.date, one.task.name) for run, one in self._instances() if one.state == state
        ]

    def picture(self) -> dict[object, tuple[str | None, ...]]:
        """Return all that the database shows, too."""
        shown: dict[object, tuple[str | None, ...]] = {
            run.date: (run.state, run.reason) for run in self.runs
        }
        for run in self.runs:
            for one in run.tasks.values():
                shown[Key(run.date, one.task.name)] = (one.state, str(one.tries))
        return shown

    # ---- what follows

    def _take_what_is_due(self) -> None:
        for run in self._running():
            for one in run.tasks.values():
                if one.state == "up_for_retry" and one.retry_at <= self.now:
                    one.state = "scheduled"
            if run.ends_by <= self.now:
                for one in run.tasks.values():
                    if one.state not in DONE:
                        one.state = "skipped"
                run.state, run.reason = "failed", "dagrun_timeout"

    def _admit(self) -> None:
        for run in sorted(self.runs, key=lambda run: run.date):
            active = sum(other.dag is run.dag for other in self._running())
            has_room = active < run.dag.max_active_runs and not run.dag.is_paused
            if run.state == "queued" and has_room:
                run.state, run.ends_by = "running", self.now + run.dag.timeout
                run.tasks = {t.name: Instance(t) for t in run.dag.tasks if t.first <= run.date}
                self._look_at(run, run.dag.tasks)

    def _look_at(self, run: Run, tasks: list[Task]) -> None:
        """Decide these tasks, and whatever comes after those that are decided."""
        queue = [task for task in tasks if task.name in run.tasks]
        while queue:
            one = run.tasks[queue.pop(0).name]
            if one.state != "none":
                continue
            verdict = verdict_of(one.task.rule, run.states_above(one.task))
            if verdict == "run":
                if self._is_over(run, one.task) or self._waits_for_past(run, one.task):
                    continue
                one.state = "success" if one.task.is_dummy else "scheduled"
                one.tries = int(one.task.is_dummy)
            elif verdict != "wait":
                one.state = verdict
            if one.state in DONE:
                queue += [task for task in run.dag.below(one.task.name) if task.name in run.tasks]

    @staticmethod
    def _is_over(run: Run, task: Task) -> bool:
        return run.date > task.last

    def _waits_for_past(self, run: Run, task: Task) -> bool:
        if not task.depends_on_past:
            return False
        earlier = [other for other in self.runs if other.dag is run.dag and other.date < run.date]
        if not earlier:
            return False
        before = max(earlier, key=lambda other: other.date)
        if before.date < task.first:
            return False
        if task.name not in before.tasks:
            return True
        if before.tasks[task.name].state not in {"success", "skipped"}:
            return True
        below = [before.tasks[t.name] for t in run.dag.below(task.name) if t.name in before.tasks]
        return task.waits_for_downstream and any(one.state != "success" for one in below)

    def _end(self, run: Run) -> None:
        states = {one.state for one in run.tasks.values()}
        if states <= DONE:
            leaves = [
                one.state
                for one in run.tasks.values()
                if not any(task.name in run.tasks for task in run.dag.below(one.task.name))
            ]
            is_bad = bool({"failed", "upstream_failed"} & set(leaves))
            run.state = "failed" if is_bad else "success"
            run.reason = "task_failure" if is_bad else "success"
        elif states - DONE == {"none"} and not any(map(self._may_still_come, self._left(run))):
            run.state, run.reason = "failed", "all_tasks_deadlocked"

    def _left(self, run: Run) -> list[tuple[Run, Task]]:
        return [(run, one.task) for one in run.tasks.values() if one.state == "none"]

    def _may_still_come(self, pair: tuple[Run, Task]) -> bool:
        run, task = pair
        is_ready = verdict_of(task.rule, run.states_above(task)) == "run"
        return is_ready and not self._is_over(run, task) and self._waits_for_past(run, task)

    # ---- slots

    def _waiting(self) -> list[tuple[Run, Instance]]:
        waiting = [
            (run, one)
            for run, one in self._instances()
            if one.state == "scheduled" and not run.dag.is_paused
        ]
        return sorted(
            waiting,
            key=lambda pair: (
                -pair[1].task.weight,
                pair[0].date,
                pair[0].dag.tasks.index(pair[1].task),
            ),
        )

    def _fits(self, run: Run, task: Task) -> bool:
        held = [(other, one.task) for other, one in self._instances() if one.state in HELD]
        in_pool = sum(other.slots for _, other in held if other.pool == task.pool)
        size = self.pools.get(task.pool, 0)
        same = sum(other is task for _, other in held)
        return (
            len(held) < self.parallelism
            and sum(other.dag is run.dag for other, _ in held) < run.dag.concurrency
            and (size == -1 or in_pool + task.slots <= size)
            and (task.limit is None or same < task.limit)
        )

    # ---- finding things

    def _running(self) -> list[Run]:
        return [run for run in self.runs if run.state == "running"]

    def _instances(self) -> Iterator[tuple[Run, Instance]]:
        for run in self._running():
            for one in run.tasks.values():
                yield run, one

    def _find(self, key: Key) -> tuple[Run, Instance]:
        run = next(run for run in self.runs if run.date == key.date)
        return run, run.tasks[key.task]


def verdict_of(rule: str, above: list[str]) -> str:
    """Apply a trigger rule, as SEMANTICS 2.4 words it, to the states of the upstream tasks."""
    if not above:
        return "run"
    all_done = all(state in DONE for state in above)
    bad = [state for state in above if state in {"failed", "upstream_failed"}]
    skipped = [state for state in above if state == "skipped"]
    good = [state for state in above if state == "success"]
    everything = len(above)
    match rule:
        case "all_success" if bad:
            return "upstream_failed"
        case "all_success" if skipped:
            return "skipped"
        case "all_success":
            return "run" if len(good) == everything else "wait"
        case "all_failed" if good or skipped:
            return "skipped"
        case "all_failed":
            return "run" if len(bad) == everything else "wait"
        case "all_done":
            return "run" if all_done else "wait"
        case "one_success" | "one_failed":
            if good if rule == "one_success" else bad:
                return "run"
            return "skipped" if all_done else "wait"
        case "none_failed" | "none_failed_or_skipped" if bad:
            return "upstream_failed"
        case "none_failed_or_skipped" if len(skipped) == everything:
            return "skipped"
        case "none_failed" | "none_failed_or_skipped":
            return "run" if all_done else "wait"
        case "none_skipped":
            return "skipped" if skipped else "run" if all_done else "wait"
    return "run"  # dummy
