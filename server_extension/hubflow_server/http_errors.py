"""Error class -> HTTP status, and any exception -> problem document. The only place with both."""

from __future__ import annotations

import http
from collections.abc import Mapping

from tornado.web import HTTPError, MissingArgumentError

from hubflow import errors
from hubflow.db.crypto import KeysUnusable
from hubflow.services.dto import ProblemDto
from hubflow_server.errors import BodyTooLarge, EngineAway, ScopeMissing, ServiceAway, ServiceSlow

CONTENT_TYPE = "application/problem+json"
# The nearest class in an error's ancestry counts.
STATUS: Mapping[type[Exception], int] = {
    errors.BadRequest: 400,
    errors.NotAuthenticated: 401,
    errors.PermissionDenied: 403,
    errors.ConfigHidden: 403,
    errors.NotFound: 404,
    errors.ConnectionExists: 409,
    errors.ConnectionAmbiguous: 409,
    errors.PoolExists: 409,
    errors.SecretUnreadable: 409,
    errors.RunExists: 409,
    errors.BackfillExists: 409,
    errors.DagBusy: 409,
    errors.CannotRun: 409,
    errors.DagExists: 409,
    errors.StaleState: 409,
    errors.DagImportError: 422,
    errors.DatabaseUnusable: 503,
    KeysUnusable: 503,
    EngineAway: 503,
    ScopeMissing: 403,
    BodyTooLarge: 413,
    ServiceAway: 502,
    ServiceSlow: 504,
}


def status_of(exc: BaseException) -> int:
    """Return the HTTP status for an exception; 500 for whatever nobody expected."""
    if isinstance(exc, HTTPError):
        return exc.status_code
    for ancestor in type(exc).__mro__:
        if ancestor in STATUS:
            return STATUS[ancestor]
    return 500


def problem(exc: BaseException) -> ProblemDto:
    """Describe an exception to the caller; an unexpected one says nothing of the inside."""
    status = status_of(exc)
    title = http.HTTPStatus(status).phrase if status in _KNOWN else "Error"
    if isinstance(exc, errors.HubflowError) and status != 500:
        detail, code = str(exc), exc.code
    elif isinstance(exc, MissingArgumentError):
        detail, code = f"the query needs {exc.arg_name!r}", errors.BadRequest.code
    elif isinstance(exc, HTTPError) and status != 500:
        detail, code = exc.reason or exc.log_message or title, _slug(title)
    else:
        detail, code = "hubflow failed; its log says more", "internal-error"
    return ProblemDto(type="about:blank", title=title, status=status, detail=detail, code=code)


_KNOWN = {status.value for status in http.HTTPStatus}


def _slug(title: str) -> str:
    return title.lower().replace(" ", "-")
