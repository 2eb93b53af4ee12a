"""Sessions on Airflow's own database: names that files import, and no session behind them.

A task has no way into the database; whoever uses a session is told what to use instead.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from hubflow.sdk.exceptions import HubflowException

Function = TypeVar("Function", bound=Callable[..., Any])


class NoSession:
    """Raises as soon as anything is asked of it."""

    def __enter__(self) -> NoSession:
        return self

    def __exit__(self, *exc_info: object) -> None:
        """Nothing was opened."""

    def close(self) -> None:
        """Nothing was opened."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise HubflowException(
            f"session.{name}: tasks have no access to the metadata database in hubflow; use "
            "Variable, Connection, XCom and DagRun.find, or the REST API"
        )


NEW_SESSION: Any = NoSession()


@contextmanager
def create_session() -> Iterator[Any]:
    """Give a session that refuses to work."""
    yield NoSession()


def provide_session(func: Function) -> Function:
    """Fill the parameter `session` of a function, as Airflow does."""
    names = list(inspect.signature(func).parameters)

    @functools.wraps(func)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        is_given = "session" in kwargs or names.index("session") < len(args)
        return func(*args, **kwargs) if is_given else func(*args, session=NoSession(), **kwargs)

    return wrapper if "session" in names else func  # type: ignore[return-value]
