"""XComArg: the output of a task, used as an argument of another (SEMANTICS 6.8).

Using it makes an edge; its value is looked up when the task that uses it runs.
"""

from __future__ import annotations

import itertools
from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Self

from hubflow.sdk.edges import Linkable, Node
from hubflow.sdk.exceptions import HubflowException
from hubflow.sdk.templating import ResolvedLater
from hubflow.sdk.xcom import RETURN_KEY


class Output(Linkable, ResolvedLater):
    """A value made of what tasks give."""

    is_implied = True

    @abstractmethod
    def operators(self) -> Iterator[Node]:
        """Yield the tasks whose output this is made of."""

    @property
    def operator(self) -> Any:
        return next(self.operators())

    def heads(self) -> Sequence[Node]:
        return list(self.operators())

    def tails(self) -> Sequence[Node]:
        return list(self.operators())

    def as_setup(self) -> Self:
        """Make the task a setup: see `BaseOperator.as_setup`."""
        self.operator.as_setup()
        return self

    def as_teardown(self, **options: Any) -> Self:
        """Make the task a teardown: see `BaseOperator.as_teardown`."""
        self.operator.as_teardown(**options)
        return self

    def __enter__(self) -> Self:
        self.operator.__enter__()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.operator.__exit__(*exc_info)

    def map(self, function: Callable[[Any], Any]) -> MappedOutput:
        """Return each item of the list as ``function`` makes it, when it is used."""
        return MappedOutput(self, function)

    def zip(self, *others: Output, fillvalue: Any = None) -> ZippedOutput:
        """Return tuples of the items of several lists; the shortest, or ``fillvalue``, counts."""
        return ZippedOutput((self, *others), fillvalue)

    def concat(self, *others: Output) -> JoinedOutput:
        """Return the items of several lists, one list after another."""
        return JoinedOutput((self, *others))


class XComArg(Output):
    """One XCom of one task: `op.output`, `op.output["key"]`, or what calling a `@task` returned.

    Of a mapped task it is the list of all its instances' values.
    """

    def __init__(self, operator: Node, key: str = RETURN_KEY) -> None:
        self._operator = operator
        self.key = key

    def operators(self) -> Iterator[Node]:
        yield self._operator

    def __getitem__(self, key: str) -> XComArg:
        if not isinstance(key, str):
            raise ValueError(f"an XCom is named by text, not by {key!r}")
        return XComArg(self._operator, key)

    def __iter__(self) -> Iterator[Any]:
        raise TypeError(
            f"the output of {self._operator} is known only when it has run; map a task over it "
            "with .expand()"
        )

    def resolve(self, context: Mapping[str, Any]) -> Any:
        ti = context["ti"]
        return ti.output_of(self._operator, self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, XComArg) and (self._operator, self.key) == (
            other._operator,
            other.key,
        )

    def __hash__(self) -> int:
        return hash((id(self._operator), self.key))

    def __str__(self) -> str:
        """Return a template, so that the output can stand in the middle of a text."""
        arguments = f"task_ids='{self._operator.task_id}', key='{self.key}'"
        return f"{{{{ task_instance.xcom_pull({arguments}) }}}}"

    def __repr__(self) -> str:
        return f"XComArg({self._operator!r}, {self.key!r})"


class MappedOutput(Output):
    """The items of a list, each changed by a function when it is used."""

    def __init__(self, source: Output, function: Callable[[Any], Any]) -> None:
        if not callable(function):
            raise HubflowException(f"map() takes a function, not {function!r}")
        self.source = source
        self.function = function

    def operators(self) -> Iterator[Node]:
        yield from self.source.operators()

    def resolve(self, context: Mapping[str, Any]) -> Any:
        return [self.function(item) for item in self.source.resolve(context)]


class ZippedOutput(Output):
    """Tuples of the items of several lists."""

    def __init__(self, sources: Sequence[Output], fillvalue: Any) -> None:
        self.sources = sources
        self.fillvalue = fillvalue

    def operators(self) -> Iterator[Node]:
        yield from _distinct(self.sources)

    def resolve(self, context: Mapping[str, Any]) -> Any:
        lists = [source.resolve(context) for source in self.sources]
        if self.fillvalue is None:
            return list(zip(*lists, strict=False))
        return list(itertools.zip_longest(*lists, fillvalue=self.fillvalue))


class JoinedOutput(Output):
    """The items of several lists in a row."""

    def __init__(self, sources: Sequence[Output]) -> None:
        self.sources = sources

    def operators(self) -> Iterator[Node]:
        yield from _distinct(self.sources)

    def resolve(self, context: Mapping[str, Any]) -> Any:
        return [item for source in self.sources for item in source.resolve(context)]


def outputs_in(value: Any) -> Iterator[Output]:
    """Yield every output in ``value``, through lists, tuples, sets and values of dicts."""
    if isinstance(value, Output):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from outputs_in(item)
    elif isinstance(value, list | tuple | set):
        for item in value:
            yield from outputs_in(item)


def _distinct(sources: Sequence[Output]) -> Iterator[Node]:
    seen = {}
    for source in sources:
        for task in source.operators():
            seen[task.task_id] = task
    yield from seen.values()
