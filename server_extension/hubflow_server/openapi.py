"""The OpenAPI 3.1 document, generated from the routes and the structs."""

from __future__ import annotations

import inspect
import re
from collections.abc import Sequence
from typing import Any

import msgspec

import hubflow
from hubflow.services.dto import ProblemDto
from hubflow_server.base import HubflowHandler
from hubflow_server.operations import Operation, Route
from hubflow_server.other_routes import OTHERS

REF = "#/components/schemas/{name}"
PROBLEMS = {
    "400": "A value is not acceptable",
    "401": "Not authenticated",
    "403": "A permission is missing",
    "404": "There is no such thing",
    "409": "It exists already, or its state does not allow this",
    "413": "The body is too large",
    "422": "The DAG file is broken",
    "503": "The database, the keys or the engine are away",
}
Json = dict[str, Any]


class OpenApiHandler(HubflowHandler):
    async def get(self) -> None:
        """This document."""
        self.reply(document(self.routes, OTHERS, self.site.base_path))


def document(routes: Sequence[Route], others: Sequence[Route], base_path: str) -> Json:
    """Describe all routes, with the schemas of every struct that they name.

    Paths of ``others`` are relative to `api`, those of ``routes`` to `api/v1`.
    """
    kinds = _structs([*routes, *others])
    schemas, components = msgspec.json.schema_components(kinds, ref_template=REF)
    schema_of = dict(zip(kinds, schemas, strict=True))
    return {
        "openapi": "3.1.0",
        "info": {"title": "hubflow", "version": hubflow.__version__},
        "servers": [{"url": f"{base_path}/api/v1"}],
        "paths": {
            **{f"/{route.path}": _path_item(route, schema_of) for route in routes},
            **{
                f"/{route.path}": {
                    "servers": [{"url": f"{base_path}/api"}],
                    **_path_item(route, schema_of),
                }
                for route in others
            },
        },
        "components": {
            "schemas": components,
            "securitySchemes": {
                "token": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "Authorization",
                    "description": "`token <Hub token>` with access:services!service=hubflow",
                }
            },
        },
        "security": [{"token": []}],
    }


def _structs(routes: Sequence[Route]) -> list[type[msgspec.Struct]]:
    """List every struct once; queries are described field by field instead."""
    found: dict[type[msgspec.Struct], None] = {ProblemDto: None}
    for route in routes:
        for operation in route.operations.values():
            for kind in (operation.returns, operation.body):
                if kind is not None:
                    found[kind] = None
    return list(found)


def _path_item(route: Route, schema_of: dict[type[msgspec.Struct], Json]) -> Json:
    item: Json = {}
    names = re.findall(r"\{(\w+)\}", route.path)
    if names:
        item["parameters"] = [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
            for name in names
        ]
    for method, operation in route.operations.items():
        item[method.lower()] = _operation(route, method, operation, schema_of)
    return item


def _operation(
    route: Route, method: str, operation: Operation, schema_of: dict[type[msgspec.Struct], Json]
) -> Json:
    old = "experimental_" if route.path.startswith("experimental/") else ""
    described: Json = {
        "operationId": f"{method.lower()}_{old}{route.handler.__name__.removesuffix('Handler')}",
        "summary": inspect.getdoc(getattr(route.handler, method.lower())) or "",
        "x-permission": operation.permission.value if operation.permission else "open",
        "responses": {
            str(operation.status): _answer(operation, schema_of),
            **(_old_errors() if old else _problems(schema_of[ProblemDto])),
        },
    }
    if operation.permission is None:
        described["security"] = []
    if operation.query is not None:
        described["parameters"] = _parameters(operation.query)
    if operation.body is not None:
        content = {"application/json": {"schema": schema_of[operation.body]}}
        described["requestBody"] = {"required": True, "content": content}
    if operation.upload:
        file = {"type": "string", "format": "binary"}
        form = {
            "type": "object",
            "required": [operation.upload],
            "properties": {operation.upload: file},
        }
        described["requestBody"] = {
            "required": True,
            "content": {"multipart/form-data": {"schema": form}},
        }
    return described


def _answer(operation: Operation, schema_of: dict[type[msgspec.Struct], Json]) -> Json:
    if operation.status == 204:
        return {"description": "Done"}
    content = {media: _content(media, operation, schema_of) for media in operation.media}
    return {"description": "As asked", "content": content}


def _content(media: str, operation: Operation, schema_of: dict[type[msgspec.Struct], Json]) -> Json:
    if media != "application/json":
        return {"schema": {"type": "string"}}
    schema = schema_of[operation.returns] if operation.returns else {"type": "object"}
    return {"schema": {"type": "array", "items": schema} if operation.is_list else schema}


def _problems(schema: Json) -> Json:
    content = {"application/problem+json": {"schema": schema}}
    return {status: {"description": text, "content": content} for status, text in PROBLEMS.items()}


def _old_errors() -> Json:
    error = {"type": "object", "properties": {"error": {"type": "string"}}, "required": ["error"]}
    content = {"application/json": {"schema": error}}
    return {status: {"description": text, "content": content} for status, text in PROBLEMS.items()}


def _parameters(query: type[msgspec.Struct]) -> list[Json]:
    (_, components) = msgspec.json.schema_components([query], ref_template=REF)
    schema = components[query.__name__]
    required = set(schema.get("required", ()))
    return [
        {
            "name": name,
            "in": "query",
            "required": name in required,
            "schema": _inlined(described, components),
        }
        for name, described in schema["properties"].items()
    ]


def _inlined(schema: Any, components: Json) -> Any:
    """Replace references by what they refer to: parameters share no components."""
    if isinstance(schema, dict):
        if "$ref" in schema:
            return components[schema["$ref"].rpartition("/")[2]]
        return {key: _inlined(value, components) for key, value in schema.items()}
    return [_inlined(value, components) for value in schema] if isinstance(schema, list) else schema
