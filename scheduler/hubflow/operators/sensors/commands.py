"""Sensors whose poke is a function or a command of the author."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

from hubflow.operators.bash import BashOperator
from hubflow.operators.python import PythonOperator
from hubflow.sdk.exceptions import HubflowException
from hubflow.sdk.sensor import BaseSensorOperator


class PythonSensor(BaseSensorOperator, PythonOperator):
    """Call ``python_callable`` until it returns something true; arguments as PythonOperator."""

    def poke(self, context: MutableMapping[str, Any]) -> Any:
        result = self.call(context)
        self.log.info("Poke returned: %s", result)
        return result


class BashSensor(BaseSensorOperator, BashOperator):
    """Run ``bash_command`` until its exit code is 0; arguments as BashOperator.

    With ``retry_exit_code`` only that code means "not yet", and every other one fails the task.
    """

    def __init__(self, *, retry_exit_code: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.retry_exit_code = retry_exit_code

    def poke(self, context: MutableMapping[str, Any]) -> bool:
        code = self.run_command(context).exit_code
        if code and self.retry_exit_code is not None and code != self.retry_exit_code:
            raise HubflowException(f"the command exited with code {code}")
        return code == 0
