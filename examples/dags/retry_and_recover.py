"""What a retry looks like: one task fails on its first try and succeeds on its second."""

from datetime import timedelta

from hubflow import DAG
from hubflow.operators import DummyOperator, PythonOperator


def call_shaky_service(ti):
    """Fail once, as services do, then answer."""
    print(f"this is try {ti.try_number} of at most {ti.max_tries + 1}")
    if ti.try_number == 1:
        raise ConnectionError("the service did not answer")
    return "answered on the second try"


def use_answer(ti):
    print(f"the service {ti.xcom_pull('call_shaky_service')}")


with DAG(
    "retry_and_recover",
    description="A task that fails once and recovers by itself",
    schedule=None,
    is_paused_upon_creation=False,
    default_args={"owner": "examples", "retries": 2, "retry_delay": timedelta(seconds=3)},
    tags=["example"],
) as dag:
    start = DummyOperator(task_id="start", description="Where it begins; runs nothing")
    call = PythonOperator(
        task_id="call_shaky_service",
        description="Ask a service that fails the first time",
        python_callable=call_shaky_service,
    )
    use = PythonOperator(
        task_id="use_answer",
        description="Use what the service said",
        python_callable=use_answer,
    )

    start >> call >> use
