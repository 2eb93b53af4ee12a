"""Run parameters with a default and a few checks that need no JSON-schema library."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from hubflow.sdk.exceptions import HubflowException

_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list, tuple),
    "object": (dict,),
    "null": (type(None),),
}
_CHECKS: Mapping[str, tuple[str, Callable[[Any, Any], bool]]] = {
    "enum": ("must be one of", lambda value, allowed: value in allowed),
    "minimum": ("must be at least", lambda value, low: value >= low),
    "maximum": ("must be at most", lambda value, high: value <= high),
    "minLength": ("must have a length of at least", lambda value, low: len(value) >= low),
    "maxLength": ("must have a length of at most", lambda value, high: len(value) <= high),
    "pattern": ("must match", lambda value, pattern: re.search(pattern, value) is not None),
}


class ParamInvalid(HubflowException):
    """A run parameter does not have the type or range that its `Param` asks for."""


class Param:
    """A run parameter: default, description and the common JSON-schema keywords.

    `Param(5, type="integer", minimum=1)`. The schema is also what the trigger form is made of.
    """

    def __init__(self, default: Any = None, description: str | None = None, **schema: Any) -> None:
        self.value = default
        self.description = description
        self.schema = schema

    def check(self, name: str, value: Any) -> Any:
        """Return ``value`` if it fits; raises ParamInvalid."""
        wanted = self.schema.get("type")
        if wanted is not None and not any(_is(value, kind) for kind in _as_list(wanted)):
            raise ParamInvalid(f"parameter {name!r} must be of type {wanted}, not {value!r}")
        for keyword, (words, holds) in _CHECKS.items():
            if value is None or keyword not in self.schema:
                continue
            if not holds(value, self.schema[keyword]):
                raise ParamInvalid(
                    f"parameter {name!r} {words} {self.schema[keyword]!r}, not {value!r}"
                )
        return value

    def __repr__(self) -> str:
        return f"Param({self.value!r})"


def plain(params: Mapping[str, Any]) -> dict[str, Any]:
    """Return the default values without their `Param` wrappers."""
    return {k: v.value if isinstance(v, Param) else v for k, v in params.items()}


def schemas(params: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the JSON schemas of those that have one, with what describes them."""
    found = {k: _described(v) for k, v in params.items() if isinstance(v, Param)}
    return {name: schema for name, schema in found.items() if schema}


def resolve(params: Mapping[str, Any], conf: Mapping[str, Any]) -> dict[str, Any]:
    """Lay a run's ``conf`` over the defaults, checking what has a `Param`."""
    values = {**plain(params), **conf}
    for name, param in params.items():
        if isinstance(param, Param):
            param.check(name, values[name])
    return values


def _described(param: Param) -> dict[str, Any]:
    return {**param.schema, **({"description": param.description} if param.description else {})}


def _is(value: Any, kind: str) -> bool:
    if isinstance(value, bool) and kind != "boolean":
        return False
    return isinstance(value, _TYPES.get(kind, (object,)))


def _as_list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]
