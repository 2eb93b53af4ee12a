"""The conf of a run against the `Param`s of its DAG, before the run exists."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from typing import Any

from hubflow.errors import BadRequest
from hubflow.serialization.model import SerializedDag

MOST_WORDS = 300
_FORMATS: Mapping[str, Callable[[str], object]] = {
    "date": date.fromisoformat,
    "date-time": datetime.fromisoformat,
    "time": time.fromisoformat,
}
"""Those that the form of Airflow knows; a time needs no zone there."""


def check(version: SerializedDag | None, conf: Mapping[str, Any]) -> None:
    """Raise BadRequest for a param whose value, given or default, its JSON schema refuses.

    Source: SEMANTICS 1.2, as in Airflow 2.
    """
    for name, schema in version.param_schemas.items() if version else ():
        value = conf.get(name, version.params.get(name) if version else None)
        if value is None and name not in conf and not _may_be_null(schema):
            raise BadRequest(f"param {name!r} has no default: the conf must give it")
        if (problem := _problem(schema, value)) is not None:
            raise BadRequest(f"param {name!r}: {problem}")


def _reads(parse: Callable[[str], object]) -> Callable[[object], bool]:
    return lambda value: not isinstance(value, str) or parse(value) is not None


def _may_be_null(schema: Mapping[str, Any]) -> bool:
    kinds = schema.get("type")
    return kinds is None or "null" in ([kinds] if isinstance(kinds, str) else kinds)


def _problem(schema: Mapping[str, Any], value: Any) -> str | None:
    # Late: half a second that only those pay who trigger DAGs with such params.
    from jsonschema import Draft202012Validator, FormatChecker  # noqa: PLC0415
    from jsonschema.exceptions import SchemaError, best_match  # noqa: PLC0415
    from referencing import Registry  # noqa: PLC0415
    from referencing.exceptions import Unresolvable  # noqa: PLC0415

    try:
        Draft202012Validator.check_schema(schema)
        # An empty registry: the service never fetches what a schema refers to.
        formats = FormatChecker(formats=())
        for name, parse in _FORMATS.items():
            formats.checks(name, raises=ValueError)(_reads(parse))
        checker = Draft202012Validator(schema, registry=Registry(), format_checker=formats)
        found = best_match(checker.iter_errors(value))
    except SchemaError as exc:
        return f"its schema in the DAG file is wrong: {exc.message[:MOST_WORDS]}"
    except Unresolvable as exc:
        return f"its schema in the DAG file refers to what is not there: {exc.ref}"
    return None if found is None else found.message[:MOST_WORDS]
