"""What is accepted without effect is said."""

from datetime import UTC, datetime

from hubflow import DAG
from hubflow.operators import DummyOperator

START = datetime(2026, 1, 1, tzinfo=UTC)


def test_arguments_without_effect_are_warned_of() -> None:
    with DAG("d", start_date=START, access_control={"a": {"can_dag_read"}}) as dag:
        DummyOperator(task_id="a", queue="gpu", run_as_user="ada")
    assert dag.warnings == ["DAG argument 'access_control' has no effect yet"]


def test_defaults_are_silent() -> None:
    with DAG("d", start_date=START, default_args={"owner": "me", "retries": 1}) as dag:
        DummyOperator(task_id="a", depends_on_past=False)
    assert dag.warnings == []
