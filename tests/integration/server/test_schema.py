"""Every operation, with odd input: no failure of ours, and no answer that the document hides."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from hypothesis import HealthCheck, Phase, given, settings

from integration.server.conftest import RUN
from integration.server.service import Service

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import schemathesis
    from schemathesis.checks import not_a_server_error
    from schemathesis.specs.openapi.checks import (
        content_type_conformance,
        response_schema_conformance,
        status_code_conformance,
    )

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
KNOWN = {
    "dag_id": "etl",
    "dag_run_id": RUN,
    "run_id": RUN,
    "task_id": "extract",
    "map_index": "-1",
    "task_try_number": "1",
    "xcom_key": "return_value",
    "version_number": "1",
    "other_number": "1",
    "pool_name": "default_pool",
    "file_token": "1",
    "event_log_id": "1",
}
# What waits for other processes, or talks to whatever host it is told to.
LEFT_OUT = {("POST", "/notebooks/schedule"), ("POST", "/connections/test")}
FEW = settings(
    max_examples=8,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def operations(service: Service) -> Iterator[Any]:
    described = service.stranger.get("/openapi.json").json()
    paths = described["paths"]
    schema = schemathesis.openapi.from_dict(described)
    schema.config.update(base_url=service.url)
    for found in schema.get_all_operations():
        operation = found.ok()
        is_beside = "servers" in paths[operation.path]  # at another address than the rest
        if not is_beside and (operation.method.upper(), operation.path) not in LEFT_OUT:
            yield operation


@pytest.mark.usefixtures("etl")
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("known", [{}, KNOWN], ids=["anything", "what there is"])
def test_no_answer_breaks_the_document(service: Service, known: dict[str, str]) -> None:
    broken: list[str] = []
    with requests.Session() as session:
        session.headers["X-Who"] = "writer"
        # Deletions last: there is to be something for the others.
        for operation in sorted(operations(service), key=lambda one: one.method == "delete"):
            name = f"{operation.method.upper()} {operation.path}"
            try:
                _try(operation, session, known)()
            except AssertionError as exc:
                broken.append(f"{name}: {exc}")
            except BaseExceptionGroup as group:
                broken += [f"{name}: {exc}" for exc in group.exceptions]
    assert not broken, "\n\n".join(broken)


def _try(operation: Any, session: requests.Session, known: dict[str, str]) -> Callable[[], None]:
    @FEW
    @given(case=operation.as_strategy())
    def check(case: Any) -> None:
        for name in known.keys() & (case.path_parameters or {}).keys():
            case.path_parameters[name] = known[name]
        case.validate_response(case.call(session=session), checks=CHECKS)

    return check


def test_what_lies_beside_is_described_at_its_own_address(service: Service) -> None:
    described = service.stranger.get("/openapi.json").json()
    archive = described["paths"]["/dags/"]
    assert archive["servers"] == [{"url": "/hubflow/api"}]
    assert "multipart/form-data" in archive["post"]["requestBody"]["content"]
    runs = described["paths"]["/experimental/dags/{dag_id}/dag_runs"]["get"]
    assert "application/json" in runs["responses"]["404"]["content"]
    assert runs["responses"]["200"]["content"]["application/json"]["schema"]["type"] == "array"
    methods = [one for path in described["paths"].values() for one in path.values()]
    ids = [one["operationId"] for one in methods if isinstance(one, dict)]
    assert len(ids) == len(set(ids))
