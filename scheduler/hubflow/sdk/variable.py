"""Variables by name: from a secrets backend, the environment, or the database (SEMANTICS 5.2)."""

from __future__ import annotations

import json
import logging
from typing import Any

from hubflow.questions import GetVariable, SetVariable
from hubflow.sdk import backend_lookup, environment, secrets
from hubflow.sdk.runtime import current_runtime

log = logging.getLogger("hubflow.task")
_UNSET: Any = object()


class Variable:
    """A variable; the class methods are what DAG files use.

    They work in tasks and while a DAG file is imported.
    """

    def __init__(
        self, key: str | None = None, val: str | None = None, description: str | None = None
    ) -> None:
        self.id: int | None = None
        self.key = key
        self.val = val
        self.description = description
        self.is_encrypted = False

    def __repr__(self) -> str:
        return f"<Variable {self.key}>"

    def get_val(self) -> str | None:
        """Return the value."""
        return self.val

    def set_val(self, value: Any) -> None:
        """Set the value of this object; `Variable.set` stores one."""
        self.val = None if value is None else str(value)

    @classmethod
    def get(
        cls,
        key: str,
        default_var: Any = _UNSET,
        deserialize_json: bool = False,
        *,
        default: Any = _UNSET,
    ) -> Any:
        """Return the value, decoded from JSON if asked for.

        A default is returned as it is. Without one, a missing variable raises KeyError. Text that
        is no JSON raises ValueError.
        """
        text = _find(key)
        if text is None:
            fallback = default_var if default is _UNSET else default
            if fallback is _UNSET:
                raise KeyError(f"Variable {key} does not exist")
            return fallback
        value = json.loads(text) if deserialize_json else None
        secrets.hide_variable(key, text, value)
        return value if deserialize_json else text

    @classmethod
    def set(
        cls,
        key: str,
        value: Any,
        serialize_json: bool | str = False,
        description: str | None = None,
    ) -> None:
        """Store a value, as text or as JSON.

        A text in third place is the description, as in Airflow 2.
        """
        if isinstance(serialize_json, str):
            description = serialize_json
        as_json = serialize_json is True
        text = json.dumps(value, indent=2) if as_json else str(value)
        if given := environment.find_variable(key):
            log.warning("The variable %s is stored; %s goes on to hide it", key, given.name)
        secrets.hide_variable(key, text)
        current_runtime().ask(SetVariable(key=key, value=text, description=description))

    @classmethod
    def setdefault(
        cls,
        key: str,
        default: Any,
        deserialize_json: bool = False,
        description: str | None = None,
    ) -> Any:
        """Return the value; if there is none, store ``default`` and return that."""
        found = cls.get(key, default_var=None, deserialize_json=deserialize_json)
        if found is not None:
            return found
        if default is None:
            raise ValueError("Default Value must be set")
        cls.set(key, default, serialize_json=deserialize_json, description=description)
        return default

    @classmethod
    def update(cls, key: str, value: Any, serialize_json: bool = False) -> None:
        """Store a value for a variable that exists; raises KeyError if it does not."""
        cls.get(key)
        cls.set(key, value, serialize_json=serialize_json)

    @classmethod
    def delete(cls, key: str) -> int:
        """Remove a variable from the database; return how many there were, 0 or 1."""
        return int(current_runtime().ask(SetVariable(key=key, value=None)))


class VariableAccessor:
    """`var.value.NAME` and `var.json.NAME` in templates. Shows the value it gave last."""

    def __init__(self, *, is_json: bool) -> None:
        self._is_json = is_json
        self.var: Any = None

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self.get(name)

    def __getitem__(self, name: str) -> Any:
        return self.get(name)

    def get(self, key: str, default_var: Any = _UNSET, default: Any = _UNSET) -> Any:
        """Return the variable, or the default; raises KeyError without one."""
        self.var = Variable.get(
            key, default_var=default_var, default=default, deserialize_json=self._is_json
        )
        return self.var

    def __repr__(self) -> str:
        return repr(self.var)


def accessors() -> dict[str, VariableAccessor]:
    """Return what `var` is in a context."""
    return {
        "value": VariableAccessor(is_json=False),
        "json": VariableAccessor(is_json=True),
    }


def _find(key: str) -> str | None:
    if (found := backend_lookup.find_variable(key)) is not None:
        return found
    if given := environment.find_variable(key):
        return given.value
    text = current_runtime().ask(GetVariable(key=key))
    return None if text is None else str(text)
