from datetime import UTC, datetime, timedelta

import pytest

from hubflow.rules.retention import Keep, Past, ended_before, keep_of, may_go

USUAL = Keep(runs_days=365, details_days=90, most_runs=1000, least_runs=5)
NOW = datetime(2026, 11, 26, tzinfo=UTC)


@pytest.mark.parametrize(
    ("days", "runs", "kept"),
    [
        (None, None, USUAL),
        (400, None, Keep(400, 90, 1000, 5)),
        (30, None, Keep(30, 30, 1000, 5)),
        (None, 20, Keep(365, 90, 20, 5)),
        (None, 2, Keep(365, 90, 2, 2)),
    ],
)
def test_a_dag_may_keep_more_or_less_than_usual(
    days: int | None, runs: int | None, kept: Keep
) -> None:
    assert keep_of(USUAL, days, runs) == kept


def test_details_without_a_limit_stay_as_long_as_the_run() -> None:
    assert keep_of(USUAL._replace(details_days=0), 30, None).details_days == 30


def test_no_limit_is_no_date() -> None:
    assert ended_before(NOW, 0) is None
    assert ended_before(NOW, 2) == NOW - timedelta(days=2)


@pytest.mark.parametrize(
    ("runs", "oldest_days", "oldest_full_days", "keep", "goes"),
    [
        (0, None, None, USUAL, False),
        (1000, 364, 89, USUAL, False),
        (1001, 364, 89, USUAL, True),
        (1, 366, None, USUAL, True),
        (1, 91, 91, USUAL, True),
        (1, 91, None, USUAL, False),
        (9999, 9999, 9999, Keep(0, 0, 0, 1), False),
    ],
)
def test_most_dags_have_nothing_old(
    runs: int, oldest_days: int | None, oldest_full_days: int | None, keep: Keep, goes: bool
) -> None:
    def ago(days: int | None) -> datetime | None:
        return None if days is None else NOW - timedelta(days=days)

    assert may_go(Past(runs, ago(oldest_days), ago(oldest_full_days)), keep, NOW) is goes
