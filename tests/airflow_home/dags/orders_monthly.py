from datetime import datetime, timedelta

from airflow import DAG
from airflow.hooks.base_hook import BaseHook
from airflow.models import Variable
from airflow.operators import ShoutOperator
from airflow.operators.bash_operator import BashOperator
from airflow.operators.python_operator import PythonOperator
from common.words import GREETING

SHOP = Variable.get("shop", default_var="none")


def count_orders(**context):
    connection = BaseHook.get_connection("warehouse")
    print("orders of", SHOP, "in", context["ds"], "from", connection.host)
    return 3


dag = DAG(
    "orders_monthly",
    default_args={"owner": "sales", "retries": 1, "retry_delay": timedelta(seconds=10)},
    schedule_interval="@monthly",
    start_date=datetime(2026, 1, 1),
)
count = PythonOperator(
    task_id="count",
    python_callable=count_orders,
    provide_context=True,
    dag=dag,
)
report = BashOperator(
    task_id="report",
    bash_command="echo {{ ti.xcom_pull('count') }} orders since {{ ds }}",
    pool="reports",
    dag=dag,
)
shout = ShoutOperator(task_id="shout", word=GREETING, dag=dag)
count >> report >> shout
