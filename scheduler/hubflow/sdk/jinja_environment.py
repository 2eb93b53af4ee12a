"""The sandboxed Jinja environment. Import late: see `templating`."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from jinja2 import FileSystemLoader, Template
from jinja2.nativetypes import NativeEnvironment, native_concat
from jinja2.sandbox import SandboxedEnvironment, is_internal_attribute


class Environment(SandboxedEnvironment):
    """Blocks internals of Python, but not attributes with one leading underscore."""

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        return not attr.startswith("__") and not is_internal_attribute(obj, attr)


class NativeTypesEnvironment(Environment, NativeEnvironment):
    """Renders `{{ 1 + 1 }}` to the number 2 (`render_template_as_native_obj`)."""


FILTERS = {
    "ds": lambda at: None if at is None else at.strftime("%Y-%m-%d"),
    "ds_nodash": lambda at: None if at is None else at.strftime("%Y%m%d"),
    "ts": lambda at: None if at is None else at.isoformat(),
    "ts_nodash": lambda at: None if at is None else at.strftime("%Y%m%dT%H%M%S"),
    "ts_nodash_with_tz": lambda at: None if at is None else compact_iso(at),
}


def compact_iso(at: datetime) -> str:
    """Write an instant as `20181002T095605.289457+0000`."""
    return at.isoformat().replace("-", "").replace(":", "")


def build(
    folders: Sequence[str],
    macros: Mapping[str, Any],
    filters: Mapping[str, Any],
    options: Mapping[str, Any],
    native: bool,
) -> SandboxedEnvironment:
    """Make the environment of one DAG."""
    settings: dict[str, Any] = {
        "loader": FileSystemLoader(list(folders)),
        "extensions": ["jinja2.ext.do"],
        "cache_size": 0,
        **options,
    }
    environment = (NativeTypesEnvironment if native else Environment)(**settings)
    environment.globals.update(macros)
    environment.filters.update({**FILTERS, **filters})
    return environment


def evaluate(template: Template, context: Mapping[str, Any]) -> Any:
    """Render ``template``, looking names up in ``context`` only when they are used."""
    environment = template.environment
    names: Any = ChainMap(context, template.globals)  # type: ignore[arg-type]
    scope = environment.context_class(environment, names, template.name, template.blocks)
    try:
        pieces = template.root_render_func(scope)
        concat = native_concat if isinstance(environment, NativeEnvironment) else "".join
        return concat(pieces)
    except Exception:
        environment.handle_exception()
