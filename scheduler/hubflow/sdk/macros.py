"""`macros` of the template context (SEMANTICS 4.3)."""

from __future__ import annotations

import importlib
import json
import time
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from random import random
from typing import Any, NoReturn

from hubflow.sdk.exceptions import HubflowException

__all__ = [
    "datetime",
    "datetime_diff_for_humans",
    "ds_add",
    "ds_format",
    "json",
    "random",
    "time",
    "timedelta",
    "uuid",
]
_LATE = {"dateutil": "dateutil", "pendulum": "pendulum", "yaml": "yaml"}

find_more: Callable[[str], Any] | None = None
"""Finds macros of plugins by the name of the plugin; None for an unknown one."""


def ds_add(ds: str, days: int) -> str:
    """Add days to a date: `ds_add('2015-01-06', -5)` is '2015-01-01'."""
    return (datetime.strptime(str(ds), "%Y-%m-%d") + timedelta(days=days)).strftime("%Y-%m-%d")


def ds_format(ds: str, input_format: str, output_format: str) -> str:
    """Write a date in another format: `ds_format('2015-01-05', '%Y-%m-%d', '%d.%m.%Y')`."""
    return datetime.strptime(str(ds), input_format).strftime(output_format)


def datetime_diff_for_humans(dt: datetime, since: datetime | None = None) -> str:
    """Say how far away an instant is: "2 days ago"."""
    pendulum = importlib.import_module("pendulum")
    other = None if since is None else pendulum.instance(since)
    return str(pendulum.instance(dt).diff_for_humans(other))


class hive:
    """What asks Hive in Airflow; here it says so."""

    @staticmethod
    def max_partition(*args: Any, **kwargs: Any) -> NoReturn:
        raise HubflowException("macros.hive.max_partition needs a Hive metastore; hubflow has none")

    @staticmethod
    def closest_ds_partition(*args: Any, **kwargs: Any) -> NoReturn:
        raise HubflowException(
            "macros.hive.closest_ds_partition needs a Hive metastore; hubflow has none"
        )


def __getattr__(name: str) -> Any:
    if name in _LATE:
        return importlib.import_module(_LATE[name])
    if find_more is not None and not name.startswith("__"):
        found = find_more(name)
        if found is not None:
            return found
    raise AttributeError(f"macros has no {name!r}")
