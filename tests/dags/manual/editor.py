"""The imports of the editor's picture, and the sample of the "Code View"."""

# flake8: noqa
from datetime import datetime, timedelta
from airflow import DAG
from airflow.operators import CoutureSparkOperator, CouturePySparkOperator, CoutureDaskYarnOperator
from airflow.operators.dag_operator import SkippableDagOperator, DagOperator
from airflow.operators.dagrun_operator import TriggerDagRunOperator
from airflow.operators.dummy_operator import DummyOperator
from airflow.example_dags.subdags.subdag import subdag
from airflow.operators.subdag_operator import SubDagOperator
from airflow.operators import CoutureJupyterOperator, CoutureTensorflowOperator

app_name = "CoutureExample"

default_args = {
    "owner": "couture",
    "depends_on_past": False,
    "start_date": datetime(2019, 4, 15),
    "retries": 0,
}

schedule = None
dag = DAG("CoutureExample", default_args=default_args, catchup=False, schedule_interval=schedule)

LoadData = CoutureSparkOperator(
    task_id="LoadData",
    app_name=app_name,
    class_path="org.apache.spark.examples.SparkPi",
    code_artifact="spark-examples_2.11-2.3.1.jar",
    application_arguments=[],
    dag=dag,
    description="This task was inserted from the code bricks available on from Developer -> "
    "Manage Dags. The task name have been updated according to the scenario",
)
