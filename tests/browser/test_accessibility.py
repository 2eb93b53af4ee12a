"""Everybody can use the pages: in light and dark, by keyboard, with the system's own colours."""

from __future__ import annotations

from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from browser.accessibility import grave_violations
from browser.conftest import picture
from browser.pages import Dag, Lab
from browser.product import Product

EXAMPLE = "common_workspace/examples/hello_parameters.ipynb"
DAG = "sales_daily"
IN_TAB = {
    "grid": ".jp-hubflow-GridCell",
    "graph": ".jp-hubflow-TaskNode",
    "runs": ".jp-hubflow-RunRow",
    "code": ".cm-line",
    "details": ".jp-hubflow-DagDetails",
}

both_schemes = pytest.mark.parametrize("scheme", ["light", "dark"])


def open_hub_page(product: Product, page: Page, place: str = "") -> None:
    page.goto(f"{product.url}/services/hubflow/#{place}")
    expect(page.get_by_role("listitem").first).to_be_visible()


@both_schemes
def test_hub_page_keeps_nobody_out(
    product: Product, page: Page, scheme: Literal["light", "dark"]
) -> None:
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    open_hub_page(product, page)
    assert grave_violations(page, "body") == []
    for tab, content in IN_TAB.items():
        page.goto(f"{product.url}/services/hubflow/#/dags/{DAG}/{tab}")
        expect(page.locator(content).first).to_be_visible()
        assert grave_violations(page, "body") == []


@both_schemes
def test_task_and_dialogs_keep_nobody_out(
    product: Product, page: Page, scheme: Literal["light", "dark"]
) -> None:
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    open_hub_page(product, page, f"/dags/{DAG}/grid")
    dag = Dag(page)
    dag.cells("success").first.click()
    expect(dag.side.get_by_role("log")).to_contain_text("return code 0")
    for tab in ("Log", "Rendered", "XCom", "Details"):
        dag.side.get_by_role("tab", name=tab).click()
        assert grave_violations(page, "body") == []
    dag.cells("success").first.click(button="right")
    assert grave_violations(page, "[role=menu]") == []
    for name in ("Clear", "Run now", "Mark as failed"):
        dag.choose(name)
        expect(dag.dialog.locator(".jp-hubflow-Skeleton")).to_be_hidden()
        assert grave_violations(page, "dialog") == []
        page.keyboard.press("Escape")
        dag.cells("success").first.click(button="right")
    page.keyboard.press("Escape")
    dag.root.get_by_role("button", name="Trigger").first.click()
    assert grave_violations(page, "dialog") == []


@pytest.mark.parametrize(
    "theme", ["JupyterLab Dark High Contrast", "JupyterLab Dark", "JupyterLab Light"]
)
def test_jupyterlab_keeps_nobody_out(lab: Lab, page: Page, theme: str) -> None:
    page.emulate_media(reduced_motion="reduce")
    lab.open(EXAMPLE)
    lab.choose_theme(theme)
    dialog = lab.schedule_open_notebook()
    dialog.locator("summary").click()
    assert grave_violations(page, "dialog") == []
    picture(page, f"schedule in {theme}")
    page.keyboard.press("Escape")
    dag = lab.open_dag(DAG)
    dag.cells("success").first.click()
    expect(dag.side.get_by_role("log")).to_contain_text("return code 0")
    assert grave_violations(page, ".jp-hubflow-DagList") == []
    assert grave_violations(page, ".jp-hubflow-DagPanel") == []
    picture(page, f"task in {theme}")
    dag.root.get_by_role("tab", name="Details", exact=True).first.click()
    expect(dag.root.locator(".jp-hubflow-DagDetails")).to_be_visible()
    assert grave_violations(page, ".jp-hubflow-DagPanel") == []
    picture(page, f"details in {theme}")


def test_grid_is_walked_and_opened_with_keys(product: Product, page: Page) -> None:
    open_hub_page(product, page, f"/dags/{DAG}/grid")
    dag = Dag(page)
    expect(dag.cells("success").first).to_be_visible()
    names = dag.root.get_by_role("rowheader").locator("bdi").all_inner_texts()
    dag.root.get_by_role("grid").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(dag.side).to_contain_text(names[2])
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(dag.side).to_contain_text(names[1])


def test_slash_filters_and_question_mark_lists_keys_before_anything_has_focus(
    product: Product, page: Page
) -> None:
    open_hub_page(product, page)
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Keys")
    expect(keys).to_contain_text("Filter the list of DAGs")
    page.keyboard.press("Escape")
    expect(keys).to_be_hidden()
    page.keyboard.press("/")
    page.keyboard.type("hello")
    expect(page.get_by_role("searchbox")).to_have_value("hello")
    expect(page.get_by_role("listitem")).to_have_count(1)


def test_slash_leads_from_a_dag_to_the_filter_in_the_sidebar(lab: Lab, page: Page) -> None:
    lab.open()
    dag = lab.open_dag(DAG)
    dag.root.get_by_role("grid").focus()
    page.keyboard.press("/")
    expect(page.locator(".jp-hubflow-DagList").get_by_role("searchbox")).to_be_focused()


def test_switches_and_states_show_in_the_colours_of_the_system(
    product: Product, page: Page
) -> None:
    page.emulate_media(forced_colors="active", color_scheme="dark", reduced_motion="reduce")
    open_hub_page(product, page, f"/dags/{DAG}/graph")
    expect(page.locator(".jp-hubflow-TaskNode").first).to_be_visible()
    text = colour(page, "body", "color")
    ground = colour(page, "body", "backgroundColor")
    assert text != ground
    assert colour(page, ".react-flow__edge-path", "stroke") == text
    assert colour(page, ".jp-hubflow-TaskNode > svg", "color") == text
    switch = ".jp-hubflow-Switch[aria-checked=true]"
    assert colour(page, switch, "backgroundColor") not in (
        ground,
        colour(page, switch, "backgroundColor", "::after"),
    )
    picture(page, "forced-colors")


def colour(page: Page, selector: str, name: str, part: str | None = None) -> str:
    """Return a colour as the browser draws it."""
    style = "(element, [name, part]) => getComputedStyle(element, part)[name]"
    return str(page.locator(selector).first.evaluate(style, [name, part]))
