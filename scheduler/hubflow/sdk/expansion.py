"""Over what mapped tasks and mapped task groups expand, which may be known only in a run."""

from __future__ import annotations

import inspect
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from hubflow.sdk.edges import Node
from hubflow.sdk.exceptions import HubflowException, InvalidDag
from hubflow.sdk.xcom_arg import Output, outputs_in


class Expansion:
    """The arguments of all instances.

    Parameters
    ----------
    owner : id of the task or group, for messages.
    values : argument -> what to expand over; the instances are all combinations.
    dicts : instead of ``values``, a list of dicts of arguments, one for each instance.
    """

    def __init__(self, owner: str, values: Mapping[str, Any] | None, dicts: Any = None) -> None:
        self._owner = owner
        self._values = None if values is None else dict(values)
        self._dicts = dicts
        for name, value in (self._values or {"expand_kwargs": dicts}).items():
            if not isinstance(value, Output | list | tuple | Mapping):
                raise InvalidDag(
                    f"{owner}: {name} can be expanded over a list, a dict or the output of a task, "
                    f"not over {type(value).__name__}"
                )

    def factors(self) -> list[Any]:
        """Return what the number of instances depends on: their number is the product."""
        return [self._dicts] if self._values is None else list(self._values.values())

    def outputs(self) -> Iterator[Output]:
        """Yield the outputs of tasks that are needed to know the arguments."""
        yield from outputs_in(self.factors())

    def count(self, context: Mapping[str, Any]) -> int:
        """Return how many instances there are, where no scheduler has counted them."""
        return math.prod(len(_listed(value, context)) for value in self.factors())

    def pick(self, context: Mapping[str, Any], map_index: int) -> dict[str, Any]:
        """Return the arguments of one instance: the last argument changes fastest.

        Raises HubflowException if the values have become fewer than when they were counted.
        """
        if self._values is None:
            return dict(self._item(_listed(self._dicts, context), map_index))
        lists = {name: _listed(value, context) for name, value in self._values.items()}
        rest, picked = map_index, {}
        for name in reversed(lists):
            rest, at = divmod(rest, max(len(lists[name]), 1))
            picked[name] = self._item(lists[name], at)
        if rest:
            raise self._too_few(map_index, math.prod(map(len, lists.values())))
        return picked

    def _item(self, values: Sequence[Any], at: int) -> Any:
        if at >= len(values):
            raise self._too_few(at, len(values))
        return values[at]

    def _too_few(self, index: int, count: int) -> HubflowException:
        return HubflowException(
            f"{self._owner}: there are {count} values to map over now, so there is none for "
            f"instance {index}; clear the task before it as well"
        )


class GroupArgument(Output):
    """What the function of a mapped task group gets for an argument that is expanded.

    In each instance of a task that uses it, it becomes the value for the instance's map index.
    """

    def __init__(
        self, expansion: Expansion, name: str, default: Any = inspect.Parameter.empty
    ) -> None:
        self._expansion = expansion
        self._name = name
        self._default = default

    def operators(self) -> Iterator[Node]:
        for output in self._expansion.outputs():
            yield from output.operators()

    def resolve(self, context: Mapping[str, Any]) -> Any:
        picked = self._expansion.pick(context, context["ti"].map_index)
        if self._name in picked:
            return _resolved(picked[self._name], context)
        if self._default is not inspect.Parameter.empty:
            return self._default
        raise HubflowException(f"the values of this instance have no {self._name!r}")


def _resolved(value: Any, context: Mapping[str, Any]) -> Any:
    """Put values where outputs of tasks stand."""
    if isinstance(value, Output):
        return value.resolve(context)
    if isinstance(value, dict):
        return {key: _resolved(item, context) for key, item in value.items()}
    if type(value) in (list, tuple, set):
        return type(value)(_resolved(item, context) for item in value)
    return value


def _listed(value: Any, context: Mapping[str, Any]) -> Sequence[Any]:
    """Return the items to choose from; a dict gives (key, value) pairs."""
    found = value.resolve(context) if isinstance(value, Output) else value
    if isinstance(found, Mapping):
        return list(found.items())
    if isinstance(found, list | tuple):
        return found
    raise HubflowException(f"only a list or a dict can be mapped over, not {type(found).__name__}")
