"""`airflow.example_dags.subdags.subdag`, which the manual's editor imports."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hubflow.operators.dummy import DummyOperator
from hubflow.sdk.dag import DAG

TASKS = 5


def subdag(parent_dag_name: str, child_dag_name: str, args: Mapping[str, Any]) -> DAG:
    """Return a DAG of five tasks that do nothing, for a SubDagOperator."""
    dag = DAG(f"{parent_dag_name}.{child_dag_name}", default_args=args, schedule_interval="@daily")
    for number in range(1, TASKS + 1):
        DummyOperator(task_id=f"{child_dag_name}-task-{number}", default_args=args, dag=dag)
    return dag
