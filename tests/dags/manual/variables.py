"""The chapter "Variables"."""

from datetime import datetime

from airflow import DAG
from airflow.models import Variable
from airflow.operators.python_operator import PythonOperator

foo = Variable.get("foo")
bar = Variable.get("bar", deserialize_json=True)
baz = Variable.get("baz", default_var=None)

dag = DAG("variables", start_date=datetime(2020, 1, 1), schedule_interval=None)


def use():
    assert (foo, bar, baz) == ("text", {"a": 1}, None)
    config = Variable.get("db_config")
    Variable.set("db_config_copy", config)
    assert Variable.get("db_config_copy") == config
    try:
        Variable.get("no_such_variable")
    except KeyError:
        return
    raise AssertionError("a missing variable must raise a KeyError")


PythonOperator(task_id="use", python_callable=use, dag=dag)
