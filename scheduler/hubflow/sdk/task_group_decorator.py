"""`@task_group`: a function whose tasks are a group, once or for each of several values."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any

from hubflow.sdk.exceptions import InvalidDag
from hubflow.sdk.expansion import Expansion, GroupArgument
from hubflow.sdk.task_group import MappedTaskGroup, TaskGroup


def task_group(function: Callable[..., Any] | None = None, **options: Any) -> Any:
    """Make a function into a task group: `@task_group` or `@task_group(group_id=…, …)`.

    Calling it inside a DAG builds the group and returns what the function returns, else the group.
    """
    if function is None:
        return functools.partial(task_group, **options)
    return TaskGroupFactory(function, options)


class TaskGroupFactory:
    """What `@task_group` makes of a function. ``fixed`` are arguments that `partial` has given."""

    def __init__(
        self,
        function: Callable[..., Any],
        options: Mapping[str, Any],
        fixed: Mapping[str, Any] | None = None,
    ) -> None:
        self.function = function
        self._options = dict(options)
        self._fixed = dict(fixed or {})
        functools.update_wrapper(self, function)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        name, options = self._named()
        return self._build(TaskGroup(name, **options), *args, **kwargs)

    def override(self, **options: Any) -> TaskGroupFactory:
        return TaskGroupFactory(self.function, {**self._options, **options}, self._fixed)

    def partial(self, **kwargs: Any) -> TaskGroupFactory:
        """Fix arguments that all instances share; `expand` gives the rest."""
        self._check(kwargs)
        return TaskGroupFactory(self.function, self._options, {**self._fixed, **kwargs})

    def expand(self, **kwargs: Any) -> Any:
        """Make an instance of the group for each combination of the values (SEMANTICS 6.8)."""
        self._check(kwargs)
        if not kwargs:
            raise InvalidDag(f"{self.function.__name__}.expand() needs an argument")
        name, options = self._named()
        return self._mapped(Expansion(name, kwargs), list(kwargs), name, options)

    def expand_kwargs(self, kwargs: Any) -> Any:
        """Make an instance of the group for each dict of arguments in a list."""
        name, options = self._named()
        free = [name for name in self._parameters() if name not in self._fixed]
        return self._mapped(Expansion(name, None, kwargs), free, name, options)

    def _mapped(
        self, expansion: Expansion, arguments: list[str], name: str, options: Mapping[str, Any]
    ) -> Any:
        group = MappedTaskGroup(name, expansion=expansion, **options)
        parameters = self._parameters()
        values = {key: GroupArgument(expansion, key, parameters[key].default) for key in arguments}
        result = self._build(group, **values)
        for output in expansion.outputs():
            output.set_downstream(group)
        return result

    def _build(self, group: TaskGroup, *args: Any, **kwargs: Any) -> Any:
        with group:
            result = self.function(*args, **self._fixed, **kwargs)
        return group if result is None else result

    def _named(self) -> tuple[str, dict[str, Any]]:
        """Return the group's id, and the other options."""
        options = {"add_suffix_on_collision": True, **self._options}
        name = options.pop("group_id", None) or self.function.__name__
        tooltip = options.pop("tooltip", None) or (self.function.__doc__ or "").strip()
        return name, {**options, "tooltip": tooltip}

    def _parameters(self) -> Mapping[str, inspect.Parameter]:
        found = inspect.signature(self.function).parameters
        if any(p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD) for p in found.values()):
            raise InvalidDag(
                f"the task group {self.function.__name__!r} is to be mapped, so that its function "
                "must name its arguments, without * and **"
            )
        return found

    def _check(self, kwargs: Mapping[str, Any]) -> None:
        """Refuse arguments that the function does not have, or that it has got before."""
        name = self.function.__name__
        if unknown := sorted(kwargs.keys() - self._parameters().keys()):
            raise InvalidDag(f"the task group {name!r} has no argument {', '.join(unknown)}")
        if both := sorted(kwargs.keys() & self._fixed.keys()):
            raise InvalidDag(f"the task group {name!r} gets {', '.join(both)} twice")
