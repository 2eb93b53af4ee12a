"""Mapped tasks: one task in the file, as many in a run as there are values (SEMANTICS 6.8).

`SomeOperator.partial(task_id="t", …).expand(argument=[1, 2, 3])`. What an instance is called with
is known only when it runs: `unmap` makes the operator of one instance.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hubflow.sdk import dag_context
from hubflow.sdk.dag_context import current_dag
from hubflow.sdk.exceptions import HubflowException, InvalidDag
from hubflow.sdk.expansion import Expansion
from hubflow.sdk.operator import BaseOperator
from hubflow.sdk.xcom_arg import outputs_in

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
        self.expansion = Expansion(self.task_id, values, dicts)
        self.into = into
        self.ui_color, self.ui_fgcolor = operator.ui_color, operator.ui_fgcolor
        if self.mapped_group is not None:
            raise InvalidDag(
                f"{self.task_id} is to be mapped inside the mapped task group "
                f"{self.mapped_group.group_id!r}, which is not possible; map over all combinations "
                "in the group, or let the task loop over its values"
            )
        for output in outputs_in([self.fixed, self.expansion.factors()]):
            output.set_downstream(self)

    @property
    def task_type(self) -> str:
        return self.operator_class.__name__

    def unmap(self, context: Mapping[str, Any], map_index: int) -> BaseOperator:
        """Make the operator of one instance.

        Raises HubflowException if the values have become fewer than when the task was expanded.
        """
        if map_index < 0:
            raise HubflowException(
                f"{self} is mapped: say by its map index which instance is meant"
            )
        picked = self.expansion.pick(context, map_index)
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

    def execute(self, context: Any) -> Any:
        raise HubflowException(f"{self} is mapped: only its instances run")

    def _defaults(self) -> dict[str, Any]:
        groups = self.task_group.path() if self.task_group else []
        merged = dict(self.dag.default_args)
        for group in groups:
            merged.update(group.default_args)
        return {**merged, **(self.fixed.get("default_args") or {})}


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


BaseOperator.make_partial = staticmethod(OperatorPartial)
