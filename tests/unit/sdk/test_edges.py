"""Edges between tasks, their order, and everything that may not be joined."""

from __future__ import annotations

import operator
from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubflow.operators.dummy import DummyOperator
from hubflow.sdk import DAG, chain, chain_linear, cross_downstream
from hubflow.sdk.edges import topological_order
from hubflow.sdk.exceptions import DagCycle, DuplicateEdge, InvalidDag
from unit.sdk.bench import make_dag


def tasks_of(dag: DAG, names: str) -> list[DummyOperator]:
    return [DummyOperator(task_id=name, dag=dag) for name in names]


def edges_of(dag: DAG) -> set[str]:
    return {f"{t.task_id}{below}" for t in dag.tasks for below in t.downstream_task_ids}


@pytest.mark.parametrize(
    ("join", "edges"),
    [
        (lambda a, b, c, d: a >> b >> c >> d, "ab bc cd"),
        (lambda a, b, c, d: d << c << b << a, "ab bc cd"),
        (lambda a, b, c, d: a >> [b, c] >> d, "ab ac bd cd"),
        (lambda a, b, c, d: [b, c] << a, "ab ac"),
        (lambda a, b, c, d: d << [a, b], "ad bd"),
        (lambda a, b, c, d: a.set_downstream([b, c]), "ab ac"),
        (lambda a, b, c, d: d.set_upstream((a, b)), "ad bd"),
        (lambda a, b, c, d: chain(a, [b, c], d), "ab ac bd cd"),
        (lambda a, b, c, d: chain([a, b], [c, d]), "ac bd"),
        (lambda a, b, c, d: chain_linear([a, b], [c, d]), "ac ad bc bd"),
        (lambda a, b, c, d: cross_downstream([a, b], [c, d]), "ac ad bc bd"),
    ],
)
def test_ways_to_join(join: Callable[..., object], edges: str) -> None:
    dag = make_dag()
    join(*tasks_of(dag, "abcd"))
    assert edges_of(dag) == set(edges.split())


def test_same_edge_twice_is_refused() -> None:
    a, b = tasks_of(make_dag(), "ab")
    a >> b
    with pytest.raises(DuplicateEdge, match=r"<Task\(DummyOperator\): a>.* already registered"):
        b.set_upstream(a)


def test_edge_across_dags_is_refused() -> None:
    (a,), (b,) = tasks_of(make_dag("one"), "a"), tasks_of(make_dag("two"), "b")
    with pytest.raises(InvalidDag, match="in more than one DAG"):
        a >> b


def test_edge_without_any_dag_is_refused() -> None:
    with pytest.raises(InvalidDag, match="don't have DAGs yet"):
        DummyOperator(task_id="a") >> DummyOperator(task_id="b")


def test_edge_draws_the_other_task_into_the_dag() -> None:
    dag = make_dag()
    (a,) = tasks_of(dag, "a")
    a >> DummyOperator(task_id="b") >> DummyOperator(task_id="c")
    assert dag.task_ids == ["a", "b", "c"]
    DummyOperator(task_id="d") >> dag
    dag >> DummyOperator(task_id="e")
    assert dag.task_ids[3:] == ["d", "e"]


def test_a_dag_between_two_tasks_takes_both_and_joins_neither() -> None:
    dag = make_dag()
    a, b, c = (DummyOperator(task_id=name) for name in "abc")
    a >> dag >> [b, c]
    assert dag.task_ids == ["a", "b", "c"]
    assert not a.downstream_task_ids
    with pytest.raises(InvalidDag, match="received int"):
        dag >> 3


@pytest.mark.parametrize("thing", ["text", 3, None, [1]])
def test_edge_to_something_else_is_refused(thing: object) -> None:
    (a,) = tasks_of(make_dag(), "a")
    with pytest.raises(InvalidDag, match="only be set between Operators; received"):
        a.set_downstream(thing)  # type: ignore[arg-type]


def test_lists_are_not_joined_to_lists() -> None:
    a, b, c, d = tasks_of(make_dag(), "abcd")
    with pytest.raises(TypeError):
        operator.rshift([a, b], [c, d])


def test_chain_of_unequal_lists_is_refused() -> None:
    a, b, c = tasks_of(make_dag(), "abc")
    with pytest.raises(InvalidDag, match="different length"):
        chain([a, b], [c])


@pytest.mark.parametrize(
    ("edges", "loop"),
    [
        ("aa", "a >> a"),
        ("ab ba", "a >> b >> a"),
        ("xa ab bc ca cd", "a >> b >> c >> a"),
    ],
)
def test_cycle_is_walked_in_the_message(edges: str, loop: str) -> None:
    graph: dict[str, list[str]] = {name: [] for name in edges.replace(" ", "")}
    for edge in edges.split():
        graph[edge[0]].append(edge[1])
    with pytest.raises(DagCycle) as raised:
        topological_order(graph)
    # A cycle has no first task: any rotation tells the same.
    told = str(raised.value).rpartition("(")[2].rstrip(")").split(" >> ")
    assert told[0] == told[-1]
    assert sorted(told[1:]) == sorted(loop.split(" >> ")[1:])
    assert all(after in graph[before] for before, after in pairwise(told))


@given(st.sets(st.tuples(st.integers(0, 15), st.integers(0, 15)), max_size=60))
def test_order_puts_every_edge_forward(pairs: set[tuple[int, int]]) -> None:
    graph: dict[str, list[str]] = {f"{n:02d}": [] for n in range(16)}
    for one, other in pairs:
        if one != other:
            graph[f"{min(one, other):02d}"].append(f"{max(one, other):02d}")
    order = topological_order({name: set(below) for name, below in graph.items()})
    position = {name: index for index, name in enumerate(order)}
    assert sorted(order) == sorted(graph)
    assert all(position[name] < position[b] for name, below in graph.items() for b in below)


def test_relatives() -> None:
    dag = make_dag()
    a, b, c, d = tasks_of(dag, "abcd")
    a >> [b, c] >> d
    assert a.get_flat_relative_ids() == {"b", "c", "d"}
    assert d.get_flat_relative_ids(upstream=True) == {"a", "b", "c"}
    assert (dag.roots, dag.leaves) == ([a], [d])
    assert d.upstream_list == [b, c]
