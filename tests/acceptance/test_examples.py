"""Every example DAG runs and succeeds, as it is shipped."""

import shutil
from pathlib import Path

import pytest

from engine import Engine
from hubflow.db import orm
from hubflow.states import RunState

EXAMPLES = sorted((Path(__file__).parents[2] / "examples" / "dags").glob("*.py"))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_example_runs(engine: Engine, example: Path) -> None:
    shutil.copy(example, engine.paths.dags)
    dag = engine.wait_for(lambda: engine.find(orm.Dag), "the example's DAG")
    done = engine.hubflow("dags", "trigger", dag.dag_id, "--run-id", "r")
    assert done.returncode == 0, done.stderr
    engine.hubflow("dags", "unpause", dag.dag_id)
    assert engine.wait_for_run("r").state is RunState.SUCCESS
    assert dag.description
    assert not engine.rows(orm.ImportFailure)
