"""What a call of a `@task` function becomes: an operator, and its output as an XComArg."""

from __future__ import annotations

import functools
import inspect
import typing
from collections.abc import Callable, Mapping
from typing import Any

from hubflow.sdk.dag_context import TaskHolder, current_dag
from hubflow.sdk.exceptions import InvalidDag
from hubflow.sdk.mapped import MappedOperator
from hubflow.sdk.task_group import current_group
from hubflow.sdk.xcom_arg import XComArg


class TaskFactory:
    """A function that `@task` (or one of its kind) was put before.

    Parameters
    ----------
    operator : class of the tasks; takes `python_callable`, `op_args`, `op_kwargs`.
    options : further arguments of the operator; `task_id` defaults to the function's name.
    """

    def __init__(
        self, function: Callable[..., Any], operator: type[Any], options: Mapping[str, Any]
    ) -> None:
        self.function = function
        self.operator = operator
        self._options = dict(options)
        self._role = self._options.pop("_role", None)
        functools.update_wrapper(self, function)

    def __call__(self, *args: Any, **kwargs: Any) -> XComArg:
        """Add a task to the open DAG; returns its output."""
        self._check_call(args, kwargs)
        return self._output(self.operator(**self._arguments(), op_args=args, op_kwargs=kwargs))

    def override(self, **options: Any) -> TaskFactory:
        """Return the same with other options: `f.override(task_id="g", retries=3)(…)`."""
        return type(self)(self.function, self.operator, {**self._given(), **options})

    def partial(self, **kwargs: Any) -> PartialTask:
        """Fix some arguments of a mapped task: `f.partial(a=1).expand(b=[1, 2])`."""
        return PartialTask(self, kwargs)

    def expand(self, **kwargs: Any) -> XComArg:
        """Make a task for each combination of the values (SEMANTICS 6.8)."""
        return self.partial().expand(**kwargs)

    def expand_kwargs(self, kwargs: Any, *, strict: bool = True) -> XComArg:
        """Make a task for each dict of arguments in a list."""
        return self.partial().expand_kwargs(kwargs, strict=strict)

    def mapped(
        self, fixed: Mapping[str, Any], values: Mapping[str, Any] | None, dicts: Any
    ) -> XComArg:
        """Add a mapped task; for `PartialTask`."""
        arguments = {**self._arguments(), "op_kwargs": dict(fixed)}
        task = MappedOperator(
            operator=self.operator, fixed=arguments, values=values, dicts=dicts, into="op_kwargs"
        )
        return self._output(task)

    def _output(self, task: Any) -> XComArg:
        if self._role == "setup":
            task.as_setup()
        elif self._role == "teardown":
            task.as_teardown(
                on_failure_fail_dagrun=self._options.get("on_failure_fail_dagrun", False)
            )
        return XComArg(task)

    def _given(self) -> dict[str, Any]:
        return {**self._options, **({"_role": self._role} if self._role else {})}

    def _arguments(self) -> dict[str, Any]:
        options = dict(self._options)
        options.pop("on_failure_fail_dagrun", None)
        name = options.pop("task_id", None) or self.function.__name__
        dag = options.get("dag") or current_dag()
        group = options.get("task_group") or current_group(dag)
        options["task_id"] = unique_task_id(name, dag, group)
        if takes(self.operator, "multiple_outputs"):
            options.setdefault("multiple_outputs", gives_a_dict(self.function))
        if doc := inspect.getdoc(self.function):
            options.setdefault("doc_md", doc)
        return {**options, "python_callable": self.function}

    def _check_call(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
        """Say now what the call would say when the task runs."""
        name, signature = self.function.__name__, inspect.signature(self.function)
        try:
            given = signature.bind_partial(*args, **kwargs).arguments
        except TypeError as exc:
            raise TypeError(f"{name}(): {exc}") from None
        missing = [
            parameter
            for parameter, p in signature.parameters.items()
            if p.default is p.empty
            and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)
            and parameter not in given
            and parameter not in CONTEXT_NAMES
        ]
        if missing:
            raise TypeError(f"{name}(): missing argument {', '.join(missing)}")


class PartialTask:
    """A `@task` function with some of its arguments fixed, to be expanded over others."""

    def __init__(self, factory: TaskFactory, fixed: Mapping[str, Any]) -> None:
        self._factory = factory
        self._fixed = dict(fixed)

    def expand(self, **kwargs: Any) -> XComArg:
        if not kwargs:
            raise InvalidDag(f"{self._factory.function.__name__}.expand() needs an argument")
        both = sorted(self._fixed.keys() & kwargs.keys())
        if both:
            raise InvalidDag(
                f"{self._factory.function.__name__}: {', '.join(both)} is given to partial() and "
                "to expand()"
            )
        return self._factory.mapped(self._fixed, kwargs, None)

    def expand_kwargs(self, kwargs: Any, *, strict: bool = True) -> XComArg:
        return self._factory.mapped(self._fixed, None, kwargs)


# Arguments that a running task fills in by name.
CONTEXT_NAMES = frozenset(
    {
        "END_DATE",
        "conf",
        "conn",
        "dag",
        "dag_run",
        "data_interval_end",
        "data_interval_start",
        "ds",
        "ds_nodash",
        "end_date",
        "exception",
        "execution_date",
        "inlet_events",
        "inlets",
        "latest_date",
        "logical_date",
        "macros",
        "next_ds",
        "next_ds_nodash",
        "next_execution_date",
        "outlet_events",
        "outlets",
        "params",
        "prev_data_interval_end_success",
        "prev_data_interval_start_success",
        "prev_ds",
        "prev_ds_nodash",
        "prev_execution_date",
        "prev_execution_date_success",
        "prev_start_date_success",
        "run_id",
        "tables",
        "task",
        "task_instance",
        "task_instance_key_str",
        "templates_dict",
        "test_mode",
        "ti",
        "tomorrow_ds",
        "tomorrow_ds_nodash",
        "triggering_dataset_events",
        "ts",
        "ts_nodash",
        "ts_nodash_with_tz",
        "var",
        "yesterday_ds",
        "yesterday_ds_nodash",
    }
)


def unique_task_id(name: str, dag: TaskHolder | None, group: Any) -> str:
    """Return ``name``, or ``name__1``, ``name__2``… when the DAG has such a task already."""
    full = group.child_id if group is not None else str
    if dag is None or not dag.has_task(full(name)):
        return name
    count = 1
    while dag.has_task(full(f"{name}__{count}")):
        count += 1
    return f"{name}__{count}"


def takes(operator: type[Any], name: str) -> bool:
    """Say whether an operator has an argument of this name."""
    inits = [vars(cls)["__init__"] for cls in operator.__mro__ if "__init__" in vars(cls)]
    return any(name in inspect.signature(init).parameters for init in inits[:-1])


def gives_a_dict(function: Callable[..., Any]) -> bool:
    """Say whether a function's annotation promises a dict: its items become XComs of their own."""
    try:
        found = typing.get_type_hints(function).get("return")
    except Exception:  # an annotation may name anything, even what is not there
        return False
    origin = typing.get_origin(found) or found
    return isinstance(origin, type) and issubclass(origin, Mapping)
