"""Exceptions of `airflow.exceptions` that hubflow itself never raises, for `except` clauses."""

from __future__ import annotations

from hubflow.sdk.exceptions import HubflowException


class AirflowBadRequest(HubflowException):
    """A request was not acceptable."""

    status_code = 400


class AirflowClusterPolicyViolation(HubflowException):
    """A DAG or task breaks a rule of the site."""


class AirflowOptionalProviderFeatureException(HubflowException):
    """A feature needs a package that is not installed."""


class DagNotFound(HubflowException):
    """No DAG has this id."""


class DagCodeNotFound(HubflowException):
    """No source is stored for the DAG."""


class DagRunNotFound(HubflowException):
    """The DAG has no such run."""


class DagRunAlreadyExists(AirflowBadRequest):
    """There is a run with this id or date."""


class DagFileExists(AirflowBadRequest):
    """There is a DAG file of this name."""


class TaskInstanceNotFound(HubflowException):
    """The run has no such task."""


class PoolNotFound(HubflowException):
    """No pool has this name."""


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
