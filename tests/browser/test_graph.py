"""The graph says what the author drew: groups, labels, setups, and how often a task runs."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from browser.accessibility import grave_violations
from browser.conftest import picture
from browser.pages import Lab
from browser.product import Product

CHARTED = """\
from datetime import datetime

from airflow.utils.edgemodifier import Label
from hubflow import DAG, TaskGroup, setup, task, teardown
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
    label = clean.get_attribute("aria-label") or ""
    assert "3 instances: 1 failed, 2 success" in label
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
    page.keyboard.press("Enter")
    expect(clean).to_be_visible()
    dag.root.get_by_text("tables", exact=True).click()
    expect(closed).to_be_visible()
