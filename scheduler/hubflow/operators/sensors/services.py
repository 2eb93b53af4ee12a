"""Sensors that ask an outside service: a web server, a database."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Mapping, MutableMapping, Sequence
from typing import Any, ClassVar

from hubflow.operators.checks import ChecksInThreads
from hubflow.operators.python import accepted_names
from hubflow.sdk.exceptions import HubflowException


class HttpSensor(ChecksInThreads):
    """Wait until the endpoint answers, and ``response_check(response)`` is true if given.

    404 means "not yet"; other errors fail the task.
    """

    template_fields: ClassVar[Iterable[str]] = ("endpoint", "request_params", "headers")
    poke_state = (
        "endpoint",
        "http_conn_id",
        "method",
        "request_params",
        "headers",
        "response_check",
        "extra_options",
        "not_yet",
    )

    def __init__(
        self,
        *,
        endpoint: str,
        http_conn_id: str = "http_default",
        method: str = "GET",
        request_params: Mapping[str, Any] | None = None,
        headers: Mapping[str, Any] | None = None,
        response_check: Callable[..., Any] | None = None,
        extra_options: Mapping[str, Any] | None = None,
        response_error_codes_allowlist: Sequence[str] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.endpoint = endpoint
        self.http_conn_id = http_conn_id
        self.method = method
        self.request_params = dict(request_params or {})
        self.headers = dict(headers or {})
        self.response_check = response_check
        self.extra_options = dict(extra_options or {})
        self.not_yet = tuple(response_error_codes_allowlist or ("404",))

    def get_hook(self) -> Any:
        """Return what sends the requests."""
        # Late: the library behind it is heavy, and wanted where tasks run only.
        hooks = importlib.import_module("hubflow.hooks.http")
        return hooks.HttpHook(method=self.method, http_conn_id=self.http_conn_id)

    def poke(self, context: MutableMapping[str, Any]) -> Any:
        try:
            response = self.get_hook().run(
                self.endpoint,
                data=self.request_params,
                headers=self.headers,
                extra_options=self.extra_options,
            )
        except HubflowException as exc:
            if str(exc).startswith(tuple(self.not_yet)):
                self.log.info("The server answered %s: not yet", exc)
                return False
            raise
        if self.response_check is None:
            return True
        names = self.poke_names(context)
        return self.response_check(response, **{name: context[name] for name in names})

    def poke_names(self, context: Mapping[str, Any]) -> list[str]:
        check = self.response_check
        return [] if check is None else accepted_names(check, 1, context.keys())


class SqlSensor(ChecksInThreads):
    """Wait until the first cell of the first row that ``sql`` finds is true.

    Parameters
    ----------
    success : called with the cell, decides instead of its truth.
    failure : called with the cell; something true fails the task.
    fail_on_empty : no row fails the task, instead of waiting.
    allow_null : NULL counts as true.
    """

    template_fields: ClassVar[Iterable[str]] = ("sql",)
    template_ext = (".hql", ".sql")
    ui_color = "#7c7287"
    poke_state = (
        "conn_id",
        "sql",
        "parameters",
        "success",
        "failure",
        "fail_on_empty",
        "allow_null",
        "hook_params",
    )

    def __init__(
        self,
        *,
        conn_id: str,
        sql: str,
        parameters: Any = None,
        success: Callable[[Any], Any] | None = None,
        failure: Callable[[Any], Any] | None = None,
        fail_on_empty: bool = False,
        allow_null: bool = True,
        hook_params: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.conn_id = conn_id
        self.sql = sql
        self.parameters = parameters
        self.success = success
        self.failure = failure
        self.fail_on_empty = fail_on_empty
        self.allow_null = allow_null
        self.hook_params = dict(hook_params or {})

    def get_hook(self) -> Any:
        """Return what runs the query: the hook for the type of the connection."""
        hooks = importlib.import_module("hubflow.hooks.base")
        return hooks.BaseHook.get_hook(self.conn_id, self.hook_params)

    def poke(self, context: MutableMapping[str, Any]) -> bool:
        self.log.info("Poking: %s (with parameters %s)", self.sql, self.parameters)
        row = self.get_hook().get_first(self.sql, self.parameters)
        if not row:
            if self.fail_on_empty:
                raise HubflowException("No rows returned, raising as per fail_on_empty flag")
            return False
        cell = row[0]
        if self.failure is not None and self.failure(cell):
            raise HubflowException(f"Failure criteria met. self.failure({cell!r}) returned True")
        if self.success is not None:
            return bool(self.success(cell))
        return self.allow_null if cell is None else _is_true(cell)


def _is_true(cell: Any) -> bool:
    # Databases hand out numbers as text, too.
    return bool(cell) and str(cell) not in ("0", "")
