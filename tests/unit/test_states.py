"""Every pair of state and event is either in the table or refused."""

import pytest

from hubflow.errors import InvalidTransition
from hubflow.states import (
    FINISHED,
    HELD,
    OWN_MOVES,
    OWN_RUN_MOVES,
    RUN_FINISHED,
    RUN_TRANSITIONS,
    TRANSITIONS,
    RunEvent,
    RunState,
    TaskEvent,
    TaskState,
    meant_by,
    next_run_state,
    next_state,
)


def test_who_looks_for_running_runs_means_queued_ones_as_well() -> None:
    assert [meant_by(state) for state in (RunState.RUNNING, RunState.QUEUED, RunState.FAILED)] == [
        (RunState.QUEUED, RunState.RUNNING),
        (RunState.QUEUED,),
        (RunState.FAILED,),
    ]


@pytest.mark.parametrize("state", TaskState)
@pytest.mark.parametrize("event", TaskEvent)
def test_task_moves_are_exactly_the_table(state: TaskState, event: TaskEvent) -> None:
    if (state, event) in TRANSITIONS:
        assert next_state(state, event) is TRANSITIONS[state, event]
    else:
        with pytest.raises(InvalidTransition):
            next_state(state, event)


@pytest.mark.parametrize("state", RunState)
@pytest.mark.parametrize("event", RunEvent)
def test_run_moves_are_exactly_the_table(state: RunState, event: RunEvent) -> None:
    if (state, event) in RUN_TRANSITIONS:
        assert next_run_state(state, event) is RUN_TRANSITIONS[state, event]
    else:
        with pytest.raises(InvalidTransition):
            next_run_state(state, event)


def test_final_states_are_left_only_from_outside() -> None:
    assert not {state for state, _ in OWN_MOVES} & FINISHED
    assert not {state for state, _ in OWN_RUN_MOVES} & RUN_FINISHED


def test_every_other_state_can_be_left_and_reached() -> None:
    left = {state for state, _ in OWN_MOVES}
    reached = {TaskState.NONE, *TRANSITIONS.values()}
    assert left == set(TaskState) - FINISHED
    assert reached == set(TaskState)


def test_a_cleared_try_gives_its_slot_back_before_the_task_waits_again() -> None:
    assert {next_state(state, TaskEvent.CLEARED) for state in HELD} == {TaskState.RESTARTING}
