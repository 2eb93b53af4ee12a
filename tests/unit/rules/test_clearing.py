"""Which task instances a clear or mark touches."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from hubflow.rules import clearing as rules
from hubflow.rules.clearing import Instance, Spread
from hubflow.states import TaskEvent, TaskState

S, E = TaskState, TaskEvent
DIAMOND = {"a": ["b", "c"], "b": ["z"], "c": ["z"], "z": []}
DAY = datetime(2026, 1, 1, tzinfo=UTC)


def one_of_each() -> list[Instance]:
    """An instance in every state, named for it."""
    return [Instance(n, state.value, state, 1) for n, state in enumerate(S)]


def states_of(decided: list[tuple[Instance, TaskEvent]]) -> set[TaskState]:
    return {instance.state for instance, _ in decided}


@pytest.mark.parametrize(
    ("named", "upstream", "downstream", "found"),
    [
        (["b"], False, False, "b"),
        (["b"], True, False, "ab"),
        (["b"], False, True, "bz"),
        (["b"], True, True, "abz"),
        (["b", "c"], True, True, "abcz"),
        (["z"], True, False, "abcz"),
        (["gone"], True, True, ["gone"]),
    ],
)
def test_relatives(named: list[str], upstream: bool, downstream: bool, found: str) -> None:
    assert rules.related(DIAMOND, named, upstream=upstream, downstream=downstream) == set(found)


def test_relatives_of_a_line_of_thousands_need_no_recursion() -> None:
    line = {f"t{n}": [f"t{n + 1}"] for n in range(20_000)}
    assert len(rules.related(line, ["t0"], upstream=False, downstream=True)) == 20_001


@pytest.mark.parametrize(
    ("spread", "bounds"),
    [
        (Spread(), (DAY, DAY)),
        (Spread(past=True), (None, DAY)),
        (Spread(future=True), (DAY, None)),
        (Spread(past=True, future=True), (None, None)),
    ],
)
def test_dates(spread: Spread, bounds: tuple[datetime | None, datetime | None]) -> None:
    assert rules.date_range(DAY, spread) == bounds


def test_a_clear_touches_all_but_what_is_clear_or_gone() -> None:
    touched = states_of(rules.to_clear(one_of_each()))
    assert touched == set(S) - {S.NONE, S.REMOVED, S.RESTARTING}


def test_only_failed_and_only_running() -> None:
    failed = rules.to_clear(one_of_each(), only_failed=True)
    assert states_of(failed) == {S.FAILED, S.UPSTREAM_FAILED}
    assert states_of(rules.to_clear(one_of_each(), only_running=True)) == {S.QUEUED, S.RUNNING}


@pytest.mark.parametrize("event", rules.MARKS)
def test_a_mark_touches_what_differs(event: TaskEvent) -> None:
    touched = rules.to_mark(one_of_each(), event)
    assert states_of(touched) == set(S) - {S.REMOVED, rules.MARKS[event]}
    assert {what for _, what in touched} == {event}


def test_failed_descendants_of_a_marked_task_are_resumed() -> None:
    states = {"a": S.FAILED, "b": S.FAILED, "c": S.SUCCESS, "z": S.UPSTREAM_FAILED}
    instances = [Instance(n, name, state, 1) for n, (name, state) in enumerate(states.items())]
    resumed = rules.to_resume(DIAMOND, instances[1:2], instances, {})
    assert [(item.task_id, what) for item, what in resumed] == [("z", E.CLEARED)]


def failed(*places: tuple[str, int]) -> list[Instance]:
    return [Instance(n, name, S.FAILED, 1, index) for n, (name, index) in enumerate(places)]


LINE = {"x": ["y"], "y": ["z"], "z": []}
ALL = failed(("x", 0), ("x", 1), ("y", 0), ("y", 1), ("z", -1))


@pytest.mark.parametrize(
    ("edges", "groups", "resumed"),
    [
        (LINE, {}, {("y", 0), ("y", 1), ("z", -1)}),
        (LINE, {"x": "g", "y": "g"}, {("y", 1), ("z", -1)}),
        (LINE, {"x": "g", "y": "h"}, {("y", 0), ("y", 1), ("z", -1)}),
        ({"x": ["z"], "z": ["y"], "y": []}, {"x": "g", "y": "g"}, {("y", 0), ("y", 1), ("z", -1)}),
    ],
)
def test_in_a_mapped_group_a_mark_resumes_its_own_index(
    edges: dict[str, list[str]], groups: dict[str, str], resumed: set[tuple[str, int]]
) -> None:
    found = rules.to_resume(edges, [ALL[1]], ALL, groups)
    assert {(item.task_id, item.map_index) for item, _ in found} == resumed


def test_a_run_marked_as_success_makes_all_its_tasks_succeed() -> None:
    assert states_of(rules.on_run_success(one_of_each())) == set(S) - {S.SUCCESS, S.REMOVED}


def test_a_run_marked_as_failed_fails_what_is_under_way_and_skips_the_rest() -> None:
    became = {item.state: event for item, event in rules.on_run_failure(one_of_each())}
    assert became == {
        S.NONE: E.MARKED_SKIPPED,
        S.SCHEDULED: E.MARKED_SKIPPED,
        S.QUEUED: E.MARKED_SKIPPED,
        S.UP_FOR_RETRY: E.MARKED_SKIPPED,
        S.RUNNING: E.MARKED_FAILED,
        S.RESTARTING: E.MARKED_FAILED,
        S.DEFERRED: E.MARKED_FAILED,
        S.UP_FOR_RESCHEDULE: E.MARKED_FAILED,
    }
