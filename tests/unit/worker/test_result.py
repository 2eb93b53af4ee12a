"""Words for how a try ended."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from hubflow.worker.bash import return_value
from hubflow.worker.result import describe_exit, final_words
from hubflow.worker.supervisor import compact, log_line


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (None, "was lost"),
        (0, "exited with status 0 before the task was over"),
        (1, "exited with status 1"),
        (-9, "killed by signal 9 (out of memory?)"),
        (-15, "killed by signal 15 (SIGTERM)"),
        (-64, "killed by signal 64"),
    ],
)
def test_exit_in_words(code: int | None, words: str) -> None:
    assert words in describe_exit(code)


@pytest.mark.parametrize(
    ("outcome", "try_number", "state"),
    [
        ("success", 1, "SUCCESS"),
        ("skipped", 1, "SKIPPED"),
        ("failed", 1, "UP_FOR_RETRY"),
        ("failed", 2, "FAILED"),
        ("failed", 3, "FAILED"),
        ("fail_now", 1, "FAILED"),
    ],
)
def test_state_named_in_the_log(outcome: str, try_number: int, state: str) -> None:
    assert final_words(None, outcome, try_number, max_tries=2) == f"Marking task as {state}"
    assert final_words("success", outcome, try_number, max_tries=2) == "Marking task as SUCCESS"


def test_lines_look_like_those_of_loggers() -> None:
    line = log_line("Task exited", "WARNING")
    assert line.endswith("{worker} WARNING - Task exited\n")
    datetime.strptime(line[1:24], "%Y-%m-%d %H:%M:%S,%f")


def test_execution_date_in_the_log() -> None:
    assert compact(datetime(2026, 11, 22, 6, 0, 1, 5, tzinfo=UTC)) == "20261122T060001"


def test_text_of_a_long_value_is_cut() -> None:
    item = return_value("x" * 100_000)
    assert len(item.text) == 4096
    assert len(item.data) == 100_002
