"""The chapters "Creating a DAG" and "Tasks", with every way to declare dependencies."""

# The DAG object; we'll need this to instantiate a DAG
from datetime import datetime, timedelta

from airflow import DAG

# Operators; we need this to operate!
from airflow.operators.bash_operator import BashOperator

default_args = {
    "owner": "couture",
    "depends_on_past": False,
    "start_date": datetime(2015, 6, 1),
    "email": ["couture@example.com"],
    "email_on_failure": False,
    "email_on_retry": False,
    "retries": 1,
}

dag = DAG("dag", default_args=default_args, schedule_interval=timedelta(days=1))

t1 = BashOperator(task_id="print_date", bash_command="date", dag=dag, description="Print Date")

run_this = BashOperator(
    task_id="run_after_loop",
    bash_command="echo 1",
    dag=dag,
)


def three(name):
    return [BashOperator(task_id=f"{name}_{n}", bash_command="true", dag=dag) for n in (1, 2, 3)]


a1, a2, _ = three("a")
a1.set_downstream(a2)

b1, b2, _ = three("b")
b2.set_upstream(b1)

c1, c2, _ = three("c")
c1 >> c2

d1, d2, _ = three("d")
d2 << d1

e1, e2, e3 = three("e")
e1 >> e2 >> e3

f1, f2, f3 = three("f")
f1.set_downstream([f2, f3])

g1, g2, g3 = three("g")
g1 >> [g2, g3]

h1, h2, h3 = three("h")
[h2, h3] << h1
