"""The graph says what the author drew: groups, labels, setups, and how often a task runs."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from browser.accessibility import grave_violations
from browser.conftest import picture
from browser.pages import Lab
from browser.product import Product

CHARTED = """\
from datetime import datetime

from hubflow import DAG, Label, TaskGroup, setup, task, teardown
from hubflow.operators import BashOperator

with DAG("charted", schedule=None, start_date=datetime(2026, 1, 1), is_paused_upon_creation=False):

    @setup
    def up(): ...

    @teardown
    def down(): ...

    with TaskGroup("tables", tooltip="From files to tables") as tables:

        @task
        def clean(region):
            if region == "south":
                raise ValueError(region)

        check = BashOperator(task_id="check", bash_command="true")
        clean.expand(region=["north", "south", "west"]) >> Label("when new") >> check
    report = BashOperator(task_id="report", bash_command="true", trigger_rule="all_done")
    up() >> tables >> report >> down()
"""


def test_graph_shows_groups_labels_and_instances(product: Product, lab: Lab, page: Page) -> None:
    product.add_dag("charted", CHARTED)
    lab.open()
    dag = lab.open_dag("charted")
    dag.open_tab("Graph")
    expect(dag.root.get_by_text("[ ]")).to_be_visible()
    dag.trigger()
    node = dag.root.locator(".react-flow__node")
    clean = node.filter(has_text="tables.clean")
    expect(clean.get_by_text("\N{MULTIPLICATION SIGN}3")).to_be_visible()
    expect(node.filter(has_text="report").get_by_text("success")).to_be_visible()
    said = re.compile("3 instances: 1 failed, 2 success")
    expect(clean).to_have_attribute("aria-label", said)
    expect(dag.root.get_by_text("when new", exact=True)).to_be_visible()
    expect(node.filter(has_text="success · setup")).to_be_visible()
    expect(node.filter(has_text="success · teardown")).to_be_visible()
    assert grave_violations(page, ".jp-hubflow-DagPanel") == []
    picture(page, "graph-groups")

    clean.focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    closed = node.filter(has_text="2 tasks · failed")
    expect(closed).to_be_focused()
    expect(clean).to_be_hidden()
    picture(page, "graph-closed-group")
    # The grid knows of it, and so does the graph when somebody comes back.
    dag.open_tab("Grid")
    expect(dag.root.get_by_role("rowheader", name="tables")).to_be_visible()
    expect(dag.root.get_by_role("rowheader", name="clean")).to_be_hidden()
    dag.open_tab("Graph")
    expect(closed).to_be_visible()
    closed.focus()
    page.keyboard.press("Enter")
    expect(clean).to_be_visible()
    dag.root.get_by_text("tables", exact=True).click()
    expect(closed).to_be_visible()


def zoom_into(page: Page, dag_id: str) -> None:
    """Go to the run of a DAG that a task has started, once the page knows of that run."""
    way = page.locator(".jp-hubflow-SidePanel-zoom:visible").filter(has_text=dag_id)
    expect(way).to_contain_text("success")
    way.get_by_role("button", name=f"Zoom into DAG {dag_id}").click()


def test_a_task_that_runs_a_dag_leads_into_it(lab: Lab, page: Page) -> None:
    lab.open()
    dag = lab.open_dag("all_regions")
    dag.open_tab("Graph")
    dag.trigger()
    node = dag.root.locator(".react-flow__node[data-id=run_north]")
    expect(node.get_by_text("success")).to_be_visible()
    node.hover()
    look = dag.root.get_by_role("tooltip")
    expect(look).to_contain_text("region_north")
    expect(look.locator("[data-state=success]").first).to_be_attached()
    picture(page, "dag-preview")
    node.click()
    zoom_into(page, "region_north")
    child = page.locator(".jp-hubflow-DagPanel:visible")
    expect(child.get_by_text("region_north").first).to_be_visible()
    expect(child.get_by_text("dag_operator__")).to_be_visible()
    in_front = ".jp-MainAreaWidget:not(.lm-mod-hidden) .jp-hubflow-DagPanel"
    assert grave_violations(page, in_front) == []

    # The master leads the run: its tasks are not changed by themselves, but from there.
    child.locator(".jp-hubflow-GridCell[data-state=success]").last.click()
    clear = child.get_by_role("button", name="Clear and run again")
    expect(clear).to_have_attribute("title", re.compile("run_north of all_regions runs these"))
    expect(clear).to_be_disabled()
    child.get_by_role("button", name="Started by run_north of all_regions").click()
    expect(child.get_by_role("heading", name="all_regions")).to_be_visible()
    expect(child.get_by_role("button", name="Clear and run again")).to_be_enabled()


SECTIONED = """\
from datetime import datetime

from hubflow import DAG
from hubflow.operators import BashOperator, SubDagOperator

options = {"schedule": None, "start_date": datetime(2026, 1, 1), "is_paused_upon_creation": False}
part = DAG("sectioned.part", **options)
BashOperator(task_id="only", bash_command="true", dag=part)
with DAG("sectioned", **options):
    SubDagOperator(task_id="part", subdag=part)
"""


def test_a_sub_dag_leads_back(product: Product, lab: Lab, page: Page) -> None:
    product.add_dag("sectioned", SECTIONED)
    lab.open()
    dag = lab.open_dag("sectioned")
    dag.trigger()
    dag.cells("success").click()
    zoom_into(page, "sectioned.part")
    inner = page.locator(".jp-hubflow-DagPanel:visible")
    expect(inner.get_by_role("heading", name="sectioned.part")).to_be_visible()
    expect(inner.get_by_role("button", name="Started by part of sectioned")).to_be_visible()
    inner.locator(".jp-hubflow-GridCell[data-state=success]").click()
    expect(inner.get_by_role("button", name="Clear and run again")).to_be_enabled()
    inner.get_by_role("button", name="Back to sectioned").click()
    expect(inner.get_by_role("heading", name="sectioned", exact=True)).to_be_visible()
