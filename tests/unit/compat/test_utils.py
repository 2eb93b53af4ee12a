"""The small functions of `airflow.utils`, and what refuses to work."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from hubflow.clock import utcnow
from hubflow.compat import dates, helpers, models, session, states, timezone
from hubflow.compat.imports import import_string
from hubflow.compat.notifier import BaseNotifier
from hubflow.compat.object_storage import ObjectStoragePath
from hubflow.sdk.configuration import conf
from hubflow.sdk.exceptions import AirflowConfigException, HubflowException
from hubflow.sdk.weekday import WeekDay

START = datetime(2020, 1, 1, tzinfo=UTC)


def test_days_ago_is_midnight() -> None:
    today = utcnow().replace(hour=0, minute=0, second=0, microsecond=0)
    assert dates.days_ago(0) == today
    assert dates.days_ago(2, hour=5) == today - timedelta(days=2) + timedelta(hours=5)


@pytest.mark.parametrize(
    ("arguments", "days"),
    [
        ({"num": 3, "delta": timedelta(days=1)}, [1, 2, 3]),
        ({"num": 3, "delta": "@daily"}, [1, 2, 3]),
        ({"end_date": datetime(2020, 1, 3, tzinfo=UTC), "delta": "0 0 * * *"}, [1, 2, 3]),
        ({"end_date": datetime(2020, 1, 3, tzinfo=UTC), "delta": timedelta(days=2)}, [1, 3]),
        ({"num": -2, "delta": timedelta(days=1)}, [31, 1]),
        ({}, []),
    ],
)
def test_date_range(arguments: dict[str, Any], days: list[int]) -> None:
    assert [date.day for date in dates.date_range(START, **arguments)] == days


def test_round_time_goes_to_the_nearest_step() -> None:
    hour = timedelta(hours=1)
    at = datetime(2020, 1, 1, 10, 40, tzinfo=UTC)
    assert dates.round_time(at, hour) == datetime(2020, 1, 1, 11, tzinfo=UTC)
    assert dates.round_time(at, hour, START + timedelta(minutes=30)).minute == 30


def test_timezone_reads_and_converts() -> None:
    naive = datetime(2020, 1, 1, 5)
    assert timezone.is_naive(naive)
    assert timezone.make_naive(timezone.make_aware(naive)) == naive
    assert timezone.parse("2020-01-01T05:00:00") == timezone.datetime(2020, 1, 1, 5)
    assert timezone.parse("1 January 2020") == START
    assert timezone.convert_to_utc(naive) == naive.replace(tzinfo=UTC)
    with pytest.raises(ValueError, match="naive datetime"):
        timezone.make_aware(START)


def test_states_compare_with_text() -> None:
    assert states.State.SUCCESS == states.TaskInstanceState.SUCCESS == "success"
    assert str(states.DagRunState.RUNNING) == "running"
    assert states.DagRunType.from_run_id("scheduled__2020") is states.DagRunType.SCHEDULED
    assert states.DagRunType.from_run_id("mine") is states.DagRunType.MANUAL
    assert set(states.State.finished()) & set(states.State.unfinished()) == set()
    assert [states.State.color(name) for name in ("success", None, "odd")] == [
        "green",
        "lightblue",
        "white",
    ]
    assert states.State.color_fg("failed") == "white"
    assert all(states.State.color(name) != "white" for name in states.State.task_states)


def test_week_days_by_name_and_number() -> None:
    assert WeekDay.validate_week_day("monday") == {1}
    assert WeekDay.validate_week_day({WeekDay.SATURDAY, "Sunday"}) == {6, 7}
    assert WeekDay.get_weekday_number("Monday") is WeekDay.MONDAY
    with pytest.raises(AttributeError, match="no day of the week"):
        WeekDay.get_weekday_number("funday")


def test_helpers() -> None:
    assert list(helpers.chunks([1, 2, 3], 2)) == [[1, 2], [3]]
    assert helpers.merge_dicts({"a": {"b": 1}}, {"a": {"c": 2}}) == {"a": {"b": 1, "c": 2}}
    assert helpers.prune_dict({"a": None, "b": [None, 1]}) == {"b": [1]}
    assert helpers.convert_camel_to_snake("LatestOnly") == "latest_only"
    assert helpers.reduce_in_chunks(lambda total, part: total + sum(part), [1, 2, 3], 0, 2) == 6
    assert import_string("hubflow.compat.helpers.chunks") is helpers.chunks
    with pytest.raises(ImportError):
        import_string("hubflow.compat.helpers.nothing")


def test_sessions_say_what_to_use_instead() -> None:
    @session.provide_session
    def count(dag_id: str, session: Any = None) -> int:
        return len(session.query(dag_id).all())

    with pytest.raises(HubflowException, match="no access to the metadata database"):
        count("d")
    with session.create_session() as opened, pytest.raises(HubflowException, match="REST API"):
        opened.commit()


def test_tables_can_be_named_and_not_be_asked() -> None:
    assert models.Log.__name__ == "Log"
    with pytest.raises(HubflowException, match=r"Log\.dttm"):
        _ = models.Log.dttm
    with pytest.raises(HubflowException, match="DagBag"):
        models.DagBag()


def test_options_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW__MINE__LIMIT", "5")
    assert conf.getint("mine", "limit") == 5
    assert conf.getboolean("core", "load_examples") is False
    assert conf.get("mine", "other", fallback="x") == "x"
    with pytest.raises(AirflowConfigException, match="HUBFLOW__MINE__OTHER"):
        conf.get("mine", "other")
    monkeypatch.setenv("AIRFLOW__CORE__SQL_ALCHEMY_CONN", "sqlite:////secret")
    with pytest.raises(HubflowException, match="never get the address"):
        conf.get("core", "sql_alchemy_conn")
    assert conf.getsection("operators") == {
        "default_owner": "airflow",
        "default_queue": "default",
        "default_deferrable": "False",
    }


def test_notifier_is_a_callback_with_templates() -> None:
    told: list[str] = []

    class Shout(BaseNotifier):
        template_fields = ("text",)

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

        def notify(self, context: Any) -> None:
            told.append(self.text)

    Shout("{{ ds }} failed")({"ds": "2020-01-01"})
    assert told == ["2020-01-01 failed"]


def test_object_storage_path_opens_nothing_until_it_is_used(tmp_path: Any) -> None:
    far = ObjectStoragePath("s3://aws_default@bucket/data/") / "a.parquet"
    assert (str(far), far.conn_id, far.name) == (
        "s3://bucket/data/a.parquet",
        "aws_default",
        "a.parquet",
    )
    near = ObjectStoragePath(f"file://{tmp_path}") / "a.txt"
    near.write_text("hello")
    assert near.exists()
    assert near.read_text() == "hello"
    assert [path.name for path in near.parent.iterdir()] == ["a.txt"]
    near.unlink()
    assert not near.exists()
