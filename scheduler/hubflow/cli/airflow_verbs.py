"""What people who know Airflow type, and the command of ours that does it."""

from __future__ import annotations

from collections.abc import Mapping

# The words after `airflow` -> the words after `hubflow`; none for what is JupyterHub's.
VERBS: Mapping[str, str] = {
    # 1.10
    "clear": "tasks clear",
    "checkdb": "db check",
    "create_user": "",
    "dag_state": "dags state",
    "delete_dag": "dags delete",
    "delete_user": "",
    "initdb": "db upgrade",
    "list_dag_runs": "runs list",
    "list_dags": "dags list",
    "list_tasks": "tasks list",
    "list_users": "",
    "next_execution": "dags next-execution",
    "pause": "dags pause",
    "pool": "pools",
    "render": "tasks render",
    "resetdb": "db downgrade base",
    "rotate_fernet_key": "db rotate-key",
    "run": "tasks run",
    "show_dag": "dags show",
    "sync_perm": "",
    "task_failed_deps": "tasks failed-deps",
    "task_state": "tasks state",
    "test": "tasks test",
    "trigger_dag": "dags trigger",
    "unpause": "dags unpause",
    "upgradedb": "db upgrade",
    "webserver": "up",
    # 2.x
    "dags backfill": "backfill create",
    "db init": "db upgrade",
    "db migrate": "db upgrade",
    "db reset": "db downgrade base",
    "roles": "",
    "rotate-fernet-key": "db rotate-key",
    "standalone": "up",
    "users": "",
}


def find(words: str) -> str | None:
    """Say how hubflow does what Airflow calls ``words``; None for what Airflow does not know."""
    ours = VERBS.get(words)
    if ours == "":
        return "people and their groups are kept by JupyterHub, on its Admin page"
    return None if ours is None else f"`hubflow {ours}` does that"
