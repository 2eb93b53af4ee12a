"""HttpHook: requests to the server of a connection (SEMANTICS 6.2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from hubflow.hooks.base import BaseHook
from hubflow.sdk.exceptions import HubflowException

if TYPE_CHECKING:
    from requests import Response, Session

TEST_TIMEOUT_S = 10.0
_REFUSED = (401, 403, 407)
# Options that belong to the sending of a request; `check_response` is ours.
_SENDING = ("timeout", "verify", "proxies", "stream", "cert", "allow_redirects")


class HttpHook(BaseHook):
    """Sends requests. The connection's login is basic auth, its extra the default headers.

    Parameters
    ----------
    method : of all requests of this hook.
    http_conn_id : host with or without scheme; its schema is `http` or `https`.
    auth_type : called with login and password, instead of basic auth.
    """

    conn_name_attr = "http_conn_id"
    default_conn_name = "http_default"
    conn_type = "http"

    def __init__(
        self,
        method: str = "POST",
        http_conn_id: str = "http_default",
        auth_type: Any = None,
        **_: Any,
    ) -> None:
        super().__init__()
        self.method = method.upper()
        self.http_conn_id = http_conn_id
        self.auth_type = auth_type
        self.base_url = ""

    def get_conn(self, headers: Mapping[str, Any] | None = None) -> Session:
        """Return a requests session that knows the server."""
        import requests  # noqa: PLC0415  (heavy, and wanted where tasks run only)

        session = requests.Session()
        connection = self.get_connection(self.http_conn_id)
        self.base_url = _base_url(connection)
        if connection.login:
            make_auth = self.auth_type or requests.auth.HTTPBasicAuth
            session.auth = make_auth(connection.login, connection.password or "")
        session.headers.update({k: str(v) for k, v in connection.extra_dejson.items()})
        session.headers.update({k: str(v) for k, v in (headers or {}).items()})
        return session

    def url_from_endpoint(self, endpoint: str | None) -> str:
        if not endpoint:
            return self.base_url
        slash = "" if self.base_url.endswith("/") or endpoint.startswith("/") else "/"
        return f"{self.base_url}{slash}{endpoint}"

    def run(
        self,
        endpoint: str | None = None,
        data: Any = None,
        headers: Mapping[str, Any] | None = None,
        extra_options: Mapping[str, Any] | None = None,
        **request_kwargs: Any,
    ) -> Response:
        """Send a request; raises HubflowException for a status of 400 or more.

        GET sends ``data`` as the query, HEAD sends nothing, the others send it as the body.
        """
        options = dict(extra_options or {})
        with self.get_conn(headers) as session:
            url = self.url_from_endpoint(endpoint)
            if self.method == "GET":
                request_kwargs["params"] = data
            elif self.method != "HEAD":
                request_kwargs["data"] = data
            self.log.info("Sending '%s' to url: %s", self.method, url)
            sending = {name: options[name] for name in _SENDING if name in options}
            sending.setdefault("timeout", 60)
            response = session.request(self.method, url, **request_kwargs, **sending)
            if options.get("check_response", True):
                self.check_response(response)
            return response

    def test_connection(self) -> tuple[bool, str]:
        """Ask for the address of the connection itself; its login must not be refused."""
        self.method = "GET"
        options = {"check_response": False, "timeout": TEST_TIMEOUT_S, "stream": True}
        answer = self.run(extra_options=options)
        said = f"{self.base_url} answers {answer.status_code} {answer.reason}"
        return answer.status_code < 500 and answer.status_code not in _REFUSED, said

    def check_response(self, response: Response) -> None:
        if response.status_code >= 400:
            self.log.error("HTTP error: %s\n%s", response.reason, response.text)
            raise HttpFailed(response.status_code, response.reason)


class HttpFailed(HubflowException):
    """The server answered with an error."""

    def __init__(self, status_code: int, reason: str) -> None:
        super().__init__(f"{status_code}:{reason}")
        self.status_code = status_code


def _base_url(connection: Any) -> str:
    host = connection.host or ""
    url = host if "://" in host else f"{connection.schema or 'http'}://{host}"
    return f"{url}:{connection.port}" if connection.port else url
