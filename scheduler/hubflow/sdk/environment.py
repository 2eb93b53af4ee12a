"""Environment variables that tell a task, and the commands it starts, where they run, and those
that hold what people call variables and connections (SEMANTICS 4.5, 5.2, 5.3).

No setting is read from the environment here; that is `config` alone.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from hubflow.clock import isoformat
from hubflow.sdk.taskinstance import TaskInstance

_BRANDS = ("HUBFLOW", "AIRFLOW")


class Given(NamedTuple):
    """A value from the environment, and the name under which it was found."""

    name: str
    value: str


def find_variable(key: str) -> Given | None:
    """Return the variable from `HUBFLOW_VAR_<KEY>` or `AIRFLOW_VAR_<KEY>`, or None."""
    return _find("VAR", key)


def find_connection(conn_id: str) -> Given | None:
    """Return the connection from `HUBFLOW_CONN_<ID>` or `AIRFLOW_CONN_<ID>`, or None."""
    return _find("CONN", conn_id)


def find_option(section: str, key: str) -> Given | None:
    """Return the option from `HUBFLOW__<SECTION>__<KEY>` or `AIRFLOW__…`, or None."""
    return _find("", f"_{section}__{key}")


def set_user(name: str, home: str) -> None:
    """Let this process and its children know as whom they run."""
    os.environ.update({"USER": name, "LOGNAME": name, "HOME": home})


def home() -> str:
    """Return HUBFLOW_HOME, as every process of ours has it; empty outside of them."""
    return os.environ.get("HUBFLOW_HOME", "")


def _find(kind: str, name: str) -> Given | None:
    for brand in _BRANDS:
        full = f"{brand}_{kind}_{name.upper()}" if kind else f"{brand}_{name.upper()}"
        if (value := os.environ.get(full)) is not None:
            return Given(full, value)
    return None


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


def inherited() -> dict[str, str]:
    """Return a copy of this process's environment, for a command to build on."""
    return dict(os.environ)


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
