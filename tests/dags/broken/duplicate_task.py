from hubflow import DAG
from hubflow.operators import DummyOperator

with DAG("duplicate_task", schedule=None) as dag:
    DummyOperator(task_id="same")
    DummyOperator(task_id="same")
