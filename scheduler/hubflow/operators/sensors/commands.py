"""Sensors whose poke is a function or a command of the author."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from typing import Any

from hubflow.clock import utcnow
from hubflow.operators.bash import BashOperator
from hubflow.operators.checks import ChecksInThreads, CommandTrigger
from hubflow.operators.python import PythonOperator, accepted_names
from hubflow.sdk import task_environment
from hubflow.sdk.exceptions import CannotDefer, HubflowException, TaskRescheduled
from hubflow.sdk.sensor import BaseSensorOperator
from hubflow.sdk.triggers import BaseTrigger


class PythonSensor(ChecksInThreads, PythonOperator):
    """Call ``python_callable`` until it returns something true; arguments as PythonOperator.

    With ``deferrable`` it is called in a thread beside others: it must be a function with a name
    in its module, thread-safe, and not take the task instance nor all of the context.
    """

    poke_state = ("python_callable", "op_args", "op_kwargs", "provide_context", "templates_dict")

    def poke(self, context: MutableMapping[str, Any]) -> Any:
        result = self.call(context)
        self.log.info("Poke returned: %s", result)
        return result

    def poke_names(self, context: Mapping[str, Any]) -> list[str]:
        if self.provide_context is False:
            return []
        names = accepted_names(self.python_callable, len(self.op_args), context.keys())
        return [name for name in names if name not in self.op_kwargs]


class BashSensor(BaseSensorOperator, BashOperator):
    """Run ``bash_command`` until its exit code is 0; arguments as BashOperator.

    With ``retry_exit_code`` only that code means "not yet", and every other one fails the task.
    """

    def __init__(self, *, retry_exit_code: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.retry_exit_code = retry_exit_code

    def poke(self, context: MutableMapping[str, Any]) -> bool:
        return self._judge(self.run_command(context).exit_code)

    def make_trigger(self, context: MutableMapping[str, Any]) -> BaseTrigger:
        if type(self) is not BashSensor:
            raise CannotDefer(f"nobody knows what the poke of a {type(self).__name__} needs")
        return CommandTrigger(
            command=self.bash_command,
            env={**(self.env or {}), **task_environment.context_variables(context["ti"])},
            inherits=self.env is None or self.append_env,
            cwd=self.cwd,
            encoding=self.output_encoding,
            not_yet=None if self.silent_fail else self.retry_exit_code,
            waits=self.wait_rule(context)._asdict(),
            pokes=int(context["ti"].leg) + 1,
        )

    def trigger_fired(self, context: MutableMapping[str, Any], event: Any = None) -> None:
        if event is None:
            self.log.info("The command took too long beside others; running it in the task")
        if not self._poke(context, None if event is None else lambda _: self._judge(event)):
            raise TaskRescheduled(utcnow() + self.next_wait(context, int(context["ti"].leg)))
        self.log.info("Success criteria met. Exiting.")

    def _judge(self, code: int) -> bool:
        if code and self.retry_exit_code is not None and code != self.retry_exit_code:
            raise HubflowException(f"the command exited with code {code}")
        return code == 0
