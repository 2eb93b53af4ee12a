"""Jinja templates: the environment of one DAG, and rendering of fields (SEMANTICS 2.5, 4.4).

Jinja is imported when the first template is rendered: most tasks and all parsing do without.
"""

from __future__ import annotations

import copy
import traceback
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jinja2.sandbox import SandboxedEnvironment

_MARKERS = ("{{", "{%", "{#", "\r")


RENDERING = "in the template field"
"""How the note begins that tells where rendering went wrong."""
# Jinja's names for the frames of compiled templates.
_TEMPLATE_FRAMES = ("top-level template code", "block ", "template")


def _line(exc: Exception) -> str:
    """Return ", line n" if it is known."""
    frames = traceback.extract_tb(exc.__traceback__)
    lines = [frame.lineno for frame in frames if frame.name.startswith(_TEMPLATE_FRAMES)]
    line = getattr(exc, "lineno", None) or (lines[-1] if lines else None)
    return "" if line is None else f", line {line}"


def is_template(text: str) -> bool:
    """Say whether Jinja would change the text, were it to end without a newline."""
    return any(marker in text for marker in _MARKERS)


class ResolvedLater(ABC):
    """A value that is known only when the task runs, such as the output of another task."""

    @abstractmethod
    def resolve(self, context: Mapping[str, Any]) -> Any:
        """Return the value."""


class Templates:
    """Renders the fields of one DAG's tasks.

    Parameters
    ----------
    folder : where template files are looked up first: the folder of the DAG file.
    searchpath : further folders.
    undefined : Jinja class for missing names; the default renders them as nothing.
    """

    def __init__(
        self,
        folder: str | None = None,
        searchpath: Iterable[str] = (),
        macros: Mapping[str, Any] | None = None,
        filters: Mapping[str, Any] | None = None,
        undefined: Any = None,
        options: Mapping[str, Any] | None = None,
        native: bool = False,
    ) -> None:
        self._folders = [str(Path(f)) for f in (folder, *searchpath) if f]
        self._macros = dict(macros or {})
        self._filters = dict(filters or {})
        self._options = dict(options or {})
        self._native = native
        if undefined is not None:
            self._options["undefined"] = undefined

    @cached_property
    def environment(self) -> SandboxedEnvironment:
        from hubflow.sdk.jinja_environment import build  # noqa: PLC0415  (Jinja costs 40 ms)

        return build(self._folders, self._macros, self._filters, self._options, self._native)

    def render_fields(self, task: Any, context: Mapping[str, Any]) -> None:
        """Render the template fields of ``task``, or of any object that lists some, in place.

        What goes wrong gets a note with the field and the line of the template.
        """
        extensions = tuple(getattr(task, "template_ext", ()))
        for name in task.template_fields:
            value = getattr(task, name)
            if isinstance(value, ResolvedLater) or value:
                try:
                    setattr(task, name, self.render(value, context, extensions))
                except Exception as exc:
                    exc.add_note(f"{RENDERING} {name!r}{_line(exc)}")
                    raise

    def render(
        self, value: Any, context: Mapping[str, Any], extensions: tuple[str, ...] = ()
    ) -> Any:
        """Render a string, or recursively what a container or an object with fields holds.

        A string that ends with one of ``extensions`` names a template file.
        """
        if isinstance(value, str):
            return self._render_text(value, context, extensions)
        if isinstance(value, ResolvedLater):
            return value.resolve(context)
        if isinstance(value, tuple) and hasattr(value, "_fields"):
            return type(value)(*(self.render(item, context, extensions) for item in value))
        if isinstance(value, list | tuple | set) and type(value) in (list, tuple, set):
            return type(value)(self.render(item, context, extensions) for item in value)
        if isinstance(value, dict):
            return {key: self.render(item, context, extensions) for key, item in value.items()}
        if getattr(value, "template_fields", None):
            rendered = copy.copy(value)
            self.render_fields(rendered, context)
            return rendered
        return value

    def _render_text(
        self, text: str, context: Mapping[str, Any], extensions: tuple[str, ...]
    ) -> Any:
        if extensions and text.endswith(extensions):
            template = self.environment.get_template(text)
        elif not self._options and not is_template(text):
            return text.removesuffix("\n")  # what Jinja does to a text without templates
        else:
            template = self.environment.from_string(text)
        return self._evaluate(template, context)

    def _evaluate(self, template: Any, context: Mapping[str, Any]) -> Any:
        """Render with a lazy context: `template.render()` would copy it, evaluating every key."""
        from hubflow.sdk.jinja_environment import evaluate  # noqa: PLC0415  (as above)

        return evaluate(template, context)
