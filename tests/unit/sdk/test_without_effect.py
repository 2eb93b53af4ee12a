"""What is accepted without effect is said."""

from datetime import UTC, datetime, timedelta

from hubflow import DAG
from hubflow.operators import DummyOperator

START = datetime(2026, 1, 1, tzinfo=UTC)


def test_arguments_without_effect_are_warned_of() -> None:
    with DAG("d", start_date=START, dagrun_timeout=timedelta(hours=1)) as dag:
        DummyOperator(task_id="a", depends_on_past=True, pool="small")
    assert dag.warnings == [
        "DAG argument 'dagrun_timeout' has no effect yet",
        "Task 'a': argument 'depends_on_past' has no effect yet",
        "Task 'a': argument 'pool' has no effect yet",
    ]


def test_defaults_are_silent() -> None:
    with DAG("d", start_date=START, default_args={"owner": "me", "retries": 1}) as dag:
        DummyOperator(task_id="a", depends_on_past=False)
    assert dag.warnings == []
