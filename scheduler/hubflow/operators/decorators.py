"""`@task` and its kinds: functions that become tasks where they are called (SEMANTICS 6.8).

`@task`, `@task.branch`, `@task.short_circuit`, `@task.bash`… each with or without arguments.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, MutableMapping
from typing import Any

from hubflow.operators.python import PythonOperator
from hubflow.sdk.decorated import TaskFactory
from hubflow.sdk.exceptions import HubflowException, InvalidDag


class DecoratedOperator(PythonOperator):
    """A task made of a function.

    ``multiple_outputs`` pushes each item of the dict that it returns as an XCom of its own, too.
    """

    def __init__(self, *, multiple_outputs: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.multiple_outputs = multiple_outputs

    @property
    def task_type(self) -> str:
        return "@task"

    def execute(self, context: MutableMapping[str, Any]) -> Any:
        result = super().execute(context)
        if self.multiple_outputs:
            push_items(context, result)
        return result


def push_items(context: Mapping[str, Any], result: Any) -> None:
    """Push every item of a dict under its key; raises HubflowException for anything else."""
    if result is None:
        return
    if not isinstance(result, Mapping):
        raise HubflowException(
            f"a task with multiple_outputs returns a dict, not {type(result).__name__}"
        )
    for key, value in result.items():
        if not isinstance(key, str):
            raise HubflowException(f"the keys of multiple_outputs are text, not {key!r}")
        context["ti"].xcom_push(key=key, value=value)


# Kind of @task -> module and class of its operator, which takes a python_callable.
KINDS: Mapping[str, tuple[str, str]] = {
    "python": ("hubflow.operators.decorators", "DecoratedOperator"),
    "branch": ("hubflow.operators.branch", "BranchPythonOperator"),
    "short_circuit": ("hubflow.operators.branch", "ShortCircuitOperator"),
    "sensor": ("hubflow.operators.sensors", "PythonSensor"),
    "bash": ("hubflow.operators.decorated_bash", "DecoratedBashOperator"),
    "virtualenv": ("hubflow.operators.virtualenv", "PythonVirtualenvOperator"),
    "external_python": ("hubflow.operators.virtualenv", "ExternalPythonOperator"),
    "branch_virtualenv": ("hubflow.operators.virtualenv", "BranchPythonVirtualenvOperator"),
    "branch_external_python": ("hubflow.operators.virtualenv", "BranchExternalPythonOperator"),
}
_NOT_HERE = frozenset(
    {
        "docker",
        "kubernetes",
        "pyspark",
        "run_if",
        "skip_if",
    }
)


class TaskDecorator:
    """The object behind the name `task`."""

    def __init__(self, kind: str = "python", role: str | None = None) -> None:
        self._kind = kind
        self._role = role

    def __call__(self, function: Callable[..., Any] | None = None, **options: Any) -> Any:
        """Make ``function`` a task factory; without it, return what does so with ``options``."""
        if function is None:
            return lambda later: self(later, **options)
        if not callable(function):
            raise InvalidDag(f"@task stands before a function, not before {function!r}")
        if self._role is not None:
            options["_role"] = self._role
        return TaskFactory(function, self._operator(), options)

    def __getattr__(self, kind: str) -> TaskDecorator:
        if kind in KINDS:
            return TaskDecorator(kind, self._role)
        if kind in _NOT_HERE:
            raise InvalidDag(f"@task.{kind} is not available in hubflow; use @task or an operator")
        raise AttributeError(f"there is no @task.{kind}")

    def _operator(self) -> type[Any]:
        module, name = KINDS[self._kind]
        found: type[Any] = getattr(importlib.import_module(module), name)
        return found


task = TaskDecorator()
setup = TaskDecorator(role="setup")
teardown = TaskDecorator(role="teardown")
