"""A DAG with one of each operator that needs nothing from outside."""

from datetime import datetime, timedelta

from hubflow import DAG
from hubflow.operators import BashOperator, DummyOperator, PythonOperator


def greet(name):
    return f"hello {name}"


with DAG(
    "good",
    schedule="0 6 * * *",
    start_date=datetime(2026, 1, 1),
    default_args={"owner": "ada", "retries": 1, "retry_delay": timedelta(seconds=1)},
    tags=["test"],
) as dag:
    start = DummyOperator(task_id="start")
    hello = PythonOperator(task_id="hello", python_callable=greet, op_kwargs={"name": "{{ ds }}"})
    shout = BashOperator(task_id="shout", bash_command="echo '{{ ti.xcom_pull(\"hello\") }}'")
    start >> hello >> shout
