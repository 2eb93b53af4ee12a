"""Exceptions of `airflow.exceptions` that hubflow itself never raises, for `except` clauses."""

from __future__ import annotations

from hubflow.sdk.exceptions import HubflowException


class AirflowBadRequest(HubflowException):
    """A request was not acceptable."""

    status_code = 400


class AirflowNotFoundException(HubflowException):
    """Something that was asked for by name does not exist."""

    status_code = 404


class AirflowClusterPolicyViolation(HubflowException):
    """A DAG or task breaks a rule of the site."""


class AirflowOptionalProviderFeatureException(HubflowException):
    """A feature needs a package that is not installed."""


class DagNotFound(AirflowNotFoundException):
    """No DAG has this id."""


class DagCodeNotFound(AirflowNotFoundException):
    """No source is stored for the DAG."""


class DagRunNotFound(AirflowNotFoundException):
    """The DAG has no such run."""


class DagRunAlreadyExists(AirflowBadRequest):
    """There is a run with this id or date."""


class DagFileExists(AirflowBadRequest):
    """There is a DAG file of this name."""


class TaskInstanceNotFound(AirflowNotFoundException):
    """The run has no such task."""


class PoolNotFound(AirflowNotFoundException):
    """No pool has this name."""


class XComNotFound(HubflowException):
    """A task has pushed nothing under this key."""

    def __init__(self, dag_id: str = "", task_id: str = "", key: str = "") -> None:
        super().__init__(f"{task_id} in {dag_id} has pushed no XCom {key!r}")
        self.dag_id, self.task_id, self.key = dag_id, task_id, key


class NoAvailablePoolSlot(HubflowException):
    """The pool has no free slot."""


class DagConcurrencyLimitReached(HubflowException):
    """The DAG has as many running tasks as it may have."""


class TaskConcurrencyLimitReached(HubflowException):
    """The task runs as often at once as it may."""


class RemovedInAirflow3Warning(DeprecationWarning):
    """A category of warnings that files filter."""


class AirflowProviderDeprecationWarning(DeprecationWarning):
    """As above."""
