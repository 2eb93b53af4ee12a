"""A DAG reduced to some of its tasks."""

import re
from datetime import UTC, datetime

import pytest
from msgspec import structs

from hubflow.rules.partial import matching, part_of, taking_part
from hubflow.serialization.model import SerializedDag, SerializedTask
from hubflow.states import RunType

DAG = SerializedDag(
    dag_id="d",
    path="d.py",
    tasks=tuple(
        SerializedTask(task_id=name, operator="X", downstream=tuple(below))
        for name, below in {"extract": ["load_a"], "load_a": ["load_b"], "load_b": []}.items()
    ),
)


def test_a_part_keeps_the_edges_between_its_tasks() -> None:
    part = part_of(DAG, {"extract", "load_a"})
    assert [(task.task_id, task.downstream) for task in part.tasks] == [
        ("extract", ("load_a",)),
        ("load_a", ()),
    ]


def test_all_tasks_are_the_dag_itself() -> None:
    assert part_of(DAG, {"extract", "load_a", "load_b", "other"}) is DAG


@pytest.mark.parametrize(
    ("pattern", "upstream", "found"),
    [
        ("load", False, {"load_a", "load_b"}),
        ("^load_a$", False, {"load_a"}),
        ("^load_a$", True, {"extract", "load_a"}),
        ("nothing", True, set()),
    ],
)
def test_a_pattern_names_tasks(pattern: str, upstream: bool, found: set[str]) -> None:
    assert matching(DAG, pattern, upstream=upstream) == found


def test_tasks_that_have_not_begun_take_no_part() -> None:
    later = structs.replace(DAG.tasks[1], start_date=datetime(2026, 2, 1, tzinfo=UTC))
    dag = structs.replace(DAG, tasks=(DAG.tasks[0], later, DAG.tasks[2]))
    date = datetime(2026, 1, 1, tzinfo=UTC)
    part = taking_part(dag, date, RunType.MANUAL)
    assert [task.task_id for task in part.tasks] == ["extract", "load_b"]
    assert taking_part(dag, date, RunType.BACKFILL) is dag


def test_a_pattern_that_is_none_is_refused() -> None:
    with pytest.raises(re.error):
        matching(DAG, "(", upstream=False)
