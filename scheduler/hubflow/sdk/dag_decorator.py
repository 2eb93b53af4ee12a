"""`@dag`: a function whose call builds a DAG (SEMANTICS 1.2)."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any

from hubflow.sdk.dag import DAG
from hubflow.sdk.exceptions import HubflowException
from hubflow.sdk.params import Param
from hubflow.sdk.templating import ResolvedLater


class DagParam(ResolvedLater):
    """A parameter of a DAG function inside its body: the run's value, once a task runs."""

    def __init__(self, dag: DAG, name: str, default: Any = None) -> None:
        self._name = name
        self._default = default
        if default is not None:
            dag.params[name] = default

    def resolve(self, context: Mapping[str, Any]) -> Any:
        conf = context["dag_run"].conf or {}
        if self._name in conf:
            return conf[self._name]
        params = context["params"]
        if self._name in params:
            return params[self._name]
        raise HubflowException(
            f"the run has no parameter {self._name!r}, and it has no default; give it in the conf"
        )


def dag(dag_id: Any = "", **options: Any) -> Any:
    """Make a function into a DAG: `@dag` or `@dag(schedule="@daily", …)`.

    The id is the function's name, its docstring the documentation, its parameters the DAG's
    `params`. Calling it builds and returns the DAG.
    """
    if callable(dag_id):
        return DagFactory(dag_id, "", options)
    return lambda function: DagFactory(function, dag_id, options)


class DagFactory:
    """What `@dag` makes of a function."""

    def __init__(
        self, function: Callable[..., Any], dag_id: str, options: Mapping[str, Any]
    ) -> None:
        self.function = function
        self._dag_id = dag_id or function.__name__
        self._options = dict(options)
        functools.update_wrapper(self, function)

    def __call__(self, *args: Any, **kwargs: Any) -> DAG:
        bound = inspect.signature(self.function).bind(*args, **kwargs)
        bound.apply_defaults()
        options = {"doc_md": inspect.getdoc(self.function), **self._options}
        with DAG(self._dag_id, **options) as made:
            values = {
                name: DagParam(made, name, value) if _is_param(value) else value
                for name, value in bound.arguments.items()
            }
            self.function(**values)
        return made


def _is_param(value: Any) -> bool:
    return isinstance(value, Param) or not isinstance(value, ResolvedLater)
