"""Operators and hooks that DAG files may name although what they drive is not here.

A file that uses one imports, and its DAG is shown with a warning; only the task itself fails, with
a message that says what is missing. `hubflow dags check` lists what a folder needs.
"""

from __future__ import annotations

import inspect
from collections.abc import MutableMapping
from typing import Any, ClassVar

from hubflow.sdk.exceptions import HubflowException
from hubflow.sdk.operator import BaseOperator

_COMMON = frozenset(inspect.signature(BaseOperator.__init__).parameters)


class NotAvailable(HubflowException):
    """Something that the task needs is not here; the message says what, and what to do."""


class UnavailableOperator(BaseOperator):
    """A task that can be drawn and not be run. `needs` is what is missing, in a few words."""

    needs: ClassVar[str] = "something that hubflow does not have"
    advice: ClassVar[str] = "call its own client library in a PythonOperator instead"
    ui_color = "#f5f5f5"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{name: kwargs[name] for name in kwargs.keys() & _COMMON})
        # What else it was given is what Airflow's class knows: not a slip, and readable as there.
        for name in kwargs.keys() - _COMMON:
            setattr(self, name, kwargs[name])

    def execute(self, context: MutableMapping[str, Any]) -> Any:
        raise NotAvailable(f"{self.task_type} needs {self.needs}; {self.advice}")


class UnavailableHook:
    """A hook that can be made and not be used."""

    needs: ClassVar[str] = UnavailableOperator.needs
    advice: ClassVar[str] = UnavailableOperator.advice

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.arguments = (args, kwargs)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise NotAvailable(f"{type(self).__name__} needs {self.needs}; {self.advice}")
