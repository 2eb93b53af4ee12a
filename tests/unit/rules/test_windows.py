from datetime import UTC, datetime, timedelta

import pytest

from hubflow.rules.windows import is_over, takes_part
from hubflow.states import RunType

DAY = datetime(2026, 1, 10, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("start", "kind", "takes"),
    [
        (None, RunType.SCHEDULED, True),
        (DAY, RunType.SCHEDULED, True),
        (DAY + SECOND, RunType.SCHEDULED, False),
        (DAY + SECOND, RunType.MANUAL, False),
        (DAY + SECOND, RunType.BACKFILL, True),
    ],
)
def test_a_task_takes_part_from_its_start_date_on(
    start: datetime | None, kind: RunType, takes: bool
) -> None:
    assert takes_part(start, DAY, kind) is takes


@pytest.mark.parametrize(
    ("end", "over"), [(None, False), (DAY, False), (DAY - SECOND, True), (DAY + SECOND, False)]
)
def test_a_task_is_over_after_its_end_date(end: datetime | None, over: bool) -> None:
    assert is_over(end, DAY) is over
