"""A worker of another version ends what it has, and gets nothing new."""

from __future__ import annotations

import pytest

from hubflow.serialization.model import SerializedDag
from hubflow.states import RunState, TaskState
from integration.scheduler.stage import Stage, chain, task


def test_worker_of_another_version_gets_no_tries(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    stage.trigger(stage.add_dag(SerializedDag(dag_id="d", path="d.py", tasks=(task("a"),))))
    stage.executor.hello(version="0.0.1")
    stage.turn()
    assert stage.executor.take_launches() == []
    assert stage.task_states() == {"a": TaskState.SCHEDULED}
    assert "the worker is hubflow 0.0.1" in caplog.text
    stage.executor.hello()
    stage.turn()
    assert [launch.task_id for launch in stage.executor.take_launches()] == ["a"]


def test_what_it_runs_is_taken_and_the_next_worker_goes_on(stage: Stage) -> None:
    stage.trigger(stage.add_dag(SerializedDag(dag_id="d", path="d.py", tasks=chain(2))))
    stage.executor.hello()
    stage.turn()
    (launch,) = stage.executor.take_launches()
    stage.start_scheduler()  # as after an upgrade of the scheduler alone
    stage.executor.hello([launch.key], version="0.0.1")
    stage.turn()
    stage.executor.started(launch.key)
    stage.executor.finished(launch.key)
    stage.turn()
    assert stage.task_states() == {"t0": TaskState.SUCCESS, "t1": TaskState.SCHEDULED}
    assert stage.executor.take_launches() == []
    stage.executor.hello()
    stage.turn()
    stage.finish_all()
    assert stage.run_states() == [RunState.SUCCESS]


def test_queued_try_that_it_never_got_is_not_sent_again_to_it(stage: Stage) -> None:
    stage.trigger(stage.add_dag(SerializedDag(dag_id="d", path="d.py", tasks=(task("a"),))))
    stage.executor.hello()
    stage.turn()
    stage.executor.take_launches()
    stage.executor.hello(version="0.0.1")
    stage.turn()
    assert stage.executor.take_launches() == []
    stage.executor.hello()
    stage.turn()
    assert len(stage.executor.take_launches()) == 1
