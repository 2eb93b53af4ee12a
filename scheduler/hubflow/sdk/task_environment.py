"""Environment variables that tell a task, and the commands it starts, what runs (SEMANTICS 4.5)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from hubflow.clock import isoformat
from hubflow.sdk.taskinstance import TaskInstance


def context_variables(ti: TaskInstance) -> dict[str, str]:
    """Return the `AIRFLOW_CTX_*` variables of one task instance."""
    task = ti.task
    emails = [task.email] if isinstance(task.email, str) else list(task.email or ())
    variables = {
        "AIRFLOW_CTX_DAG_OWNER": task.owner,
        "AIRFLOW_CTX_DAG_EMAIL": ",".join(emails),
        "AIRFLOW_CTX_DAG_ID": ti.dag_id,
        "AIRFLOW_CTX_TASK_ID": ti.task_id,
        "AIRFLOW_CTX_EXECUTION_DATE": isoformat(ti.execution_date),
        "AIRFLOW_CTX_DAG_RUN_ID": ti.run_id or "",
        "AIRFLOW_CTX_TRY_NUMBER": str(ti.try_number),
    }
    return {name: value for name, value in variables.items() if value}


@contextmanager
def task_variables(ti: TaskInstance) -> Iterator[None]:
    """Set the variables in this process while the task runs; then put back what was there."""
    variables = context_variables(ti)
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
