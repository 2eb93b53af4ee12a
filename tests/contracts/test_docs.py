"""Generated parts of the documentation equal what the code says."""

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


def test_each_operation_of_airflow_is_served_or_has_a_reason() -> None:
    operations, against = GENERATOR["operations"](), GENERATOR["reason_against"]
    ours = {(method, route.path) for route in GENERATOR["ROUTES"] for method in route.operations}
    assert len(set(operations)) == 89
    assert [one for one in operations if (one in ours) == bool(against(one[1]))] == []
