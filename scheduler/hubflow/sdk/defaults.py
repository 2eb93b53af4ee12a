"""Arguments of operators: only by keyword, filled up from `default_args` (SEMANTICS 1.3).

Every operator class has its `__init__` wrapped when the class is made. Each named parameter that
was not given is filled from the operator's own `default_args`, else from the DAG's.
"""

from __future__ import annotations

import copy
import functools
import inspect
from collections.abc import Callable
from typing import Any

from hubflow.sdk.dag_context import TaskHolder, current_dag
from hubflow.sdk.exceptions import InvalidDag
from hubflow.sdk.task_group import current_group

_SLOT = "_hubflow_default_args"


def fill_from_default_args(init: Callable[..., None]) -> Callable[..., None]:
    """Wrap one class's `__init__`."""
    parameters = {
        name: parameter
        for name, parameter in list(inspect.signature(init).parameters.items())[1:]
        if parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
    }
    required = [name for name, p in parameters.items() if p.default is p.empty]

    @functools.wraps(init)
    def wrapper(self: Any, *args: Any, **kwargs: Any) -> None:
        if args:
            raise InvalidDag(
                f"Use keyword arguments when initializing operators: {type(self).__name__} got "
                f"{len(args)} positional"
            )
        defaults = self.__dict__.get(_SLOT)
        is_outermost = defaults is None
        if is_outermost:
            defaults = self.__dict__[_SLOT] = _merged(kwargs)
        for name in parameters:
            if name not in kwargs and name in defaults:
                kwargs[name] = copy.copy(defaults[name])
        missing = [name for name in required if name not in kwargs]
        if missing:
            raise InvalidDag(f"{_who(self, kwargs)}: Argument {missing} is required")
        init(self, **kwargs)
        if is_outermost:
            del self.__dict__[_SLOT]
            self.take_inputs()

    wrapper.__dict__["wraps_init"] = True
    return wrapper


def wrap_class(cls: type) -> None:
    """Wrap the `__init__` that ``cls`` itself defines, once."""
    init = cls.__dict__.get("__init__")
    if init is not None and not getattr(init, "wraps_init", False):
        cls.__init__ = fill_from_default_args(init)  # type: ignore[misc]


def apply_defaults(init: Callable[..., None]) -> Callable[..., None]:
    """Airflow's decorator for `__init__`; nothing is left for it to do."""
    return init


def _merged(kwargs: dict[str, Any]) -> dict[str, Any]:
    """Return the defaults for one operator: the DAG's, those of its task groups from the outermost
    on, its own. `params` are merged elsewhere, `dag` never comes so."""
    dag = kwargs.get("dag") or current_dag()
    merged = dict(dag.default_args) if isinstance(dag, TaskHolder) else {}
    group = kwargs.get("task_group") or current_group(dag)
    for outer in [] if group is None else group.path():
        merged.update(outer.default_args)
    own = dict(kwargs.get("default_args") or {})
    if "params" in own:
        kwargs["params"] = {**own.pop("params"), **(kwargs.get("params") or {})}
    merged.update(own)
    for name in ("params", "dag", "default_args", "task_id"):
        merged.pop(name, None)
    return merged


def _who(operator: object, kwargs: dict[str, Any]) -> str:
    task_id = kwargs.get("task_id")
    return f"{type(operator).__name__} {task_id!r}" if task_id else type(operator).__name__
