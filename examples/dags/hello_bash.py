"""The smallest useful DAG: three bash commands, run every hour or by hand."""

from datetime import datetime

from hubflow import DAG
from hubflow.operators import BashOperator

with DAG(
    "hello_bash",
    description="Say hello, look around, say goodbye",
    schedule="@hourly",
    start_date=datetime(2026, 1, 1),
    catchup=False,
    tags=["example"],
) as dag:
    hello = BashOperator(
        task_id="hello",
        description="Greet whoever reads the log",
        bash_command='echo "Hello from $AIRFLOW_CTX_DAG_ID"',
    )
    look_around = BashOperator(
        task_id="look_around",
        description="Show the machine and the time",
        bash_command="uname -sm && date -u",
    )
    goodbye = BashOperator(
        task_id="goodbye",
        description="Name the interval that this run covers",
        bash_command="echo 'Done for {{ ts }}, next in line: {{ next_execution_date }}'",
    )

    hello >> look_around >> goodbye
