"""Task groups, labels, setups and teardowns (SEMANTICS 2.3)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from hubflow import DAG, TaskGroup, setup, task, task_group, teardown
from hubflow.operators import DummyOperator
from hubflow.sdk import Label
from hubflow.sdk.exceptions import DuplicateTaskId, InvalidDag
from hubflow.serialization.encode import encode

START = datetime(2026, 1, 1, tzinfo=UTC)


def edges(dag: DAG) -> set[tuple[str, str]]:
    return {(t.task_id, down) for t in dag.tasks for down in t.downstream_task_ids}


def noop(task_id: str, **options: object) -> DummyOperator:
    return DummyOperator(task_id=task_id, **options)


def test_children_get_the_prefix_and_edges_go_to_the_first_and_from_the_last() -> None:
    with DAG("d", schedule=None) as dag:
        start, end = noop("start"), noop("end")
        with TaskGroup("g") as group:
            a, b = noop("a"), noop("b")
            a >> b
        start >> group >> end
    assert set(dag.task_ids) == {"start", "end", "g.a", "g.b"}
    assert edges(dag) == {("start", "g.a"), ("g.a", "g.b"), ("g.b", "end")}
    assert group.get_child_by_label("a") is a


def test_groups_nest_and_may_leave_ids_alone() -> None:
    with DAG("d", schedule=None) as dag, TaskGroup("outer"):
        noop("a")
        with TaskGroup("inner"):
            noop("a")
        with TaskGroup("plain", prefix_group_id=False):
            noop("x")
    assert set(dag.task_ids) == {"outer.a", "outer.inner.a", "x"}
    found = encode(dag, "d.py")
    assert [(g.group_id, g.parent_id) for g in found.groups] == [
        ("outer", None),
        ("outer.inner", "outer"),
        ("outer.plain", "outer"),
    ]
    assert {t.task_id: t.group_id for t in found.tasks}["x"] == "outer.plain"


def test_an_id_is_taken_once() -> None:
    with DAG("d", schedule=None):
        noop("t")
        with TaskGroup("g"):
            pass
        with pytest.raises(DuplicateTaskId):
            TaskGroup("g")
        with pytest.raises(DuplicateTaskId):
            TaskGroup("t")
        with pytest.raises(DuplicateTaskId):
            noop("g")
        assert TaskGroup("g", add_suffix_on_collision=True).group_id == "g__1"


def test_a_group_needs_a_dag() -> None:
    with pytest.raises(InvalidDag, match="inside a DAG"):
        TaskGroup("g")


def test_default_args_of_groups_lie_between_those_of_the_dag_and_the_tasks_own() -> None:
    defaults = {"retries": 1, "owner": "dag"}
    with (
        DAG("d", schedule=None, default_args=defaults),
        TaskGroup("g", default_args={"retries": 2, "queue": "q"}),
        TaskGroup("h", default_args={"queue": "r"}),
    ):
        a, b = noop("a"), noop("b", retries=3)
    assert (a.owner, a.retries, a.queue) == ("dag", 2, "r")
    assert b.retries == 3


def test_a_group_function_builds_its_group_each_time_it_is_called() -> None:
    with DAG("d", schedule=None) as dag:

        @task
        def f(x: int) -> int:
            return x

        @task_group
        def section(x: int) -> object:
            """Does two things."""
            return f(f(x))

        section(1) >> section(2)
    assert set(dag.task_ids) == {"section.f", "section.f__1", "section__1.f", "section__1.f__1"}
    assert dag.task_groups["section"].tooltip == "Does two things."
    assert ("section.f__1", "section__1.f__1") in edges(dag)


def test_a_label_is_drawn_and_changes_nothing() -> None:
    with DAG("d", schedule=None) as dag:
        a, b, c = noop("a"), noop("b"), noop("c")
        a >> Label("when empty") >> [b, c]
    assert edges(dag) == {("a", "b"), ("a", "c")}
    assert encode(dag, "d.py").edge_labels == (
        ("a", "b", "when empty"),
        ("a", "c", "when empty"),
    )


def test_a_teardown_follows_its_setup_and_does_not_hold_up_what_follows_the_group() -> None:
    with DAG("d", schedule=None) as dag:
        with TaskGroup("g") as group:
            create, work, delete = noop("create"), noop("work"), noop("delete")
            create >> work >> delete.as_teardown(setups=create)
        group >> noop("next")
    assert edges(dag) == {
        ("g.create", "g.work"),
        ("g.work", "g.delete"),
        ("g.create", "g.delete"),
        ("g.work", "next"),
    }
    tasks = {t.task_id: t for t in encode(dag, "d.py").tasks}
    assert tasks["g.create"].is_setup
    assert tasks["g.delete"].is_teardown
    assert tasks["g.delete"].trigger_rule == "all_done_setup_success"
    assert not tasks["g.delete"].can_fail_run


def test_tasks_in_the_scope_of_a_teardown_run_between_it_and_its_setup() -> None:
    with DAG("d", schedule=None) as dag:

        @setup
        def create() -> str:
            return "cluster"

        @teardown
        def delete(cluster: str) -> None: ...

        @task
        def work() -> None: ...

        with delete(create()):
            work()
    assert edges(dag) == {("create", "delete"), ("create", "work"), ("work", "delete")}


def test_a_task_is_not_both_setup_and_teardown() -> None:
    with DAG("d", schedule=None):
        a = noop("a").as_setup()
        with pytest.raises(InvalidDag, match="cannot be a teardown"):
            a.as_teardown()
        with pytest.raises(InvalidDag, match="only setups and teardowns"), noop("b"):
            pass
