"""What the database says afterwards, read by plain SQL: nothing of hubflow is asked."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from sqlalchemy import create_engine, text

from chaos.history import Instance

INSTANCES = """
select d.dag_id, r.run_id, t.task_id, t.map_index, t.state, t.try_number, t.max_tries
from task_instance t join dag_run r on r.id = t.dag_run_id join dag d on d.id = r.dag_id
"""
TRIES = """
select d.dag_id, r.run_id, t.task_id, t.map_index, y.try_number, y.state, y.error
from task_try y join task_instance t on t.id = y.task_instance_id
join dag_run r on r.id = t.dag_run_id join dag d on d.id = r.dag_id
"""
RUNS = "select d.dag_id, r.run_id, r.state from dag_run r join dag d on d.id = r.dag_id"


class Stand(NamedTuple):
    """How a task instance stands."""

    state: str
    attempt: int
    most: int


@dataclass
class Facts:
    """Runs, task instances and tries."""

    runs: dict[tuple[str, str], str] = field(default_factory=dict)
    instances: dict[Instance, Stand] = field(default_factory=dict)
    tries: dict[tuple[Instance, int], tuple[str, str | None]] = field(default_factory=dict)
    """(State, error) by instance and number of the try."""


def read(url: str) -> Facts:
    """Read all that the checker wants to know."""
    engine = create_engine(url)
    facts = Facts()
    with engine.connect() as connection:
        for dag, run, state in connection.execute(text(RUNS)):
            facts.runs[dag, run] = state
        for dag, run, task, index, state, attempt, most in connection.execute(text(INSTANCES)):
            facts.instances[Instance(dag, run, task, index)] = Stand(state, attempt, most)
        for dag, run, task, index, attempt, state, error in connection.execute(text(TRIES)):
            facts.tries[Instance(dag, run, task, index), attempt] = state, error
    engine.dispose()
    return facts
