"""What DAG authors import: `from hubflow.sdk import DAG, BaseOperator, chain, TaskSkipped…`."""

from hubflow.sdk.context import Context, get_current_context
from hubflow.sdk.dag import DAG
from hubflow.sdk.dag_run import DagRun
from hubflow.sdk.defaults import apply_defaults
from hubflow.sdk.edges import chain, chain_linear, cross_downstream
from hubflow.sdk.exceptions import (
    AirflowException,
    AirflowFailException,
    AirflowRescheduleException,
    AirflowSensorTimeout,
    AirflowSkipException,
    AirflowTaskTimeout,
    HubflowException,
    SensorTimeout,
    TaskDeferralError,
    TaskDeferralTimeout,
    TaskDeferred,
    TaskFailed,
    TaskRescheduled,
    TaskSkipped,
    TaskTimeout,
)
from hubflow.sdk.operator import BaseOperator
from hubflow.sdk.params import Param
from hubflow.sdk.runtime import Runtime, current_runtime, use_runtime
from hubflow.sdk.sensor import BaseSensorOperator, PokeReturnValue
from hubflow.sdk.skipping import SkipMixin
from hubflow.sdk.taskinstance import TaskInstance
from hubflow.sdk.trigger_rule import TriggerRule, WeightRule
from hubflow.sdk.triggers import BaseTrigger, TriggerEvent

__all__ = [
    "DAG",
    "AirflowException",
    "AirflowFailException",
    "AirflowRescheduleException",
    "AirflowSensorTimeout",
    "AirflowSkipException",
    "AirflowTaskTimeout",
    "BaseOperator",
    "BaseSensorOperator",
    "BaseTrigger",
    "Context",
    "DagRun",
    "HubflowException",
    "Param",
    "PokeReturnValue",
    "Runtime",
    "SensorTimeout",
    "SkipMixin",
    "TaskDeferralError",
    "TaskDeferralTimeout",
    "TaskDeferred",
    "TaskFailed",
    "TaskInstance",
    "TaskRescheduled",
    "TaskSkipped",
    "TaskTimeout",
    "TriggerEvent",
    "TriggerRule",
    "WeightRule",
    "apply_defaults",
    "chain",
    "chain_linear",
    "cross_downstream",
    "current_runtime",
    "get_current_context",
    "use_runtime",
]
