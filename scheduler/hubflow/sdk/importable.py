"""Functions and classes by a name under which another process finds them again."""

from __future__ import annotations

import importlib
import sys
from functools import reduce
from typing import Any

from hubflow.sdk.exceptions import CannotDefer

_SEPARATOR = ":"
# Where `functools.update_wrapper` leaves what was decorated: `@task.sensor` does so.
_DECORATED = ".__wrapped__"


def name_of(thing: Any) -> str:
    """Return the name; raises CannotDefer for a lambda, a function in a function, an object."""
    module = getattr(thing, "__module__", None)
    name = getattr(thing, "__qualname__", None)
    if module in sys.modules and name is not None and "<" not in name:
        for full in (name, name + _DECORATED):
            if _find(sys.modules[module], full) is thing:
                return f"{module}{_SEPARATOR}{full}"
    raise CannotDefer(f"{name or thing!r} cannot be imported; give it a name in its module")


def locate(name: str) -> Any:
    """Return what has this name; raises ImportError or AttributeError if nothing has."""
    module, _, path = name.partition(_SEPARATOR)
    return reduce(getattr, path.split("."), importlib.import_module(module))


def _find(module: Any, path: str) -> Any:
    try:
        return reduce(getattr, path.split("."), module)
    except AttributeError:
        return None
