"""The chapters "PythonOperator" and "XComs"."""

from datetime import datetime
from pprint import pprint

from airflow import DAG
from airflow.operators.python_operator import PythonOperator

args = {"owner": "couture", "start_date": datetime(2018, 10, 1)}
dag = DAG("parsing_recipes", default_args=args, schedule_interval=None)


def print_context(ds, **kwargs):
    pprint(kwargs)
    print(ds)
    return "Whatever you return gets printed in the logs"


run_this = PythonOperator(
    task_id="print_the_context",
    provide_context=True,
    python_callable=print_context,
    dag=dag,
)


# inside a PythonOperator called 'pushing_task'
def push_function():
    return {"any": "object", "that": {1, 2}}


# inside another PythonOperator
def pull_function(task_instance):
    value = task_instance.xcom_pull(task_ids="pushing_task")
    assert value == {"any": "object", "that": {1, 2}}


pushing_task = PythonOperator(task_id="pushing_task", python_callable=push_function, dag=dag)
pulling_task = PythonOperator(task_id="pulling_task", python_callable=pull_function, dag=dag)
pushing_task >> pulling_task


def parse_recipes(**kwargs):
    return "RETURNS parse_recipes"


def download_image(**kwargs):
    ti = kwargs["ti"]
    v1 = ti.xcom_pull(key=None, task_ids="parse_recipes")
    print("Printing Task 1 values in Download_image")
    print(v1)
    assert v1 == "RETURNS parse_recipes"
    missing = KEYS - set(kwargs)
    assert not missing, missing
    return "download_image"


# What the manual prints of the context.
KEYS = {
    "dag",
    "ds",
    "next_ds",
    "prev_ds",
    "ds_nodash",
    "ts",
    "ts_nodash",
    "yesterday_ds",
    "yesterday_ds_nodash",
    "tomorrow_ds",
    "tomorrow_ds_nodash",
    "END_DATE",
    "end_date",
    "dag_run",
    "run_id",
    "execution_date",
    "prev_execution_date",
    "next_execution_date",
    "latest_date",
    "params",
    "tables",
    "task",
    "task_instance",
    "ti",
    "task_instance_key_str",
    "test_mode",
    "var",
    "inlets",
    "outlets",
    "templates_dict",
}

opr_parse_recipes = PythonOperator(
    task_id="parse_recipes", python_callable=parse_recipes, provide_context=True, dag=dag
)
opr_download_image = PythonOperator(
    task_id="download_image", python_callable=download_image, provide_context=True, dag=dag
)
opr_parse_recipes >> opr_download_image
