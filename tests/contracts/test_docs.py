"""Generated parts of the documentation equal what the code says."""

import re
import runpy
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
GENERATOR = runpy.run_path(str(DOCS / "generate.py"))


@pytest.mark.parametrize("page", GENERATOR["pages"](), ids=lambda page: page.name)
def test_page_is_up_to_date(page: Path) -> None:
    assert GENERATOR["filled"](page.read_text()) == page.read_text(), "run python docs/generate.py"


def test_openapi_document_is_up_to_date() -> None:
    assert GENERATOR["openapi"]() == GENERATOR["OPENAPI"].read_text(), "run python docs/generate.py"


def test_every_generated_part_stands_on_a_page() -> None:
    text = "".join(page.read_text() for page in GENERATOR["pages"]())
    missing = [name for name in GENERATOR["PARTS"] if f"<!-- generated: {name} -->" not in text]
    assert not missing


@pytest.mark.parametrize("page", sorted(DOCS.rglob("*.md")), ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    # An address in a code block is no link.
    text = re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL)
    links = re.findall(r"\]\((?!https?:)([^)#\s]+)", text)
    assert not [link for link in links if not (page.parent / link).exists()]


def test_each_operation_of_airflow_is_served_or_has_a_reason() -> None:
    operations, against = GENERATOR["operations"](), GENERATOR["reason_against"]
    ours = {(method, route.path) for route in GENERATOR["ROUTES"] for method in route.operations}
    assert len(set(operations)) == 89
    assert [one for one in operations if (one in ours) == bool(against(one[1]))] == []
