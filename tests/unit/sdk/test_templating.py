"""Which fields are rendered and how far, template files, and the sandbox."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import jinja2
import pytest

from hubflow.sdk.templating import Templates

CONTEXT = {"x": "X", "n": 3}


class Pair(NamedTuple):
    left: str
    right: str


class Holder:
    template_fields = ("inner",)

    def __init__(self, inner: str, other: str = "{{ x }}") -> None:
        self.inner = inner
        self.other = other


@pytest.mark.parametrize(
    ("value", "rendered"),
    [
        ("{{ x }}", "X"),
        (["{{ x }}", 1], ["X", 1]),
        (("{{ x }}",), ("X",)),
        ({"{{ x }}"}, {"X"}),
        ({"{{ x }}": "{{ x }}"}, {"{{ x }}": "X"}),
        (Pair("{{ x }}", "r"), Pair("X", "r")),
        ([{"a": ("{{ n }}",)}], [{"a": ("3",)}]),
        (42, 42),
        (None, None),
    ],
)
def test_containers_are_rendered_inside(value: Any, rendered: Any) -> None:
    result = Templates().render(value, CONTEXT)
    assert result == rendered
    assert type(result) is type(rendered)


def test_object_with_fields_is_rendered_as_a_copy() -> None:
    holder = Holder("{{ x }}")
    rendered = Templates().render([holder], CONTEXT)[0]
    assert (rendered.inner, rendered.other) == ("X", "{{ x }}")
    assert holder.inner == "{{ x }}"


def test_file_is_looked_up_beside_the_dag_and_then_on_the_search_path(tmp_path: Path) -> None:
    beside, further = tmp_path / "dags", tmp_path / "sql"
    for folder in (beside, further):
        folder.mkdir()
        (folder / "q.sql").write_text(f"select '{folder.name}', {{{{ n }}}}\n")
    (further / "only.sql").write_text("{{ x }}")
    templates = Templates(str(beside), [str(further)])
    assert templates.render("q.sql", CONTEXT, (".sql",)) == "select 'dags', 3"
    assert templates.render("only.sql", CONTEXT, (".sql",)) == "X"
    with pytest.raises(jinja2.TemplateNotFound):
        templates.render("missing.sql", CONTEXT, (".sql",))


@pytest.mark.parametrize("attack", ["{{ ''.__class__ }}", "{{ f.__globals__ }}"])
def test_sandbox_blocks_internals(attack: str) -> None:
    def f() -> None: ...

    with pytest.raises(jinja2.exceptions.SecurityError):
        Templates().render(attack + "{{ x.__class__.__mro__ }}", {**CONTEXT, "f": f})


def test_one_leading_underscore_is_no_secret() -> None:
    holder = Holder("i")
    holder._mine = "seen"  # type: ignore[attr-defined]
    assert Templates().render("{{ h._mine }}", {"h": holder}) == "seen"


def test_macros_filters_undefined_and_native_types() -> None:
    templates = Templates(
        macros={"twice": lambda n: 2 * n},
        filters={"shout": str.upper},
        undefined=jinja2.StrictUndefined,
        native=True,
    )
    assert templates.render("{{ twice(n) }}", CONTEXT) == 6
    assert templates.render("{{ 'x' | shout }}", CONTEXT) == "X"
    with pytest.raises(jinja2.UndefinedError):
        templates.render("a{{ missing }}", CONTEXT)


def test_context_wins_over_a_macro_of_the_same_name() -> None:
    assert Templates(macros={"x": "macro"}).render("{{ x }}", CONTEXT) == "X"
