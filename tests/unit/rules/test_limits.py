from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from hubflow.rules.limits import Candidate, pick

DAY = datetime(2026, 1, 1, tzinfo=UTC)


def candidate(key: int, weight: int = 1, day: int = 0) -> Candidate:
    return Candidate(-weight, DAY + timedelta(days=day), 0, key)


def test_higher_weight_then_older_date_goes_first() -> None:
    ready = {1: [candidate(1, weight=2, day=5), candidate(2)], 2: [candidate(3, weight=2)]}
    chosen = pick(ready, 10, {1: 9, 2: 9})
    assert [item.task_instance_id for _, item in chosen] == [3, 1, 2]


def test_a_full_dag_holds_nobody_back() -> None:
    ready = {1: [candidate(1, weight=9), candidate(2, weight=9)], 2: [candidate(3)]}
    assert [dag for dag, _ in pick(ready, 10, {1: 1, 2: 1})] == [1, 2]


def test_an_absent_dag_gets_nothing() -> None:
    assert pick({1: [candidate(1)]}, 10, {}) == []


@given(
    sizes=st.dictionaries(st.integers(0, 9), st.integers(0, 20), max_size=8),
    free=st.integers(0, 40),
    room=st.dictionaries(st.integers(0, 9), st.integers(-1, 12), max_size=8),
)
def test_limits_hold_and_no_slot_is_wasted(
    sizes: dict[int, int], free: int, room: dict[int, int]
) -> None:
    ready = {dag: [candidate(100 * dag + n) for n in range(size)] for dag, size in sizes.items()}
    chosen = pick(ready, free, room)
    taken = {dag: sum(which == dag for which, _ in chosen) for dag in ready}
    wanted = {dag: min(size, max(0, room.get(dag, 0))) for dag, size in sizes.items()}
    assert all(taken[dag] <= wanted[dag] for dag in ready)
    assert len(chosen) == min(free, sum(wanted.values()))
