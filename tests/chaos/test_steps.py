"""A kill at every named step of the protocol, one after another, while tasks run."""

from __future__ import annotations

import pytest

from chaos.faults import STEPS
from chaos.trial import Trial
from hubflow.steps import Step


@pytest.mark.timeout(900)
def test_a_kill_at_any_step_loses_nothing_and_repeats_nothing(trial: Trial) -> None:
    for step, kind in STEPS:
        done = trial.strike("kill_at", f"{step.name}@{kind}")
        assert done.recovery_s is not None, f"no {kind} ever comes to {step.name}"
    _, violations = trial.finish()
    assert violations == []


def test_steps_name_the_processes_that_come_there() -> None:
    kinds = {kind for _, kind in STEPS}
    assert kinds == {"scheduler", "worker", "processor", "service"}
    assert {step for step, _ in STEPS} == set(Step)
