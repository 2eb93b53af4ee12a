"""Operators for DAG authors, imported on first use: `from hubflow.operators import …`."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hubflow.operators.bash import BashOperator as BashOperator
    from hubflow.operators.branch import BaseBranchOperator as BaseBranchOperator
    from hubflow.operators.branch import BranchDateTimeOperator as BranchDateTimeOperator
    from hubflow.operators.branch import BranchDayOfWeekOperator as BranchDayOfWeekOperator
    from hubflow.operators.branch import BranchPythonOperator as BranchPythonOperator
    from hubflow.operators.branch import LatestOnlyOperator as LatestOnlyOperator
    from hubflow.operators.branch import ShortCircuitOperator as ShortCircuitOperator
    from hubflow.operators.dag import DagOperator as DagOperator
    from hubflow.operators.dag import DagRunOrder as DagRunOrder
    from hubflow.operators.dag import SkippableDagOperator as SkippableDagOperator
    from hubflow.operators.dag import SubDagOperator as SubDagOperator
    from hubflow.operators.dag import TriggerDagRunOperator as TriggerDagRunOperator
    from hubflow.operators.dummy import DummyOperator as DummyOperator
    from hubflow.operators.dummy import EmptyOperator as EmptyOperator
    from hubflow.operators.dummy import SmoothOperator as SmoothOperator
    from hubflow.operators.email import EmailOperator as EmailOperator
    from hubflow.operators.http import HttpOperator as HttpOperator
    from hubflow.operators.http import SimpleHttpOperator as SimpleHttpOperator
    from hubflow.operators.jupyter import CoutureJupyterOperator as CoutureJupyterOperator
    from hubflow.operators.papermill import PapermillOperator as PapermillOperator
    from hubflow.operators.python import PythonOperator as PythonOperator
    from hubflow.operators.sensors import BaseSensorOperator as BaseSensorOperator
    from hubflow.operators.sensors import BashSensor as BashSensor
    from hubflow.operators.sensors import DateTimeSensor as DateTimeSensor
    from hubflow.operators.sensors import DateTimeSensorAsync as DateTimeSensorAsync
    from hubflow.operators.sensors import DayOfWeekSensor as DayOfWeekSensor
    from hubflow.operators.sensors import ExternalTaskMarker as ExternalTaskMarker
    from hubflow.operators.sensors import ExternalTaskSensor as ExternalTaskSensor
    from hubflow.operators.sensors import FileSensor as FileSensor
    from hubflow.operators.sensors import HttpSensor as HttpSensor
    from hubflow.operators.sensors import PokeReturnValue as PokeReturnValue
    from hubflow.operators.sensors import PythonSensor as PythonSensor
    from hubflow.operators.sensors import SqlSensor as SqlSensor
    from hubflow.operators.sensors import TimeDeltaSensor as TimeDeltaSensor
    from hubflow.operators.sensors import TimeDeltaSensorAsync as TimeDeltaSensorAsync
    from hubflow.operators.sensors import TimeSensor as TimeSensor
    from hubflow.operators.sensors import TimeSensorAsync as TimeSensorAsync
    from hubflow.operators.slack import SlackAPIPostOperator as SlackAPIPostOperator
    from hubflow.operators.slack import SlackWebhookOperator as SlackWebhookOperator
    from hubflow.operators.sql import GenericTransfer as GenericTransfer
    from hubflow.operators.sql import SQLExecuteQueryOperator as SQLExecuteQueryOperator
    from hubflow.operators.sql_branch import BranchSQLOperator as BranchSQLOperator
    from hubflow.operators.sql_checks import SQLCheckOperator as SQLCheckOperator
    from hubflow.operators.sql_checks import SQLIntervalCheckOperator as SQLIntervalCheckOperator
    from hubflow.operators.sql_checks import SQLThresholdCheckOperator as SQLThresholdCheckOperator
    from hubflow.operators.sql_checks import SQLValueCheckOperator as SQLValueCheckOperator
    from hubflow.operators.sql_data_checks import SQLColumnCheckOperator as SQLColumnCheckOperator
    from hubflow.operators.sql_data_checks import SQLTableCheckOperator as SQLTableCheckOperator
    from hubflow.operators.ssh import SFTPOperator as SFTPOperator
    from hubflow.operators.ssh import SSHOperator as SSHOperator
    from hubflow.operators.virtualenv import (
        BranchExternalPythonOperator as BranchExternalPythonOperator,
    )
    from hubflow.operators.virtualenv import (
        BranchPythonVirtualenvOperator as BranchPythonVirtualenvOperator,
    )
    from hubflow.operators.virtualenv import ExternalPythonOperator as ExternalPythonOperator
    from hubflow.operators.virtualenv import PythonVirtualenvOperator as PythonVirtualenvOperator

_MODULES = {
    "BaseBranchOperator": "branch",
    "BaseSensorOperator": "sensors",
    "BashOperator": "bash",
    "BashSensor": "sensors",
    "BranchDateTimeOperator": "branch",
    "BranchDayOfWeekOperator": "branch",
    "BranchExternalPythonOperator": "virtualenv",
    "BranchPythonOperator": "branch",
    "BranchPythonVirtualenvOperator": "virtualenv",
    "BranchSQLOperator": "sql_branch",
    "CoutureJupyterOperator": "jupyter",
    "DagOperator": "dag",
    "DagRunOrder": "dag",
    "DateTimeSensor": "sensors",
    "DateTimeSensorAsync": "sensors",
    "DayOfWeekSensor": "sensors",
    "DummyOperator": "dummy",
    "EmailOperator": "email",
    "EmptyOperator": "dummy",
    "ExternalPythonOperator": "virtualenv",
    "ExternalTaskMarker": "sensors",
    "ExternalTaskSensor": "sensors",
    "FileSensor": "sensors",
    "GenericTransfer": "sql",
    "HttpOperator": "http",
    "HttpSensor": "sensors",
    "LatestOnlyOperator": "branch",
    "PapermillOperator": "papermill",
    "PokeReturnValue": "sensors",
    "PythonOperator": "python",
    "PythonSensor": "sensors",
    "PythonVirtualenvOperator": "virtualenv",
    "SFTPOperator": "ssh",
    "SQLCheckOperator": "sql_checks",
    "SQLColumnCheckOperator": "sql_data_checks",
    "SQLExecuteQueryOperator": "sql",
    "SQLIntervalCheckOperator": "sql_checks",
    "SQLTableCheckOperator": "sql_data_checks",
    "SQLThresholdCheckOperator": "sql_checks",
    "SQLValueCheckOperator": "sql_checks",
    "SSHOperator": "ssh",
    "ShortCircuitOperator": "branch",
    "SimpleHttpOperator": "http",
    "SkippableDagOperator": "dag",
    "SlackAPIPostOperator": "slack",
    "SlackWebhookOperator": "slack",
    "SmoothOperator": "dummy",
    "SqlSensor": "sensors",
    "SubDagOperator": "dag",
    "TimeDeltaSensor": "sensors",
    "TimeDeltaSensorAsync": "sensors",
    "TimeSensor": "sensors",
    "TimeSensorAsync": "sensors",
    "TriggerDagRunOperator": "dag",
}
__all__ = [
    "BaseBranchOperator",
    "BaseSensorOperator",
    "BashOperator",
    "BashSensor",
    "BranchDateTimeOperator",
    "BranchDayOfWeekOperator",
    "BranchExternalPythonOperator",
    "BranchPythonOperator",
    "BranchPythonVirtualenvOperator",
    "BranchSQLOperator",
    "CoutureJupyterOperator",
    "DagOperator",
    "DagRunOrder",
    "DateTimeSensor",
    "DateTimeSensorAsync",
    "DayOfWeekSensor",
    "DummyOperator",
    "EmailOperator",
    "EmptyOperator",
    "ExternalPythonOperator",
    "ExternalTaskMarker",
    "ExternalTaskSensor",
    "FileSensor",
    "GenericTransfer",
    "HttpOperator",
    "HttpSensor",
    "LatestOnlyOperator",
    "PapermillOperator",
    "PokeReturnValue",
    "PythonOperator",
    "PythonSensor",
    "PythonVirtualenvOperator",
    "SFTPOperator",
    "SQLCheckOperator",
    "SQLColumnCheckOperator",
    "SQLExecuteQueryOperator",
    "SQLIntervalCheckOperator",
    "SQLTableCheckOperator",
    "SQLThresholdCheckOperator",
    "SQLValueCheckOperator",
    "SSHOperator",
    "ShortCircuitOperator",
    "SimpleHttpOperator",
    "SkippableDagOperator",
    "SlackAPIPostOperator",
    "SlackWebhookOperator",
    "SmoothOperator",
    "SqlSensor",
    "SubDagOperator",
    "TimeDeltaSensor",
    "TimeDeltaSensorAsync",
    "TimeSensor",
    "TimeSensorAsync",
    "TriggerDagRunOperator",
]


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module 'hubflow.operators' has no attribute {name!r}")
    return getattr(importlib.import_module(f"hubflow.operators.{_MODULES[name]}"), name)
