"""Whoever is in no group of hubflow may look at everything and change nothing."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from browser.conftest import READER, picture
from browser.pages import Dag, Lab
from browser.product import Product

REASON = "You can look but not change"


def expect_refused(button: Locator) -> None:
    """The button is there, says why it does nothing, and does nothing."""
    expect(button).to_have_attribute("aria-disabled", "true")
    assert REASON in (button.get_attribute("title") or "")


def test_reader_sees_lists_and_runs_in_jupyterlab_but_no_active_button(
    product: Product, reader_page: Page
) -> None:
    lab = Lab(reader_page, f"{product.url}/user/{READER}")
    lab.open()
    dag = lab.open_dag("sales_daily")
    expect(dag.cells("success").first).to_be_visible()
    trigger = dag.root.get_by_role("button", name="Trigger").first
    expect_refused(trigger)
    switches = reader_page.get_by_role("switch")
    for index in range(switches.count()):
        expect_refused(switches.nth(index))
    picture(reader_page, "read-only")
    trigger.click(force=True)
    expect(reader_page.get_by_role("dialog")).to_be_hidden()
    dag.cells("success").first.click()
    expect(dag.side.get_by_role("log")).to_contain_text("return code 0")


def test_reader_cannot_schedule_a_notebook(product: Product, reader_page: Page) -> None:
    lab = Lab(reader_page, f"{product.url}/user/{READER}")
    lab.open("common_workspace/examples/hello_parameters.ipynb")
    dialog = lab.schedule_open_notebook()
    expect_refused(dialog.get_by_role("button", name="Schedule"))
    expect(dialog).to_contain_text(REASON)
    picture(reader_page, "read-only-schedule")


def test_reader_sees_the_hub_page_but_no_active_button(product: Product, reader_page: Page) -> None:
    reader_page.goto(f"{product.url}/services/hubflow/#/dags/hello_bash/grid")
    dag = Dag(reader_page)
    expect(dag.cells("success").first).to_be_visible()
    expect_refused(dag.root.get_by_role("button", name="Trigger").first)
    expect_refused(reader_page.get_by_role("switch", name="Switch hello_bash off").first)


def test_server_refuses_what_the_page_does_not_offer(product: Product, reader_page: Page) -> None:
    reader_page.goto(f"{product.url}/services/hubflow/")
    expect(reader_page.get_by_role("listitem").first).to_be_visible()
    status = reader_page.evaluate(
        """async () => {
          const xsrf = document.cookie.match(/_xsrf=([^;]+)/);
          const reply = await fetch('api/v1/dags/hello_bash/dagRuns', {
            method: 'POST',
            headers: {'Content-Type': 'application/json', 'X-XSRFToken': xsrf ? xsrf[1] : ''},
            body: '{}'
          });
          return [reply.status, (await reply.json()).detail];
        }"""
    )
    assert status[0] == 403
    assert "runs.trigger" in status[1]
