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
    from hubflow.operators.email import EmailOperator as EmailOperator
    from hubflow.operators.jupyter import CoutureJupyterOperator as CoutureJupyterOperator
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

_MODULES = {
    "BaseBranchOperator": "branch",
    "BaseSensorOperator": "sensors",
    "BashOperator": "bash",
    "BashSensor": "sensors",
    "BranchDateTimeOperator": "branch",
    "BranchDayOfWeekOperator": "branch",
    "BranchPythonOperator": "branch",
    "CoutureJupyterOperator": "jupyter",
    "DagOperator": "dag",
    "DagRunOrder": "dag",
    "DateTimeSensor": "sensors",
    "DateTimeSensorAsync": "sensors",
    "DayOfWeekSensor": "sensors",
    "DummyOperator": "dummy",
    "EmailOperator": "email",
    "EmptyOperator": "dummy",
    "ExternalTaskMarker": "sensors",
    "ExternalTaskSensor": "sensors",
    "FileSensor": "sensors",
    "HttpSensor": "sensors",
    "LatestOnlyOperator": "branch",
    "PokeReturnValue": "sensors",
    "PythonOperator": "python",
    "PythonSensor": "sensors",
    "ShortCircuitOperator": "branch",
    "SkippableDagOperator": "dag",
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
    "BranchPythonOperator",
    "CoutureJupyterOperator",
    "DagOperator",
    "DagRunOrder",
    "DateTimeSensor",
    "DateTimeSensorAsync",
    "DayOfWeekSensor",
    "DummyOperator",
    "EmailOperator",
    "EmptyOperator",
    "ExternalTaskMarker",
    "ExternalTaskSensor",
    "FileSensor",
    "HttpSensor",
    "LatestOnlyOperator",
    "PokeReturnValue",
    "PythonOperator",
    "PythonSensor",
    "ShortCircuitOperator",
    "SkippableDagOperator",
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
