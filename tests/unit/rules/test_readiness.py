"""Trigger rules, by the table of SEMANTICS Appendix B and a few of 2.x."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubflow.rules.readiness import RULES, Readiness, Upstream, count, moved, readiness, together
from hubflow.states import FINISHED, TaskState

LETTERS = {
    "S": TaskState.SUCCESS,
    "F": TaskState.FAILED,
    "U": TaskState.UPSTREAM_FAILED,
    "K": TaskState.SKIPPED,
    ".": TaskState.RUNNING,
}
RUN, WAIT, SKIP, UF = (
    Readiness.RUN,
    Readiness.WAIT,
    Readiness.SKIP,
    Readiness.UPSTREAM_FAILED,
)
COLUMNS = (
    "all_success",
    "all_failed",
    "all_done",
    "one_success",
    "one_failed",
    "none_failed",
    "none_failed_or_skipped",
    "none_skipped",
)
TABLE = {
    "SS": (RUN, SKIP, RUN, RUN, SKIP, RUN, RUN, RUN),
    "SF": (UF, SKIP, RUN, RUN, RUN, UF, UF, RUN),
    "SK": (SKIP, SKIP, RUN, RUN, SKIP, RUN, RUN, SKIP),
    "FF": (UF, RUN, RUN, SKIP, RUN, UF, UF, RUN),
    "KK": (SKIP, SKIP, RUN, SKIP, SKIP, RUN, SKIP, SKIP),
    "FK": (UF, SKIP, RUN, SKIP, RUN, UF, UF, SKIP),
    "US": (UF, SKIP, RUN, RUN, RUN, UF, UF, RUN),
    "S.": (WAIT, SKIP, WAIT, RUN, WAIT, WAIT, WAIT, WAIT),
    "F.": (UF, WAIT, WAIT, WAIT, RUN, UF, UF, WAIT),
    "K.": (SKIP, SKIP, WAIT, WAIT, WAIT, WAIT, WAIT, SKIP),
}
VECTORS = [
    (rule, letters, verdict)
    for letters, row in TABLE.items()
    for rule, verdict in zip(COLUMNS, row, strict=True)
]
LATER = [
    ("dummy", "..", RUN),
    ("always", "F.", RUN),
    ("one_done", "K.", WAIT),
    ("one_done", "F.", RUN),
    ("one_done", "KK", SKIP),
    ("one_done", "UU", SKIP),
    ("all_skipped", "K.", WAIT),
    ("all_skipped", "KK", RUN),
    ("all_skipped", "SK", SKIP),
    ("none_failed_min_one_success", "KK", SKIP),
]


def upstream(letters: str) -> Upstream:
    return count([LETTERS[letter] for letter in letters])


@pytest.mark.parametrize(("rule", "letters", "verdict"), VECTORS + LATER)
def test_trigger_rule(rule: str, letters: str, verdict: Readiness) -> None:
    assert readiness(rule, upstream(letters)) is verdict


@pytest.mark.parametrize("rule", RULES)
def test_a_root_task_is_always_ready(rule: str) -> None:
    assert readiness(rule, upstream("")) is RUN


@pytest.mark.parametrize(
    ("letters", "setups", "verdict"),
    [
        ("S.", {"setups": 1, "setups_success": 1}, WAIT),
        ("SF", {"setups": 1, "setups_success": 1}, RUN),
        ("FU", {"setups": 1}, UF),
        ("KK", {"setups": 1, "setups_skipped": 1}, SKIP),
        ("SF", {"setups": 2, "setups_success": 1}, RUN),
        ("SF", {}, RUN),
    ],
)
def test_a_teardown_needs_all_to_be_done_and_one_of_its_setups(
    letters: str, setups: dict[str, int], verdict: Readiness
) -> None:
    up = upstream(letters)._replace(**setups)
    assert readiness("all_done_setup_success", up) is verdict


def test_an_unknown_rule_is_refused() -> None:
    with pytest.raises(KeyError):
        readiness("most_success", upstream("S"))


@given(
    rule=st.sampled_from(sorted(RULES)),
    states=st.lists(st.sampled_from(sorted(FINISHED)), min_size=1, max_size=6),
)
def test_nobody_waits_for_tasks_that_are_all_done(rule: str, states: list[TaskState]) -> None:
    assert readiness(rule, count(states)) is not WAIT


SETUP_STATES = list(LETTERS.values())


@pytest.mark.parametrize("old", SETUP_STATES)
@pytest.mark.parametrize("new", SETUP_STATES)
@pytest.mark.parametrize("is_setup", [False, True])
def test_a_move_counts_as_if_all_were_counted_anew(
    old: TaskState, new: TaskState, is_setup: bool
) -> None:
    def counted(state: TaskState) -> Upstream:
        return (
            count([TaskState.SUCCESS], [state]) if is_setup else count([TaskState.SUCCESS, state])
        )

    assert moved(counted(old), old, new, is_setup=is_setup) == counted(new)


def test_setups_are_counted_among_all_and_apart() -> None:
    setups = [TaskState.SUCCESS, TaskState.SKIPPED]
    assert count([TaskState.FAILED], setups) == Upstream(
        3, success=1, failed=1, skipped=1, setups=2, setups_success=1, setups_skipped=1
    )


def test_two_sets_of_upstream_instances_count_as_one() -> None:
    one, other = [TaskState.SUCCESS, TaskState.RUNNING], [TaskState.FAILED]
    assert together(count(one), count(other, [TaskState.SUCCESS])) == count(
        one + other, [TaskState.SUCCESS]
    )
