"""Values that no calendar, column or timer can hold are import errors, not a dead scheduler."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from hubflow import DAG
from hubflow.operators import DummyOperator
from hubflow.sdk.exceptions import InvalidDag

START = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "arguments",
    [
        {"start_date": datetime(1, 1, 2)},
        {"start_date": datetime.max},
        {"start_date": START, "end_date": datetime.max},
        {"start_date": START, "max_active_runs": 2**70},
        {"start_date": START, "concurrency": 2**31},
    ],
)
def test_extreme_dags_are_refused(arguments: dict[str, Any]) -> None:
    with pytest.raises(InvalidDag, match=r"must (be at most|lie between)"):
        DAG("d", **arguments)


def test_earliest_date_there_is_means_any_date_will_do() -> None:
    assert DAG("d", start_date=datetime.min).start_date == datetime(1900, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "arguments",
    [
        {"retries": 2**70},
        {"retry_delay": timedelta.max},
        {"retry_delay": 1e300},
        {"execution_timeout": timedelta.max},
        {"start_date": datetime.max},
    ],
)
def test_extreme_tasks_are_refused(arguments: dict[str, Any]) -> None:
    with (
        DAG("d", start_date=START),
        pytest.raises(InvalidDag, match=r"must (be at most|lie between)"),
    ):
        DummyOperator(task_id="a", **arguments)
