"""PythonOperator: call a function (SEMANTICS 6.1, C12)."""

from __future__ import annotations

import inspect
from collections.abc import (
    Callable,
    Collection,
    Generator,
    Iterable,
    Mapping,
    MutableMapping,
    Sequence,
)
from typing import Any, ClassVar

from hubflow.sdk.context import get_current_context
from hubflow.sdk.datasets import Metadata
from hubflow.sdk.exceptions import HubflowException, InvalidDag
from hubflow.sdk.operator import BaseOperator

__all__ = ["PythonOperator", "get_current_context"]


class PythonOperator(BaseOperator):
    """Call ``python_callable``; what it returns is the result.

    Parameters
    ----------
    op_args, op_kwargs : arguments of the call; templates in them are rendered.
    provide_context : None gives the callable those keys of the context that its signature names
        (all of them with `**kwargs`); False gives it `op_args` and `op_kwargs` only.
    templates_dict : further values to render, in the context under `templates_dict`.
    templates_exts : endings of strings that name template files.
    """

    template_fields: ClassVar[Iterable[str]] = ("templates_dict", "op_args", "op_kwargs")
    ui_color = "#ffefeb"

    def __init__(
        self,
        *,
        python_callable: Callable[..., Any],
        op_args: Sequence[Any] | None = None,
        op_kwargs: Mapping[str, Any] | None = None,
        provide_context: bool | None = None,
        templates_dict: Mapping[str, Any] | None = None,
        templates_exts: Sequence[str] | None = None,
        show_return_value_in_logs: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if not callable(python_callable):
            raise InvalidDag(f"{self}: `python_callable` param must be callable")
        self.python_callable = python_callable
        self.op_args = list(op_args or ())
        self.op_kwargs = dict(op_kwargs or {})
        self.provide_context = provide_context
        self.templates_dict = None if templates_dict is None else dict(templates_dict)
        if templates_exts:
            self.template_ext = tuple(templates_exts)
        self.show_return_value_in_logs = show_return_value_in_logs

    def execute(self, context: MutableMapping[str, Any]) -> Any:
        result = self.call(context)
        shown = result if self.show_return_value_in_logs else "(not shown)"
        self.log.info("Done. Returned value was: %s", shown)
        return result

    def call(self, context: MutableMapping[str, Any]) -> Any:
        """Call the callable with what it takes, and return its result."""
        context["templates_dict"] = self.templates_dict
        result = self.python_callable(*self.op_args, **self._call_kwargs(context))
        return _exhausted(result, context) if inspect.isgenerator(result) else result

    def _call_kwargs(self, context: Mapping[str, Any]) -> dict[str, Any]:
        if self.provide_context is False:
            return self.op_kwargs
        return with_context(self.python_callable, self.op_args, self.op_kwargs, context)


def call_with_context(
    function: Callable[..., Any],
    args: Sequence[Any],
    kwargs: Mapping[str, Any],
    context: Mapping[str, Any],
) -> Any:
    """Call ``function`` with its arguments and those keys of the context that it names."""
    return function(*args, **with_context(function, args, kwargs, context))


def with_context(
    function: Callable[..., Any],
    args: Sequence[Any],
    kwargs: Mapping[str, Any],
    context: Mapping[str, Any],
) -> dict[str, Any]:
    """Return ``kwargs`` and those keys of the context that ``function`` names besides."""
    names = accepted_names(function, len(args), context.keys())
    return {**{name: context[name] for name in names if name not in kwargs}, **kwargs}


def _exhausted(generator: Generator[Any, Any, Any], context: Mapping[str, Any]) -> Any:
    """Run a generator to its end and return what it returns; it yields metadata of datasets."""
    while True:
        try:
            yielded = next(generator)
        except StopIteration as end:
            return end.value
        if not isinstance(yielded, Metadata):
            raise HubflowException(
                f"the callable yielded a {type(yielded).__name__}; return values, and yield "
                "nothing but Metadata of datasets"
            )
        context["outlet_events"][yielded.target].extra = yielded.extra


def accepted_names(
    function: Callable[..., Any], positional: int, offered: Collection[str]
) -> list[str]:
    """Return those of the ``offered`` names that ``function`` takes by keyword.

    The first ``positional`` parameters are taken already. Built-in functions without a signature
    take nothing.
    """
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return []
    kinds = {parameter.kind for parameter in parameters}
    taken = {p.name for p in [p for p in parameters if p.kind in _BY_POSITION][:positional]}
    if inspect.Parameter.VAR_KEYWORD in kinds:
        return [name for name in offered if name not in taken]
    named = {p.name for p in parameters if p.kind in _BY_KEYWORD}
    return [name for name in offered if name in named - taken]


_BY_POSITION = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
_BY_KEYWORD = (inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
