"""The chapter "Master DAG", with the DAGs that it links."""

from datetime import datetime

from airflow import DAG
from airflow.operators.bash_operator import BashOperator
from airflow.operators.dag_operator import DagOperator

args = {"owner": "couture", "start_date": datetime(2019, 4, 15), "depends_on_past": False}


def conditionally_trigger(context, dag_run_obj):
    """This function decides whether or not to Trigger the remote DAG"""
    if context["params"]["condition_param"]:
        dag_run_obj.payload = {"message": context["params"]["message"]}
        return dag_run_obj


schedule = None
dag = DAG("master_dag", default_args=args, schedule_interval=schedule)

schema_generation = DagOperator(
    task_id="SchemaGeneration",
    run_dag_id="ExampleSchemaGeneration",
    python_callable=conditionally_trigger,
    params={"condition_param": True, "message": "Hii there!!"},
    dag=dag,
)

child = DAG("ExampleSchemaGeneration", default_args=args, schedule_interval=None)
BashOperator(
    task_id="say",
    bash_command='test "{{ dag_run.conf["message"] }}" = "Hii there!!"',
    dag=child,
)
