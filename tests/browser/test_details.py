"""What a DAG is, and what it was: its details, and two of its versions side by side."""

from __future__ import annotations

from typing import Literal

from playwright.sync_api import Page, expect

from browser.accessibility import grave_violations
from browser.conftest import picture
from browser.pages import Dag, Lab
from browser.product import Product
from browser.test_accessibility import both_schemes

DESCRIBED = '''\
"""
    # Monthly sales

    From the [warehouse](https://example.com/wiki?a=1&b=2), *every* month.
    Never [click](javascript:document.title='hurt') <script>document.title = "hurt"</script>.

    1. load the files
       - one for each region
       - north before south
    2. sum them up

    | region | files |
    | ------ | ----: |
    | north  |    12 |
    | south  |     7 |

    ```sql
    select region, sum(price) from sales group by region
    ```

    > The sums are in euros.
"""

from datetime import datetime, timedelta

from hubflow import DAG
from hubflow.operators import BashOperator

with DAG(
    "described",
    description="Sums up what was sold",
    schedule="0 6 * * 1-5",
    start_date=datetime(2026, 1, 1),
    catchup=False,
    dagrun_timeout=timedelta(hours=2),
    max_active_runs=3,
    tags=["finance", "monthly"],
    default_args={"owner": "ann"},
    params={"month": "2026-11", "regions": ["north", "south"]},
    doc_md=__doc__,
    is_paused_upon_creation=True,
):
    load = BashOperator(task_id="load", bash_command="true", doc_md="Reads **all** files.")
    {rest}
'''
FIRST = "load >> BashOperator(task_id='report', bash_command='echo first')"
SECOND = """report = BashOperator(task_id="report", bash_command="echo second", retries=2)
    load >> report >> BashOperator(task_id="mail", bash_command="true")"""


@both_schemes
def test_details_say_what_the_author_said(
    product: Product, page: Page, scheme: Literal["light", "dark"]
) -> None:
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    product.add_dag("described", DESCRIBED.replace("{rest}", FIRST))
    page.goto(f"{product.url}/services/hubflow/#/")
    page.get_by_role("searchbox").fill("described")
    page.get_by_role("listitem").get_by_text("described", exact=True).click()
    dag = Dag(page)
    dag.open_tab("Details")
    facts = dag.root.locator(".jp-hubflow-DagDetails")
    expect(facts).to_contain_text("finance")
    for text in ("Sums up what was sold", "ann", "monthly", "0 6 * * 1-5", "2 h", '"north"'):
        expect(facts).to_contain_text(text)
    expect(facts.get_by_role("heading", name="Monthly sales")).to_be_visible()
    expect(facts.get_by_role("link", name="warehouse")).to_be_visible()
    expect(facts.get_by_role("link")).to_have_count(1)
    expect(facts.locator("ol > li > ul > li")).to_have_count(2)
    expect(facts).to_contain_text('<script>document.title = "hurt"</script>')
    assert grave_violations(page, ".jp-hubflow-DagPanel") == []
    picture(page, f"details in {scheme}")
    page.set_viewport_size({"width": 250, "height": 900})
    expect(facts).to_contain_text("Monthly sales")
    picture(page, f"details, narrow, in {scheme}")


@both_schemes
def test_two_versions_are_compared(
    product: Product, page: Page, scheme: Literal["light", "dark"]
) -> None:
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    name = f"compared_{scheme}"
    text = DESCRIBED.replace("described", name)
    product.add_dag(name, text.replace("{rest}", FIRST))
    page.goto(f"{product.url}/services/hubflow/#/")
    page.get_by_role("searchbox").fill(name)
    page.get_by_role("listitem").get_by_text(name, exact=True).click()
    dag = Dag(page)
    dag.open_tab("Code")
    expect(dag.root.locator(".cm-content")).to_contain_text("Monthly sales")
    other = dag.root.get_by_label("compared with")
    expect(other).to_be_hidden()
    product.add_dag(name, text.replace("{rest}", SECOND))
    other.select_option("1")
    diff = dag.root.get_by_role("region", name="From version 1 to version 2")
    expect(diff).to_contain_text("report (")
    expect(diff.get_by_role("insertion").first).to_contain_text("echo second")
    expect(diff.get_by_role("deletion")).to_contain_text("echo first")
    folded = diff.get_by_text("unchanged lines").first
    expect(diff.get_by_text("From the [warehouse]")).to_be_hidden()
    picture(page, f"versions in {scheme}")
    folded.focus()
    page.keyboard.press("Enter")
    expect(diff.get_by_text("From the [warehouse]")).to_be_visible()
    assert grave_violations(page, ".jp-hubflow-DagPanel") == []
    page.set_viewport_size({"width": 250, "height": 900})
    page.reload()
    expect(diff).to_be_visible()
    picture(page, f"versions, narrow, in {scheme}")


def test_doc_of_a_task_is_read_in_jupyterlab(product: Product, lab: Lab, page: Page) -> None:
    text = DESCRIBED.replace("described", "documented").replace("{rest}", FIRST)
    text = text.replace('"0 6 * * 1-5"', "None").replace("creation=True", "creation=False")
    product.add_dag("documented", text)
    lab.open()
    dag = lab.open_dag("documented")
    dag.root.get_by_role("tab", name="Details", exact=True).click()
    expect(dag.root.get_by_role("heading", name="Monthly sales")).to_be_visible()
    dag.open_tab("Grid")
    dag.trigger()
    dag.cells("success").first.click()
    dag.side.get_by_role("tab", name="Details").click()
    expect(dag.side.locator("strong", has_text="all")).to_be_visible()
    dag.root.get_by_role("tab", name="Details", exact=True).first.click()
    picture(page, "details with a task")
