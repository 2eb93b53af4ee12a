"""`airflow.utils.operator_helpers`: what operators of users' own import from there."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from hubflow.operators.python import accepted_names
from hubflow.sdk.task_environment import context_variables


def context_to_airflow_vars(
    context: Mapping[str, Any], in_env_var_format: bool = False
) -> dict[str, str]:
    """Return what tells a command which task it is part of, by environment variable or option."""
    variables = context_variables(context["ti"])
    if in_env_var_format:
        return variables
    return {
        f"airflow.ctx.{name.removeprefix('AIRFLOW_CTX_').lower()}": value
        for name, value in variables.items()
    }


def determine_kwargs(
    func: Callable[..., Any], args: Collection[Any], kwargs: Mapping[str, Any]
) -> dict[str, Any]:
    """Return those of ``kwargs`` that ``func`` takes after ``args``."""
    return {name: kwargs[name] for name in accepted_names(func, len(args), kwargs.keys())}


def make_kwargs_callable(func: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that drops the keyword arguments that ``func`` does not take."""

    def call(*args: Any, **kwargs: Any) -> Any:
        return func(*args, **determine_kwargs(func, args, kwargs))

    return call
