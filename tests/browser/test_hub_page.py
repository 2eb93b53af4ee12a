"""The service's own page on the Hub: for people without a server."""

from __future__ import annotations

import re

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
    expect(Dag(page).cells("success").first).to_be_visible()
    expect(page.get_by_role("listitem").first).to_be_visible()
    picture(page, "hub-page-dark")


def test_page_fits_a_narrow_window(product: Product, page: Page) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(f"{product.url}/services/hubflow/")
    expect(page.get_by_role("listitem").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    picture(page, "hub-page-narrow")


BROKEN = """\
from hubflow import DAG

with DAG("never_read", schedule=None):
    raise ValueError("no such price list")
"""


def test_broken_file_leads_to_its_traceback(product: Product, page: Page) -> None:
    product.add_dag("broken_file", BROKEN)
    page.goto(f"{product.url}/services/hubflow/")
    page.get_by_role("button", name="attention").click()
    page.get_by_role("button", name="broken_file.py").click()
    error = page.get_by_role("alert")
    expect(error).to_contain_text("Line 4 is broken")
    expect(error).to_contain_text("Traceback (most recent call last)")
    expect(page.locator(".jp-hubflow-CodeText-error")).to_contain_text("no such price list")
    picture(page, "broken-file")
    page.reload()
    expect(error).to_contain_text("Line 4 is broken")
    product.add_dag("broken_file", BROKEN.replace("raise", "pass  # raise"))
    expect(error).to_be_hidden()
    page.get_by_role("button", name="never_read").last.click()
    expect(Dag(page).root.get_by_role("heading", name="never_read")).to_be_visible()


WARNED = """\
from datetime import datetime

from hubflow import DAG
from hubflow.operators import BashOperator

with DAG("warned", schedule=None, start_date=datetime(2026, 1, 1)):
    BashOperator(task_id="one", bash_command="true", colour="red")
    BashOperator(task_id="two", bash_command="true", colour="blue")
"""


def test_warnings_show_in_the_list_and_on_the_page(product: Product, page: Page) -> None:
    product.add_dag("warned", WARNED)
    page.goto(f"{product.url}/services/hubflow/")
    page.get_by_role("searchbox").fill("warned")  # the list draws only what is in sight
    mark = page.get_by_role("img", name="2 warnings")
    expect(mark).to_have_attribute("title", re.compile("Task 'two': argument 'colour'"))
    mark.click()
    page.get_by_text("2 warnings: Task 'one'").click()
    expect(page.get_by_text("Task 'two': argument 'colour'")).to_be_visible()
