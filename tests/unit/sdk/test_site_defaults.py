"""What DAGs and tasks get that say nothing themselves."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from hubflow.config import Config, Dags
from hubflow.operators import BashOperator, DagOperator
from hubflow.sdk import DAG
from hubflow.sdk.exceptions import InvalidDag
from hubflow.serialization.encode import encode

SITE = {
    "default_timezone": "Europe/Berlin",
    "default_concurrency": 3,
    "default_max_active_runs": 2,
    "default_max_consecutive_failed_dag_runs": 5,
    "default_owner": "team",
    "default_retries": 4,
}


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in Dags(**SITE).for_authors().items():
        monkeypatch.setenv(name, value)


@pytest.mark.usefixtures("site")
def test_what_a_file_leaves_out_is_as_the_site_says() -> None:
    with DAG("d", schedule="0 6 * * *", start_date=datetime(2026, 7, 1)) as dag:
        task = BashOperator(task_id="t", bash_command="true")
        master = DagOperator(task_id="m", run_dag_id="child")
    assert dag.start_date == datetime(2026, 6, 30, 22, tzinfo=UTC)
    assert (dag.concurrency, dag.max_active_runs) == (3, 2)
    assert (task.owner, task.retries, master.retries) == ("team", 4, 0)
    stored = encode(dag, "d.py")
    assert stored.max_consecutive_failed_dag_runs == 5
    assert stored.schedule.timezone == "Europe/Berlin"
    assert dag.following_schedule(datetime(2026, 7, 1, 5)) == datetime(2026, 7, 1, 4, tzinfo=UTC)


@pytest.mark.usefixtures("site")
def test_what_a_file_says_counts() -> None:
    begin = datetime(2026, 7, 1, tzinfo=UTC)
    limits = {"concurrency": 16, "max_active_runs": 16, "max_consecutive_failed_dag_runs": 0}
    with DAG("d", schedule=None, start_date=begin, **limits) as dag:
        task = BashOperator(task_id="t", bash_command="true", owner="ann", retries=0)
    assert (dag.start_date, dag.timezone) == (begin, UTC)
    assert (dag.concurrency, dag.max_active_runs) == (16, 16)
    assert dag.max_consecutive_failed_dag_runs == 0
    assert (task.owner, task.retries) == ("ann", 0)


def test_names_of_airflow_count_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW__CORE__DEFAULT_TIMEZONE", "Asia/Tokyo")
    monkeypatch.setenv("AIRFLOW__CORE__DAG_CONCURRENCY", "5")
    dag = DAG("d", schedule=None, start_date="2026-07-01")
    assert dag.start_date == datetime(2026, 6, 30, 15, tzinfo=UTC)
    assert dag.concurrency == 5


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("AIRFLOW__CORE__DEFAULT_TIMEZONE", "Mars/Base", "'Mars/Base' is no time zone"),
        ("AIRFLOW__CORE__MAX_ACTIVE_RUNS_PER_DAG", "0", "must be a number from 1, not '0'"),
        ("HUBFLOW__CORE__MAX_ACTIVE_TASKS_PER_DAG", "many", "must be a number from 1, not 'many'"),
    ],
)
def test_what_cannot_be_is_named(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(InvalidDag, match=f"{name}.*{said}"):
        DAG("d", schedule=None, start_date=datetime(2026, 7, 1))


def test_the_fingerprint_knows_settings_version_and_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = {Dags().fingerprint("1"), Dags().fingerprint("2"), Dags(**SITE).fingerprint("1")}
    monkeypatch.setenv("AIRFLOW__CORE__DAG_CONCURRENCY", "5")
    found.add(Dags().fingerprint("1"))
    assert len(found) == 4


def test_only_what_was_set_is_told_to_user_code() -> None:
    assert Dags().for_authors() == {}
    told = Dags(config=Config({"Dags": {"default_retries": 2}})).for_authors()
    assert told == {"HUBFLOW__CORE__DEFAULT_TASK_RETRIES": "2"}
