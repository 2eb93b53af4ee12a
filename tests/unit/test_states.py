"""Every pair of state and event is either in the table or refused."""

import pytest

from hubflow.errors import InvalidTransition
from hubflow.states import (
    FINISHED,
    RUN_FINISHED,
    RUN_TRANSITIONS,
    TRANSITIONS,
    RunEvent,
    RunState,
    TaskEvent,
    TaskState,
    next_run_state,
    next_state,
)


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


def test_final_states_have_no_way_out() -> None:
    assert not {state for state, _ in TRANSITIONS} & FINISHED
    assert not {state for state, _ in RUN_TRANSITIONS} & RUN_FINISHED


def test_every_other_state_can_be_left_and_reached() -> None:
    left = {state for state, _ in TRANSITIONS}
    reached = {TaskState.NONE, *TRANSITIONS.values(), TaskState.REMOVED}
    assert left == set(TaskState) - FINISHED
    assert reached == set(TaskState)
