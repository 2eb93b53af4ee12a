from hubflow import DAG
from hubflow.operators import DummyOperator

with DAG("cycle", schedule=None) as dag:
    a, b, c = (DummyOperator(task_id=name) for name in "abc")
    a >> b >> c >> a
