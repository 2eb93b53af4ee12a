"""The service's own page on the Hub: for people without a server."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from browser.conftest import picture
from browser.pages import Dag
from browser.product import Product


def test_hub_links_the_page_and_back_works(product: Product, page: Page) -> None:
    page.goto(f"{product.url}/hub/home")
    page.get_by_role("link", name="Workflows").first.click()
    expect(page.get_by_role("heading", name="Workflows")).to_be_visible()
    page.get_by_role("listitem").get_by_text("sales_daily", exact=True).click()
    dag = Dag(page)
    expect(dag.root.get_by_role("heading", name="sales_daily")).to_be_visible()
    dag.open_tab("Graph")
    expect(dag.root.locator(".jp-hubflow-TaskNode").first).to_be_visible()
    picture(page, "hub-page")
    page.go_back()
    expect(dag.root.get_by_role("tab", name="Grid")).to_have_attribute("aria-selected", "true")
    page.go_back()
    expect(dag.root).to_be_hidden()


def test_run_triggered_on_the_hub_page_is_live_there(product: Product, page: Page) -> None:
    page.goto(f"{product.url}/services/hubflow/#/dags/hello_bash/grid")
    dag = Dag(page)
    columns = dag.root.get_by_role("columnheader")
    expect(columns.first).to_be_visible()
    before = columns.count()
    dag.trigger()
    expect(columns).to_have_count(before + 1)
    dag.expect_state("success")


def test_dark_theme_is_kept(product: Product, page: Page) -> None:
    page.goto(f"{product.url}/services/hubflow/#/dags/sales_daily/grid")
    page.get_by_role("button", name="Dark theme").click()
    page.reload()
    expect(page.get_by_role("button", name="Light theme")).to_be_visible()
    expect(Dag(page).root).to_be_visible()
    picture(page, "hub-page-dark")


def test_page_fits_a_narrow_window(product: Product, page: Page) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(f"{product.url}/services/hubflow/")
    expect(page.get_by_role("listitem").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    picture(page, "hub-page-narrow")
