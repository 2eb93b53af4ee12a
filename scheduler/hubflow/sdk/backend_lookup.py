"""Where variables and connections are looked up first: in a secrets backend, if there is one.

`HUBFLOW__SECRETS__BACKEND` (or `AIRFLOW__…`) names its class, `…__SECRETS__BACKEND_KWARGS` its
arguments as a JSON object (SEMANTICS 5.4). It is user code: only processes of tasks, triggers and
DAG files come here. A backend that fails is passed over with a warning.
"""

from __future__ import annotations

import importlib
import json
import logging
import traceback
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

from hubflow.masking import named_secrets
from hubflow.sdk import environment, secrets
from hubflow.sdk.exceptions import HubflowException, TaskKilled, TaskTimeout

# The first that a class has and that finds something.
CONNECTION_METHODS = ("get_connections", "get_connection", "get_conn_value", "get_conn_uri")

T = TypeVar("T")
log = logging.getLogger("hubflow.task")
_made: dict[tuple[str, str], Any] = {}
_has_answered = False


def find_variable(key: str) -> str | None:
    """Return the variable as the backend has it, or None."""

    def look(backend: Any) -> str | None:
        found = backend.get_variable(key)
        return found if found is None or isinstance(found, str) else json.dumps(found)

    return _ask(look, f"the variable {key!r}")


def find_connections(conn_id: str, read: Callable[[Any], T]) -> list[T]:
    """Return the connections of this id, each made by ``read`` of what the backend has."""

    def look(backend: Any) -> list[T]:
        return [read(found) for found in _found(backend, conn_id)]

    return _ask(look, f"the connection {conn_id!r}") or []


def has_answered() -> bool:
    """Say whether a value of a backend was used in this process."""
    return _has_answered


def forget() -> None:
    """Make the backend anew when it is needed next: its module may be another one."""
    _made.clear()


def _ask(look: Callable[[Any], T], what: str) -> T | None:
    global _has_answered
    if (backend := _backend()) is None:
        return None
    try:
        found = look(backend)
    except (TaskTimeout, TaskKilled):
        raise
    except Exception as exc:
        # No message: it may hold what was found.
        where = traceback.extract_tb(exc.__traceback__)[-1]
        place = f"{Path(where.filename).name}, line {where.lineno}"
        name = type(backend).__name__
        log.warning(
            "%s failed to look up %s, looking further: %s in %s",
            *(name, what, type(exc).__name__, place),
        )
        return None
    _has_answered = _has_answered or bool(found)
    return found


def _found(backend: Any, conn_id: str) -> Iterable[Any]:
    for name in CONNECTION_METHODS:
        if (method := getattr(backend, name, None)) is None:
            continue
        try:
            found = method(conn_id)
        except NotImplementedError:
            continue
        if found:
            return found if isinstance(found, list | tuple) else [found]
    return ()


def _backend() -> Any:
    """Return the backend, made once in a process; None if none is named or it cannot be made."""
    given = environment.find_option("secrets", "backend")
    if given is None or not given.value:
        return None
    kwargs = environment.find_option("secrets", "backend_kwargs")
    wanted = (given.value, kwargs.value if kwargs else "")
    if wanted not in _made:
        try:
            _made[wanted] = _make(*wanted)
        except (TaskTimeout, TaskKilled):
            raise
        except Exception as exc:
            why = secrets.masked(f"{type(exc).__name__}: {exc}")
            log.warning("%s: the secrets backend cannot be used: %s", given.name, why)
            _made[wanted] = None
    return _made[wanted]


def _make(path: str, kwargs: str) -> Any:
    try:
        arguments = json.loads(kwargs or "{}")
    except ValueError:
        arguments = None
    if not isinstance(arguments, dict):
        raise HubflowException("BACKEND_KWARGS is no JSON object")
    for secret in named_secrets(arguments):
        secrets.hide(secret)
    module, _, name = path.rpartition(".")
    return getattr(importlib.import_module(module), name)(**arguments)
