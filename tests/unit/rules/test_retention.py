from datetime import UTC, datetime, timedelta

import pytest

from hubflow.rules.retention import Keep, ended_before, keep_of

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
