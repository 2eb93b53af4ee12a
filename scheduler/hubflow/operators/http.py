"""HttpOperator: one request (SEMANTICS 6.2)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, MutableMapping
from typing import Any, ClassVar

from hubflow.hooks.http import HttpHook
from hubflow.operators.python import accepted_names
from hubflow.sdk.exceptions import HubflowException
from hubflow.sdk.operator import BaseOperator


class HttpOperator(BaseOperator):
    """Send a request to the server of a connection; the text of the answer is the result.

    Parameters
    ----------
    endpoint : path below the connection's address.
    data : query of a GET, body of others.
    response_check : called with the response; a false answer fails the task.
    response_filter : called with the response; what it returns is the result instead.
    extra_options : timeout, verify, proxies, stream, cert, allow_redirects, check_response.
    xcom_push : False keeps the result from being pushed.
    """

    template_fields: ClassVar[Iterable[str]] = ("endpoint", "data", "headers")
    ui_color = "#f4a460"

    def __init__(
        self,
        *,
        endpoint: str | None = None,
        method: str = "POST",
        data: Any = None,
        headers: Mapping[str, str] | None = None,
        response_check: Callable[..., Any] | None = None,
        response_filter: Callable[..., Any] | None = None,
        extra_options: Mapping[str, Any] | None = None,
        xcom_push: bool | None = None,
        http_conn_id: str = "http_default",
        log_response: bool = False,
        auth_type: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.endpoint = endpoint
        self.method = method
        self.data = {} if data is None else data
        self.headers = dict(headers or {})
        self.response_check = response_check
        self.response_filter = response_filter
        self.extra_options = dict(extra_options or {})
        self.http_conn_id = http_conn_id
        self.log_response = log_response
        self.auth_type = auth_type
        if xcom_push is not None:
            self.do_xcom_push = xcom_push

    def execute(self, context: MutableMapping[str, Any]) -> Any:
        hook = HttpHook(self.method, http_conn_id=self.http_conn_id, auth_type=self.auth_type)
        self.log.info("Calling HTTP method")
        response = hook.run(self.endpoint, self.data, self.headers, self.extra_options)
        if self.log_response:
            self.log.info("%s", response.text)
        if self.response_check is not None and not self._call(
            self.response_check, response, context
        ):
            raise HubflowException("Response check returned False.")
        if self.response_filter is not None:
            return self._call(self.response_filter, response, context)
        return response.text

    @staticmethod
    def _call(function: Callable[..., Any], response: Any, context: Mapping[str, Any]) -> Any:
        """Call with the response, and with what else of the context the function names."""
        names = accepted_names(function, 1, context.keys())
        return function(response, **{name: context[name] for name in names})


SimpleHttpOperator = HttpOperator
