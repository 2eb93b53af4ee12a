"""Every operator and sensor: what it does, its arguments, its template fields."""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Iterator
from datetime import timedelta
from enum import Enum
from typing import Any

from hubflow import operators
from hubflow.operators.decorators import KINDS
from hubflow.sdk.operator import BaseOperator
from hubflow.sdk.sensor import BaseSensorOperator
from reference_tables.markdown import code, codes, parameters, prose, table

BASES = (BaseOperator, BaseSensorOperator)
Row = tuple[str, str, str]
# Said once, in the introduction.
INTERNAL = frozenset({"default_args", "dag", "task_group"})


def common() -> str:
    """Tabulate the arguments of all operators."""
    return arguments([BaseOperator])


def of_sensors() -> str:
    """Tabulate the arguments of all sensors."""
    return arguments([BaseSensorOperator])


def all_operators() -> str:
    """Describe each operator and sensor in a section of its own."""
    return "\n\n".join(section(name, found) for name, found in classes())


def decorators() -> str:
    """Tabulate the kinds of `@task`."""
    rows = [
        (code("@task" if kind == "python" else f"@task.{kind}"), code(name))
        for kind, (_, name) in KINDS.items()
    ]
    return table(["decorator", "makes a"], rows)


def classes() -> Iterator[tuple[str, type[BaseOperator]]]:
    """Yield the operators that authors import, by name; those that others build on come last."""
    found = [(name, getattr(operators, name)) for name in operators.__all__]
    for name, thing in sorted(found, key=lambda item: (item[0].startswith("Base"), item[0])):
        is_operator = isinstance(thing, type) and issubclass(thing, BaseOperator)
        if is_operator and thing is not BaseSensorOperator:
            yield name, thing


def section(name: str, operator: type[BaseOperator]) -> str:
    """Describe one operator."""
    parts = [f"### {name}"]
    if operator.__name__ != name:
        return f"{parts[0]}\n\nThe same as `{operator.__name__}`."
    parts.append(prose(operator))
    own = [part for part in operator.__mro__ if issubclass(part, BaseOperator)]
    own = [part for part in own if part not in BASES]
    if takes := arguments(own):
        parts.append(takes)
    if issubclass(operator, BaseSensorOperator):
        parts.append("Also the arguments of all sensors.")
    if fields := list(operator.template_fields):
        files = f"; files: {codes(operator.template_ext)}" if operator.template_ext else ""
        parts.append(f"Templates: {codes(fields)}{files}.")
    return "\n\n".join(parts)


def arguments(parts: list[type[Any]]) -> str:
    """Tabulate the arguments of a class and of those that it builds on, nearest first."""
    meanings: dict[str, str] = {}
    defaults: dict[str, object] = {}
    for part in parts:
        meanings = {**parameters(part), **meanings}
        if "__init__" in vars(part):
            given = inspect.signature(part.__init__).parameters.values()
            fresh = {p.name: p.default for p in given if p.kind is p.KEYWORD_ONLY}
            defaults |= {name: value for name, value in fresh.items() if name not in defaults}
    if strange := meanings.keys() - defaults.keys():
        raise ValueError(f"{parts[0].__name__} describes {strange}, which it does not take")
    return table(["argument", "default", ""], rows(defaults, meanings)) if defaults else ""


def rows(defaults: dict[str, object], meanings: dict[str, str]) -> Iterator[Row]:
    """Yield a row for each argument, or for several that are described together."""
    told = [name for name in defaults if name not in INTERNAL]
    for _, together in itertools.groupby(told, key=lambda name: meanings.get(name) or name):
        names = list(together)
        values = (shown(defaults[name]) for name in names)
        yield codes(names), ", ".join(values), meanings.get(names[0], "")


def shown(default: object) -> str:
    """Write a default as an author would."""
    if default is inspect.Parameter.empty:
        return "required"
    if isinstance(default, Enum):
        default = default.value
    text = getattr(default, "__name__", None) or repr(default)
    return code(text.removeprefix("datetime.") if isinstance(default, timedelta) else text)
