"""The address in JupyterLab names the page of hubflow that is in front."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from browser.pages import Dag, Lab
from browser.product import Product

GRAPH = re.compile(r"hubflow=/dags/sales_daily/graph$")


def test_address_follows_the_page_and_back_works(lab: Lab, page: Page) -> None:
    lab.open()
    dag = lab.open_dag("sales_daily")
    expect(page).to_have_url(re.compile(r"hubflow=/dags/sales_daily/grid$"))
    dag.open_tab("Graph")
    expect(page).to_have_url(GRAPH)
    dag.root.locator(".jp-hubflow-TaskNode").first.click()
    expect(dag.side).to_be_visible()
    expect(page).to_have_url(re.compile(r"task%3Dcheck_source"))
    page.go_back()
    expect(dag.side).to_be_hidden()
    expect(page).to_have_url(GRAPH)
    page.go_back()
    expect(dag.root.get_by_role("tab", name="Grid")).to_have_attribute("aria-selected", "true")
    page.go_forward()
    expect(dag.root.get_by_role("tab", name="Graph")).to_have_attribute("aria-selected", "true")


def test_copied_link_opens_the_same_task(lab: Lab, product: Product, page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    lab.open()
    dag = lab.open_dag("sales_daily")
    dag.cells("success").first.click()
    dag.open_tab("XCom")
    dag.root.get_by_role("button", name="More").first.click()
    dag.choose("Copy a link to this page")
    link = page.evaluate("navigator.clipboard.readText()")
    assert link.startswith(f"{product.url}/hub/user-redirect/lab?hubflow=/dags/sales_daily/grid")
    page.goto(link.replace("lab?", "lab?reset&"))
    opened = Dag(page)
    expect(opened.side).to_contain_text("check_source")
    expect(opened.side.get_by_role("tab", name="XCom")).to_have_attribute("aria-selected", "true")


def test_address_is_left_with_the_page(lab: Lab, page: Page) -> None:
    lab.open("common_workspace/examples/hello_parameters.ipynb")
    lab.open_dag("sales_daily")
    expect(page).to_have_url(re.compile("hubflow="))
    page.locator(".lm-TabBar-tab").filter(has_text="hello_parameters").click()
    expect(page).to_have_url(re.compile(r"hello_parameters\.ipynb$"))


@pytest.mark.parametrize("root", ["/user/admin/lab", "/hub/user-redirect/lab"])
def test_link_wins_over_the_layout_of_last_time(
    lab: Lab, product: Product, page: Page, root: str
) -> None:
    lab.open()
    lab.open_dag("sales_daily")
    sidebar = page.locator(".jp-hubflow-DagList")
    with lab.saving_layout('"current":"hubflow-dags:hello_bash"'):
        sidebar.get_by_role("listitem").get_by_text("hello_bash", exact=True).click()
    page.goto("about:blank")
    page.goto(f"{product.url}{root}?hubflow=/dags/sales_daily/graph")
    expect(lab.dag().root.get_by_role("heading", name="sales_daily")).to_be_visible()
    expect(page.locator(".lm-DockPanel-tabBar .lm-TabBar-tab")).to_have_count(2)
    expect(lab.dag().root.locator(".jp-hubflow-TaskNode").first).to_be_visible()
    expect(page).to_have_url(GRAPH)
