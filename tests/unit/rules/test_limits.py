from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubflow.rules.limits import (
    UNLIMITED,
    Candidate,
    Needs,
    Room,
    fair_shares,
    pick,
    pool_obstacle,
)

DAY = datetime(2026, 1, 1, tzinfo=UTC)
POOL = "default_pool"
Ready = dict[Needs, list[Candidate]]


def candidate(key: int, weight: int = 1, day: int = 0) -> Candidate:
    return Candidate(-weight, DAY + timedelta(days=day), 0, key)


def room(
    total: int = 10,
    dags: dict[int, int] | None = None,
    pools: dict[str, int] | None = None,
    tasks: dict[tuple[int, str], int] | None = None,
    run_tasks: dict[tuple[int, str], int] | None = None,
) -> Room:
    """Room for everything that is not given."""
    return Room(
        total,
        {1: 9, 2: 9} if dags is None else dags,
        {POOL: UNLIMITED} if pools is None else pools,
        tasks or {},
        run_tasks or {},
    )


def started(ready: Ready, free: Room) -> list[int]:
    return [one.task_instance_id for _, some in pick(ready, free) for one in some]


def test_higher_weight_then_older_date_goes_first() -> None:
    ready = {
        Needs(1): [candidate(1, weight=2, day=5), candidate(2)],
        Needs(2): [candidate(3, weight=2)],
    }
    assert started(ready, room()) == [3, 1, 2]


def test_a_full_dag_holds_nobody_back() -> None:
    ready = {
        Needs(1): [candidate(1, weight=9), candidate(2, weight=9)],
        Needs(2): [candidate(3)],
    }
    assert started(ready, room(dags={1: 1, 2: 1})) == [1, 3]


def test_what_has_no_room_gets_nothing() -> None:
    ready = {Needs(1, task_id="t", run_task=(7, "t")): [candidate(1)]}
    rooms = {
        "dags": {1: 1},
        "pools": {POOL: 1},
        "tasks": {(1, "t"): 1},
        "run_tasks": {(7, "t"): 1},
    }
    assert started(ready, Room(1, **rooms)) == [1]  # type: ignore[arg-type]
    for missing in rooms:
        assert started(ready, Room(1, **{**rooms, missing: {}})) == []  # type: ignore[arg-type]


def test_a_task_too_large_for_what_is_free_lets_smaller_ones_pass() -> None:
    ready = {
        Needs(1, "p", 3): [candidate(1, weight=9)],
        Needs(1, "p", 1): [candidate(2), candidate(3), candidate(4)],
    }
    assert started(ready, room(pools={"p": 2})) == [2, 3]
    assert started(ready, room(pools={"p": 4})) == [1, 2]


def test_task_concurrency_counts_over_all_runs_of_one_task() -> None:
    limited, free = Needs(1, task_id="a"), Needs(1)
    ready = {limited: [candidate(1, day=1), candidate(2, day=2)], free: [candidate(3, day=3)]}
    assert started(ready, room(tasks={(1, "a"): 1})) == [1, 3]


def test_the_limit_within_a_run_counts_each_run_for_itself() -> None:
    ready = {
        Needs(1, run_task=(7, "a")): [candidate(1), candidate(2)],
        Needs(1, run_task=(8, "a")): [candidate(3), candidate(4)],
    }
    assert started(ready, room(run_tasks={(7, "a"): 1, (8, "a"): 2})) == [1, 3, 4]


def test_a_dag_with_thousands_of_ready_tasks_does_not_starve_another() -> None:
    ready = {
        Needs(1): [candidate(n, weight=9) for n in range(1000)],
        Needs(2): [candidate(n) for n in range(2000, 2003)],
    }
    free = room(total=8, dags={1: 1000, 2: 1000})._replace(sizes={POOL: 8})
    assert started(ready, free) == [0, 1, 2, 3, 2000, 2001, 2002, 4]


def test_whoever_holds_more_than_a_fair_share_waits_for_those_who_do_not() -> None:
    ready = {Needs(1): [candidate(1, weight=9)], Needs(2): [candidate(2)]}
    holds = {(1, POOL): 7, (2, POOL): 0}
    free = room(total=1)._replace(sizes={POOL: 8}, holds=holds)
    assert started(ready, free) == [2]


def test_all_lines_of_a_dag_count_for_its_share() -> None:
    ready = {
        Needs(1): [candidate(1, weight=9), candidate(2, weight=9)],
        Needs(1, queue="q"): [candidate(3, weight=8)],
        Needs(2): [candidate(4)],
    }
    free = room(total=4, dags={1: 9, 2: 9})._replace(sizes={POOL: 4})
    assert started(ready, free) == [1, 2, 4, 3]


def test_a_dag_alone_takes_all_that_is_free() -> None:
    ready = {Needs(1): [candidate(n) for n in range(9)]}
    assert len(started(ready, room(total=8)._replace(sizes={POOL: 8}))) == 8


def test_shares_are_counted_in_each_pool_and_are_never_nothing() -> None:
    ready = {Needs(dag, "p"): [candidate(dag)] for dag in range(5)}
    assert fair_shares(
        {**ready, Needs(9, "q"): [candidate(9)], Needs(8, "q"): []}, {"p": 2, "q": 6}
    ) == {"p": 1, "q": 6}


NAMES = st.sampled_from(["p", "q", "absent"])
NEEDS = st.builds(
    Needs,
    st.integers(0, 3),
    NAMES,
    st.integers(1, 3),
    st.sampled_from([None, "a", "b"]),
    run_task=st.sampled_from([None, (0, "a"), (1, "a")]),
)
SMALL = st.integers(-1, 6)
LINES = st.dictionaries(
    NEEDS, st.lists(st.tuples(st.integers(1, 3), st.integers(0, 2)), min_size=1), max_size=8
)
ROOMS = st.builds(
    Room,
    st.integers(0, 12),
    st.dictionaries(st.integers(0, 3), SMALL),
    st.dictionaries(st.sampled_from(["p", "q"]), SMALL | st.just(UNLIMITED)),
    st.dictionaries(st.tuples(st.integers(0, 3), st.sampled_from(["a", "b"])), SMALL),
    st.dictionaries(st.tuples(st.integers(0, 1), st.just("a")), SMALL),
    st.dictionaries(st.sampled_from(["p", "q"]), st.integers(0, 8)),
    st.dictionaries(st.tuples(st.integers(0, 3), NAMES), st.integers(1, 4)),
)


@given(lines=LINES, free=ROOMS)
def test_it_is_what_going_through_everybody_in_order_gives(
    lines: dict[Needs, list[tuple[int, int]]], free: Room
) -> None:
    ready, key = {}, 0
    for needs, given_ in lines.items():
        ready[needs] = sorted(candidate(key := key + 1, weight, day) for weight, day in given_)
    chosen = [(needs, one) for needs, some in pick(ready, free) for one in some]
    assert chosen == one_by_one(ready, free)
    assert len(chosen) <= free.total
    for dag, limit in free.dags.items():
        assert sum(needs.dag == dag for needs, _ in chosen) <= max(0, limit)
    for name, slots in free.pools.items():
        assert sum(n.pool_slots for n, _ in chosen if n.pool == name) <= max(0, slots)
    for (dag, task_id), limit in free.tasks.items():
        mine = [n for n, _ in chosen if (n.dag, n.task_id) == (dag, task_id)]
        assert len(mine) <= max(0, limit)


def one_by_one(ready: Ready, free: Room) -> list[tuple[Needs, Candidate]]:
    """Give slots in the plainest way; so nobody is left over who would still fit."""
    dags, pools, tasks = dict(free.dags), dict(free.pools), dict(free.tasks)
    run_tasks, holds = dict(free.run_tasks), dict(free.holds)
    shares = fair_shares(ready, free.sizes)
    chosen: list[tuple[Needs, Candidate]] = []
    waiting = [(one, needs) for needs, line in ready.items() for one in line]

    def fits(needs: Needs) -> bool:
        own = (needs.dag, needs.task_id or "")
        return (
            dags.get(needs.dag, 0) >= 1
            and pools.get(needs.pool, 0) >= needs.pool_slots
            and (needs.task_id is None or tasks.get(own, 0) >= 1)
            and (needs.run_task is None or run_tasks.get(needs.run_task, 0) >= 1)
        )

    def place(pair: tuple[Candidate, Needs]) -> tuple[bool, Candidate]:
        one, needs = pair
        return holds.get((needs.dag, needs.pool), 0) >= shares[needs.pool], one

    while len(chosen) < free.total:
        fitting = [pair for pair in waiting if fits(pair[1])]
        if not fitting:
            break
        one, needs = min(fitting, key=place)
        waiting.remove((one, needs))
        if needs.run_task is not None:
            run_tasks[needs.run_task] -= 1
        if needs.task_id is not None:
            tasks[needs.dag, needs.task_id] -= 1
        dags[needs.dag] -= 1
        pools[needs.pool] -= needs.pool_slots
        held = holds.get((needs.dag, needs.pool), 0)
        holds[needs.dag, needs.pool] = held + needs.pool_slots
        chosen.append((needs, one))
    return chosen


@pytest.mark.parametrize(
    ("needed", "slots", "words"),
    [
        (1, None, "no pool 'p'"),
        (1, 0, "no slots at all"),
        (3, 2, "needs 3 slots and the pool 'p' has only 2"),
        (2, 2, None),
        (99, -1, None),
    ],
)
def test_what_a_pool_can_never_let_run(needed: int, slots: int | None, words: str | None) -> None:
    found = pool_obstacle("p", needed, slots)
    assert found is None if words is None else found and words in found
