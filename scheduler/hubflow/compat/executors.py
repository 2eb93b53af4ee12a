"""Executors, which files name to hand them to a SubDagOperator: tasks run on hubflow's worker."""

from __future__ import annotations

from typing import Any


class BaseExecutor:
    """Says where Airflow would run tasks; here it changes nothing."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Take what Airflow's executors take."""


class SequentialExecutor(BaseExecutor):
    """One task after another."""


class LocalExecutor(BaseExecutor):
    """Processes of one machine."""


class CeleryExecutor(BaseExecutor):
    """Workers that share a queue."""


class DebugExecutor(BaseExecutor):
    """In the process of a debugger."""


class KubernetesExecutor(BaseExecutor):
    """A pod for each task."""


def get_default_executor() -> BaseExecutor:
    """Return the executor that the configuration names; there is none to choose here."""
    return BaseExecutor()


GetDefaultExecutor = get_default_executor
