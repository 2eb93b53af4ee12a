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


def task_environment(core: config.Core, dags: config.Dags) -> dict[str, str]:
    """Return the environment of processes that run user code."""
    return config.authors_environment(str(core.paths.home), dags)
