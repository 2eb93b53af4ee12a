"""What DAG authors import: `from hubflow.sdk import DAG, BaseOperator, chain, TaskSkipped…`."""

from hubflow.sdk.configuration import conf
from hubflow.sdk.connection import Connection
from hubflow.sdk.context import Context, get_current_context
from hubflow.sdk.dag import DAG
from hubflow.sdk.dag_run import DagRun
from hubflow.sdk.defaults import apply_defaults
from hubflow.sdk.edges import Label, chain, chain_linear, cross_downstream
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
from hubflow.sdk.mapped import MappedOperator
from hubflow.sdk.operator import BaseOperator
from hubflow.sdk.params import Param
from hubflow.sdk.runtime import Runtime, current_runtime, use_runtime
from hubflow.sdk.sensor import BaseSensorOperator, PokeReturnValue
from hubflow.sdk.skipping import SkipMixin
from hubflow.sdk.task_group import TaskGroup
from hubflow.sdk.taskinstance import TaskInstance
from hubflow.sdk.threads import in_thread
from hubflow.sdk.trigger_rule import TriggerRule, WeightRule
from hubflow.sdk.triggers import BaseTrigger, TriggerEvent
from hubflow.sdk.variable import Variable
from hubflow.sdk.xcom_arg import XComArg

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
    "Connection",
    "Context",
    "DagRun",
    "HubflowException",
    "Label",
    "MappedOperator",
    "Param",
    "PokeReturnValue",
    "Runtime",
    "SensorTimeout",
    "SkipMixin",
    "TaskDeferralError",
    "TaskDeferralTimeout",
    "TaskDeferred",
    "TaskFailed",
    "TaskGroup",
    "TaskInstance",
    "TaskRescheduled",
    "TaskSkipped",
    "TaskTimeout",
    "TriggerEvent",
    "TriggerRule",
    "Variable",
    "WeightRule",
    "XComArg",
    "apply_defaults",
    "chain",
    "chain_linear",
    "conf",
    "cross_downstream",
    "current_runtime",
    "get_current_context",
    "in_thread",
    "use_runtime",
]
