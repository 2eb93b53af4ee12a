"""Mapped tasks: one task in the file, as many in a run as there are values (SEMANTICS 6.8).

`SomeOperator.partial(task_id="t", …).expand(argument=[1, 2, 3])`. What an instance is called with
is known only when it runs: `unmap` makes the operator of one instance.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from hubflow.sdk import dag_context
from hubflow.sdk.dag_context import current_dag
from hubflow.sdk.exceptions import HubflowException, InvalidDag
from hubflow.sdk.operator import BaseOperator
from hubflow.sdk.xcom_arg import Output, outputs_in

# What a mapped task itself needs to know; everything else is for its instances.
OWN_ARGUMENTS = frozenset(BaseOperator.argument_names())


class MappedOperator(BaseOperator):
    """The task that stands in the DAG for all its instances.

    Parameters
    ----------
    operator : class of the instances.
    fixed : arguments that all instances share, `task_id` among them.
    values : argument -> what to expand over; the instances are all combinations.
    dicts : instead of ``values``, a list of dicts of arguments, one for each instance.
    into : name of the dict argument into which the values go (`op_kwargs` of `@task`), if any.
    """

    is_mapped = True

    def __init__(
        self,
        *,
        operator: type[BaseOperator],
        fixed: Mapping[str, Any],
        values: Mapping[str, Any] | None,
        dicts: Any,
        into: str | None,
    ) -> None:
        super().__init__(**{name: value for name, value in fixed.items() if name in OWN_ARGUMENTS})
        self.operator_class = operator
        self.fixed = dict(fixed)
        self.values = None if values is None else dict(values)
        self.dicts = dicts
        self.into = into
        self.ui_color, self.ui_fgcolor = operator.ui_color, operator.ui_fgcolor
        for name, value in (self.values or {"expand_kwargs": dicts}).items():
            _check_expandable(self, name, value)
        for output in self._inputs():
            output.set_downstream(self)

    @property
    def task_type(self) -> str:
        return self.operator_class.__name__

    def _inputs(self) -> Iterator[Output]:
        yield from outputs_in([self.fixed, self.values or {}, self.dicts])

    def expanded_over(self) -> list[Any]:
        """Return what the number of instances depends on: their number is the product."""
        return [self.dicts] if self.values is None else list(self.values.values())

    def unmap(self, context: Mapping[str, Any], map_index: int) -> BaseOperator:
        """Make the operator of one instance.

        Raises HubflowException if the values have become fewer than when the task was expanded.
        """
        picked = self._picked(context, map_index)
        arguments = {**self.fixed, **({} if self.into else picked)}
        if self.into:
            arguments[self.into] = {**(self.fixed.get(self.into) or {}), **picked}
        arguments |= {"task_id": self.task_id, "default_args": self._defaults()}
        for name in ("dag", "task_group"):
            arguments.pop(name, None)
        with dag_context.nothing_open():
            task = self.operator_class(**arguments)
        task.stand_in_for(self)
        return task

    def count(self, context: Mapping[str, Any]) -> int:
        """Return how many instances there are, where no scheduler has counted them."""
        return math.prod(len(_listed(value, context)) for value in self.expanded_over())

    def execute(self, context: Any) -> Any:
        raise HubflowException(f"{self} is mapped: only its instances run")

    def _defaults(self) -> dict[str, Any]:
        groups = self.task_group.path() if self.task_group else []
        merged = dict(self.dag.default_args)
        for group in groups:
            merged.update(group.default_args)
        return {**merged, **(self.fixed.get("default_args") or {})}

    def _picked(self, context: Mapping[str, Any], map_index: int) -> dict[str, Any]:
        """Return the arguments of one instance: the last argument changes fastest."""
        if self.values is None:
            return dict(self._item(_listed(self.dicts, context), map_index, "expand_kwargs"))
        lists = {name: _listed(value, context) for name, value in self.values.items()}
        rest, picked = map_index, {}
        for name in reversed(lists):
            rest, at = divmod(rest, max(len(lists[name]), 1))
            picked[name] = self._item(lists[name], at, name)
        if rest:
            raise self._too_few(map_index, math.prod(map(len, lists.values())))
        return picked

    def _item(self, values: Sequence[Any], at: int, name: str) -> Any:
        if at >= len(values):
            raise self._too_few(at, len(values))
        return values[at]

    def _too_few(self, index: int, count: int) -> HubflowException:
        return HubflowException(
            f"{self.task_id}: there are {count} values to map over now, so there is none for "
            f"instance {index}; clear the task before it as well"
        )


class OperatorPartial:
    """`SomeOperator.partial(…)`: the arguments that all instances share."""

    def __init__(self, operator: type[BaseOperator], fixed: Mapping[str, Any]) -> None:
        if "task_id" not in fixed:
            raise InvalidDag(f"{operator.__name__}.partial() needs a task_id")
        self._operator = operator
        self._fixed = dict(fixed)

    def expand(self, **values: Any) -> MappedOperator:
        """Make an instance for each combination of the values."""
        both = sorted(self._fixed.keys() & values.keys())
        if both or not values:
            what = f"{', '.join(both)} twice" if both else "nothing to expand over"
            raise InvalidDag(f"{self._operator.__name__} {self._fixed['task_id']!r} gets {what}")
        return self._mapped(values, None)

    def expand_kwargs(self, kwargs: Any, *, strict: bool = True) -> MappedOperator:
        """Make an instance for each dict of arguments in a list."""
        return self._mapped(None, kwargs)

    def _mapped(self, values: Mapping[str, Any] | None, dicts: Any) -> MappedOperator:
        fixed = dict(self._fixed)
        if fixed.get("dag") is None and (dag := current_dag()) is not None:
            fixed["dag"] = dag
        return MappedOperator(
            operator=self._operator, fixed=fixed, values=values, dicts=dicts, into=None
        )


def _listed(value: Any, context: Mapping[str, Any]) -> Sequence[Any]:
    """Return the items to choose from; a dict gives (key, value) pairs."""
    found = value.resolve(context) if isinstance(value, Output) else value
    if isinstance(found, Mapping):
        return list(found.items())
    if isinstance(found, list | tuple):
        return found
    raise HubflowException(f"only a list or a dict can be mapped over, not {type(found).__name__}")


def _check_expandable(task: BaseOperator, name: str, value: Any) -> None:
    if not isinstance(value, Output | list | tuple | Mapping):
        raise InvalidDag(
            f"{task.task_id}: {name} can be expanded over a list, a dict or the output of a task, "
            f"not over {type(value).__name__}"
        )


BaseOperator.make_partial = staticmethod(OperatorPartial)
