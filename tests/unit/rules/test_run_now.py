"""What stands against running a single task by hand."""

from __future__ import annotations

import pytest

from hubflow.rules.run_now import Facts, Ignore, unmet
from hubflow.states import TaskState

S = TaskState
READY = Facts(
    S.NONE, is_paused=False, is_due=True, trigger_rule="all_success", upstream=[S.SUCCESS]
)
NOTHING, ALL = Ignore(), Ignore(all_deps=True)
STATE, DEPS = Ignore(task_state=True), Ignore(task_deps=True)


@pytest.mark.parametrize(
    ("change", "ignore", "names"),
    [
        ({}, NOTHING, []),
        ({"is_paused": True}, ALL, ["Dag Not Paused"]),
        ({"state": S.RUNNING}, ALL, ["Task Instance State"]),
        ({"state": S.SCHEDULED}, ALL, ["Task Instance State"]),
        ({"state": S.REMOVED}, ALL, ["Task Instance State"]),
        ({"state": S.SUCCESS}, NOTHING, ["Task Instance State"]),
        ({"state": S.SUCCESS}, STATE, []),
        ({"state": S.FAILED}, ALL, []),
        ({"is_due": False}, DEPS, ["Execution Date"]),
        ({"is_due": False}, ALL, []),
        ({"upstream": [S.FAILED]}, STATE, ["Trigger Rule"]),
        ({"upstream": [S.NONE]}, DEPS, []),
        ({"previous": S.FAILED}, NOTHING, ["Previous Dagrun State"]),
        ({"previous": S.SKIPPED}, NOTHING, []),
        (
            {"state": S.FAILED, "upstream": [S.FAILED], "previous": S.FAILED, "is_due": False},
            NOTHING,
            ["Task Instance State", "Execution Date", "Trigger Rule", "Previous Dagrun State"],
        ),
    ],
)
def test_unmet_dependencies_are_named(
    change: dict[str, object], ignore: Ignore, names: list[str]
) -> None:
    found = unmet(READY._replace(**change), ignore)  # type: ignore[arg-type]
    assert [text.partition(":")[0] for text in found] == names
