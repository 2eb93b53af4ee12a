"""What a child process may take, and what it gets to know through its environment."""

from __future__ import annotations

from hubflow import config

# Imports of a DAG file, once for each version, before its first task can start.
LOAD_TIMEOUT_S = 120.0


def task_limits(worker: config.Worker) -> dict[str, int]:
    """Return the rlimits of a task process, by their names in `resource`."""
    limits = {"CORE": 0}
    if worker.task_memory_mb:
        limits["AS"] = worker.task_memory_mb * 1024 * 1024
    return limits


def task_environment(core: config.Core) -> dict[str, str]:
    """Return the environment of processes that run user code: no secrets, but the home.

    It also goes by the name that scripts written for Airflow know.
    """
    home = str(core.paths.home)
    return config.scrubbed_environment({"HUBFLOW_HOME": home, "AIRFLOW_HOME": home})
