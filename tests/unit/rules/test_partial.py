"""A DAG reduced to some of its tasks."""

import re

import pytest

from hubflow.rules.partial import matching, part_of
from hubflow.serialization.model import SerializedDag, SerializedTask

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


def test_a_pattern_that_is_none_is_refused() -> None:
    with pytest.raises(re.error):
        matching(DAG, "(", upstream=False)
