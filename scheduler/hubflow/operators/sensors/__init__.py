"""Sensors: tasks that wait (SEMANTICS 6.4). The base class is `sdk.sensor`."""

from hubflow.operators.sensors.commands import BashSensor, PythonSensor
from hubflow.operators.sensors.external_task import ExternalTaskMarker, ExternalTaskSensor
from hubflow.operators.sensors.files import FileSensor
from hubflow.operators.sensors.services import HttpSensor, SqlSensor
from hubflow.operators.sensors.times import (
    DateTimeSensor,
    DateTimeSensorAsync,
    DayOfWeekSensor,
    TimeDeltaSensor,
    TimeDeltaSensorAsync,
    TimeSensor,
    TimeSensorAsync,
)
from hubflow.sdk.sensor import BaseSensorOperator, PokeReturnValue

__all__ = [
    "BaseSensorOperator",
    "BashSensor",
    "DateTimeSensor",
    "DateTimeSensorAsync",
    "DayOfWeekSensor",
    "ExternalTaskMarker",
    "ExternalTaskSensor",
    "FileSensor",
    "HttpSensor",
    "PokeReturnValue",
    "PythonSensor",
    "SqlSensor",
    "TimeDeltaSensor",
    "TimeDeltaSensorAsync",
    "TimeSensor",
    "TimeSensorAsync",
]
