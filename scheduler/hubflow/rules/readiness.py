"""May a task run, given the states of its direct upstream tasks and its trigger rule?"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from typing import NamedTuple

from hubflow.states import TaskState


class Readiness(Enum):
    """What to do with a waiting task now."""

    RUN = "run"
    WAIT = "wait"
    SKIP = "skip"
    UPSTREAM_FAILED = "upstream_failed"


class Upstream(NamedTuple):
    """How many direct upstream instances are in which finished state; `total` counts all.

    `setups` counts those of them that are setups, which only teardowns look at.
    """

    total: int
    success: int = 0
    failed: int = 0
    upstream_failed: int = 0
    skipped: int = 0
    setups: int = 0
    setups_success: int = 0
    setups_skipped: int = 0

    @property
    def bad(self) -> int:
        return self.failed + self.upstream_failed

    @property
    def is_done(self) -> bool:
        return self.success + self.bad + self.skipped >= self.total


COUNTED: Mapping[TaskState, str] = {
    TaskState.SUCCESS: "success",
    TaskState.FAILED: "failed",
    TaskState.UPSTREAM_FAILED: "upstream_failed",
    TaskState.SKIPPED: "skipped",
    TaskState.REMOVED: "skipped",
}


def count(states: Iterable[TaskState], setups: Iterable[TaskState] = ()) -> Upstream:
    """Count upstream states; unfinished ones only enter `total`.

    ``setups`` are the states of further upstream instances, which are setups.
    """
    upstream = Upstream(0)
    for is_setup, some in ((False, states), (True, setups)):
        for state in some:
            upstream = upstream._replace(
                total=upstream.total + 1, setups=upstream.setups + is_setup
            )
            upstream = _counted(upstream, state, 1, is_setup=is_setup)
    return upstream


def together(one: Upstream, other: Upstream) -> Upstream:
    """Return the counts of two sets of upstream instances as one."""
    return Upstream(*map(operator.add, one, other))


def moved(upstream: Upstream, old: TaskState, new: TaskState, *, is_setup: bool) -> Upstream:
    """Return the counts after one of the instances has moved."""
    upstream = _counted(upstream, old, -1, is_setup=is_setup)
    return _counted(upstream, new, 1, is_setup=is_setup)


def _counted(upstream: Upstream, state: TaskState, by: int, *, is_setup: bool) -> Upstream:
    if (name := COUNTED.get(state)) is None:
        return upstream
    upstream = upstream._replace(**{name: getattr(upstream, name) + by})
    if is_setup and name in ("success", "skipped"):
        name = f"setups_{name}"
        upstream = upstream._replace(**{name: getattr(upstream, name) + by})
    return upstream


def readiness(trigger_rule: str, upstream: Upstream) -> Readiness:
    """Say what becomes of a waiting task.

    A task without upstream tasks is always ready. Raises KeyError for an unknown rule, which a
    serialized DAG cannot have: the SDK refuses it.

    Source: SEMANTICS 2.4 and Appendix B, as in Airflow 1.10.
    """
    if upstream.total == 0:
        return Readiness.RUN
    return RULES[trigger_rule](upstream)


def _all_success(up: Upstream) -> Readiness:
    if up.bad:
        return Readiness.UPSTREAM_FAILED
    if up.skipped:
        return Readiness.SKIP
    return Readiness.RUN if up.success == up.total else Readiness.WAIT


def _all_failed(up: Upstream) -> Readiness:
    if up.success or up.skipped:
        return Readiness.SKIP
    return Readiness.RUN if up.bad == up.total else Readiness.WAIT


def _all_done(up: Upstream) -> Readiness:
    return Readiness.RUN if up.is_done else Readiness.WAIT


def _one_success(up: Upstream) -> Readiness:
    if up.success:
        return Readiness.RUN
    return Readiness.SKIP if up.is_done else Readiness.WAIT


def _one_failed(up: Upstream) -> Readiness:
    if up.bad:
        return Readiness.RUN
    return Readiness.SKIP if up.is_done else Readiness.WAIT


def _none_failed(up: Upstream) -> Readiness:
    if up.bad:
        return Readiness.UPSTREAM_FAILED
    return Readiness.RUN if up.is_done else Readiness.WAIT


def _none_failed_or_skipped(up: Upstream) -> Readiness:
    if up.bad:
        return Readiness.UPSTREAM_FAILED
    if not up.is_done:
        return Readiness.WAIT
    return Readiness.RUN if up.success else Readiness.SKIP


def _none_skipped(up: Upstream) -> Readiness:
    if up.skipped:
        return Readiness.SKIP
    return Readiness.RUN if up.is_done else Readiness.WAIT


def _always(up: Upstream) -> Readiness:
    return Readiness.RUN


def _one_done(up: Upstream) -> Readiness:
    if up.success or up.failed:
        return Readiness.RUN
    return Readiness.SKIP if up.is_done else Readiness.WAIT


def _all_skipped(up: Upstream) -> Readiness:
    if up.success or up.bad:
        return Readiness.SKIP
    return Readiness.RUN if up.skipped == up.total else Readiness.WAIT


def _all_done_setup_success(up: Upstream) -> Readiness:
    if not up.is_done:
        return Readiness.WAIT
    if up.setups == 0 or up.setups_success:
        return Readiness.RUN
    return Readiness.SKIP if up.setups_skipped == up.setups else Readiness.UPSTREAM_FAILED


RULES: Mapping[str, Callable[[Upstream], Readiness]] = {
    "all_success": _all_success,
    "all_failed": _all_failed,
    "all_done": _all_done,
    "one_success": _one_success,
    "one_failed": _one_failed,
    "none_failed": _none_failed,
    "none_failed_or_skipped": _none_failed_or_skipped,
    "none_failed_min_one_success": _none_failed_or_skipped,
    "none_skipped": _none_skipped,
    "dummy": _always,
    "always": _always,
    "one_done": _one_done,
    "all_skipped": _all_skipped,
    "all_done_setup_success": _all_done_setup_success,
}
