"""Every DAG file that ships as an example runs to its end, in a few seconds, offline."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from hubflow.sdk.loader import load_source
from hubflow.serialization.encode import encode
from unit.sdk.bench import Bench

EXAMPLES = Path(__file__).parents[2] / "examples" / "dags"
FILES = sorted(path.name for path in EXAMPLES.glob("*.py"))


@pytest.mark.parametrize("name", FILES)
def test_example_runs(name: str) -> None:
    began = time.monotonic()
    (dag,) = load_source(name, (EXAMPLES / name).read_text(), EXAMPLES)
    assert not dag.warnings
    bench = Bench(dag)
    for task in dag.topological_sort():
        assert task.description, task
        tries = task.retries + 1
        outcomes = [
            bench.run(task.task_id, try_number=n, max_tries=tries).state
            for n in range(1, 3 if task.task_id == "call_shaky_service" else 2)
        ]
        assert outcomes[-1] == "success", (task, outcomes)
    assert time.monotonic() - began < 5


def test_first_example_needs_python_only_where_templates_do() -> None:
    (dag,) = load_source("hello_bash.py", (EXAMPLES / "hello_bash.py").read_text(), EXAMPLES)
    assert [task.bash is not None for task in encode(dag, "hello_bash.py").tasks] == [
        True,
        True,
        False,
    ]
