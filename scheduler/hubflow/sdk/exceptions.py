"""What DAG authors raise and catch. Airflow's names are the same classes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from hubflow.errors import HubflowError


class HubflowException(HubflowError):
    """Base of what the SDK raises at authors, and they may raise: the try fails, retries apply."""

    code = "task-error"


class TaskFailed(HubflowException):
    """Raise it in a task: the task fails now, whatever retries are left."""


class TaskSkipped(HubflowException):
    """Raise it in a task: the task ends as skipped, without retries."""


class TaskTimeout(HubflowException):
    """The task ran longer than its `execution_timeout`."""


class TaskKilled(HubflowException):
    """The task was told to end (SIGTERM)."""


class SensorTimeout(HubflowException):
    """A sensor has waited as long as its `timeout` says."""


class TaskRescheduled(HubflowException):
    """Raise it in a task: the try gives its slot back and goes on, from the top, at that date."""

    def __init__(self, reschedule_date: datetime) -> None:
        super().__init__(f"to be rescheduled at {reschedule_date}")
        self.reschedule_date = reschedule_date


class CannotDefer(HubflowException):
    """What a deferrable task waits for cannot be waited for outside of its process."""


class TaskDeferralError(HubflowException):
    """The trigger that a deferred task waited for failed."""


class TaskDeferralTimeout(TaskDeferralError):
    """The trigger that a deferred task waited for did not fire in time."""


class TaskDeferred(BaseException):
    """Raised by `BaseOperator.defer`; no error, so `except Exception` must not catch it."""

    def __init__(
        self,
        *,
        trigger: Any,
        method_name: str,
        kwargs: Mapping[str, Any] | None = None,
        timeout: timedelta | float | None = None,
    ) -> None:
        super().__init__(f"deferred until {type(trigger).__name__} fires")
        self.trigger = trigger
        self.method_name = method_name
        self.kwargs = kwargs
        self.timeout = timedelta(seconds=timeout) if isinstance(timeout, int | float) else timeout


class InvalidDag(HubflowException):
    """A DAG or task is put together wrongly; the message names it."""

    code = "invalid-dag"


class DagCycle(InvalidDag):
    """The edges of a DAG lead back to where they came from."""


class DuplicateTaskId(InvalidDag):
    """Two tasks of a DAG have the same id."""

    def __init__(self, task_id: str, dag_id: str) -> None:
        super().__init__(f"Task id {task_id!r} has already been added to the DAG {dag_id!r}")


class DuplicateEdge(InvalidDag):
    """The same edge was declared twice."""

    def __init__(self, upstream: object, downstream: object) -> None:
        super().__init__(f"Dependency {upstream}, {downstream} already registered")


class TaskNotFound(InvalidDag):
    """The DAG has no task with this id."""

    def __init__(self, task_id: str, dag_id: str) -> None:
        super().__init__(f"Task {task_id!r} not found in DAG {dag_id!r}")


class ConnectionMissing(HubflowException):
    """There is no connection of this id."""

    status_code = 404

    def __init__(self, conn_id: str) -> None:
        super().__init__(f"The conn_id `{conn_id}` isn't defined")


class OptionMissing(HubflowException):
    """`conf` knows no such option."""

    def __init__(self, section: str, key: str) -> None:
        super().__init__(
            f"there is no option [{section}] {key}; set the environment variable "
            f"HUBFLOW__{section.upper()}__{key.upper()}, or give a fallback"
        )


class XComTooLarge(HubflowException):
    """A value is too large to be handed to other tasks through the database."""


class XComNotFound(HubflowException):
    """A task was to give a value under this key, and did not."""

    def __init__(self, dag_id: str, task_id: str, key: str) -> None:
        super().__init__(
            f"XComArg result from {task_id} at {dag_id} with key={key!r} is not found!"
        )


AirflowException = HubflowException
AirflowFailException = TaskFailed
AirflowSkipException = TaskSkipped
AirflowTaskTimeout = TaskTimeout
AirflowSensorTimeout = SensorTimeout
AirflowRescheduleException = TaskRescheduled
AirflowDagCycleException = DagCycle
AirflowNotFoundException = ConnectionMissing
AirflowConfigException = OptionMissing
DuplicateTaskIdFound = DuplicateTaskId
