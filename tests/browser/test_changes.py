"""What people do to tasks and runs: from menus, with a way back, and for past dates."""

from __future__ import annotations

import re
from itertools import count

import pytest
from playwright.sync_api import Locator, Page, expect

from browser.conftest import picture
from browser.pages import Dag, Lab
from browser.product import Product

SMALL = """\
from datetime import datetime

from hubflow import DAG
from hubflow.operators import BashOperator

with DAG({dag_id!r}, schedule={schedule!r}, start_date=datetime(2026, 1, 1), catchup=False,
         is_paused_upon_creation=False):
    load = BashOperator(task_id="load", bash_command="echo {{{{ ds_nodash }}}}")
    load >> BashOperator(task_id="report", bash_command="true")
"""

TYPED = """\
from datetime import datetime

from hubflow import DAG
from hubflow.sdk import Param
from hubflow.operators import BashOperator

with DAG("typed", schedule=None, start_date=datetime(2026, 1, 1), is_paused_upon_creation=False,
         params={
             "region": Param(type="string", title="Region", description="where it is sold"),
             "top_n": Param(5, "how many to keep", type="integer", minimum=1, maximum=50),
             "mode": Param("fast", enum=["fast", "exact"]),
             "dry": Param(False, "change nothing", type="boolean"),
             "day": Param("2026-11-01", type="string", format="date"),
             "since": Param(None, type=["null", "string"], format="date-time"),
             "note": Param("first\\nsecond", type="string"),
             "tags": Param(["a"], type="array"),
             "code": Param("x1", type="string", pattern="^x"),
             "plain": "as it is",
         }):
    BashOperator(task_id="say", bash_command="echo {{ params.region }} {{ params.top_n + 1 }}")
"""

NUMBERS = count(1)


@pytest.fixture
def small(product: Product, lab: Lab) -> Dag:
    """The page of a DAG of two tasks that has run once, in JupyterLab."""
    dag_id = f"small_{next(NUMBERS)}"
    product.add_dag(dag_id, SMALL.format(dag_id=dag_id, schedule=None))
    lab.open()
    dag = lab.open_dag(dag_id)
    dag.trigger()
    dag.expect_state("success")
    expect(dag.cells("success")).to_have_count(2)
    return dag


def cell_of(dag: Dag, task_id: str) -> Locator:
    line = dag.root.locator(".jp-hubflow-GridLine").filter(has_text=task_id)
    return line.locator(".jp-hubflow-GridCell").last


def test_a_cell_has_a_menu_with_everything_about_its_task(small: Dag, page: Page) -> None:
    cell_of(small, "load").click(button="right")
    expect(page.get_by_role("menuitem", name="Log")).to_be_focused()
    expect(page.locator(".lm-Menu")).to_have_count(0)
    picture(page, "cell-menu")
    small.choose("Rendered")
    expect(small.side).to_contain_text(re.compile(r"echo 2026\d{4}"))
    cell_of(small, "load").click(button="right")
    small.choose("Run now")
    expect(small.dialog).to_contain_text("It does not run by itself, because:")
    small.dialog.get_by_label("Although it has succeeded").check()
    picture(page, "run-now")
    small.dialog.get_by_role("button", name="Run now").click()
    small.expect_told("load runs as soon as there is a slot.")
    expect(small.side.get_by_role("button", name="try 2")).to_be_visible()


def test_menus_open_with_keys(small: Dag, page: Page) -> None:
    small.root.get_by_role("grid").focus()
    page.keyboard.press("Shift+F10")
    expect(page.get_by_role("menuitem", name="Log")).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("menuitem", name="Mark as skipped")).to_be_focused()
    page.keyboard.press("Escape")
    expect(small.root.get_by_role("grid")).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ContextMenu")
    expect(page.get_by_role("menuitem", name="Delete")).to_be_visible()
    page.keyboard.press("Escape")
    small.open_tab("Graph")
    node = small.root.locator(".react-flow__node").filter(has_text="load")
    node.focus()
    page.keyboard.press("Shift+F10")
    page.keyboard.press("Enter")
    expect(small.side.get_by_role("log")).to_contain_text("return code 0")


def test_a_node_of_the_graph_shows_its_menu(small: Dag, page: Page) -> None:
    small.open_tab("Graph")
    node = small.root.locator(".jp-hubflow-TaskNode").filter(has_text="report")
    node.hover()
    node.get_by_title("More").click()
    picture(page, "node-menu")
    small.choose("XCom")
    expect(small.side.get_by_role("tab", name="XCom")).to_have_attribute("aria-selected", "true")


def test_a_mark_of_what_is_over_is_undone(small: Dag, page: Page) -> None:
    cell_of(small, "report").click(button="right")
    small.choose("Mark as failed")
    small.dialog.get_by_role("button", name="Mark").click()
    small.expect_told("Marked 1 task instance as failed.")
    expect(small.cells("failed")).to_have_count(1)
    picture(page, "mark-done")
    small.root.get_by_role("button", name="Undo").click()
    small.expect_told("Undone: 1 task instance is back to success.")
    expect(small.cells("success")).to_have_count(2)


def test_a_mark_is_not_undone_when_something_has_happened_since(small: Dag, page: Page) -> None:
    cell_of(small, "report").click(button="right")
    small.choose("Mark as failed")
    small.dialog.get_by_role("button", name="Mark").click()
    expect(small.cells("failed")).to_have_count(1)
    other = page.context.new_page()
    other.goto(page.url)
    there = Dag(other)
    cell_of(there, "report").click(button="right")
    there.choose("Mark as skipped")
    there.dialog.get_by_role("button", name="Mark").click()
    expect(small.cells("skipped")).to_have_count(1)
    small.root.get_by_role("button", name="Undo").click()
    small.expect_told("Something has changed since")
    expect(small.cells("skipped")).to_have_count(1)


def test_a_run_is_marked_cleared_and_deleted_from_its_row(small: Dag, page: Page) -> None:
    small.open_tab("Runs")
    small.rows.first.click(button="right")
    small.choose("Mark as failed")
    expect(small.dialog).to_contain_text("This ends the run; all its task instances stay")
    small.dialog.get_by_role("button", name="Mark").click()
    expect(small.rows.first).to_contain_text("failed")
    small.rows.first.get_by_role("button", name="More").click()
    small.choose("Clear")
    expect(small.dialog).to_contain_text("This touches 2 task instances of 1 run:")
    small.dialog.get_by_role("button", name="Clear").click()
    small.expect_told("Cleared 2 task instances of 1 run.")
    expect(small.rows.first).to_contain_text("success")
    picture(page, "runs")
    small.rows.first.click(button="right")
    small.choose("Delete")
    expect(small.dialog).to_contain_text("deletes the run with its 2 task instances")
    small.dialog.get_by_role("button", name="Delete").click()
    expect(small.rows).to_have_count(0)
    small.expect_told("Deleted the run of")


def test_params_have_fields_and_the_server_checks_them(
    product: Product, lab: Lab, page: Page
) -> None:
    product.add_dag("typed", TYPED)
    lab.open()
    dag = lab.open_dag("typed")
    trigger = dag.root.locator(".jp-hubflow-DagHeader").get_by_role("button", name="Trigger")
    trigger.focus()
    page.keyboard.press("Enter")
    expect(dag.dialog.get_by_label("Region (required)")).to_be_focused()
    picture(page, "params")
    page.keyboard.press("Escape")
    expect(trigger).to_be_focused()
    lab.choose_theme("JupyterLab Dark")
    trigger.click()
    page.keyboard.press("Enter")
    expect(dag.dialog.get_by_role("alert")).to_have_text("A value is required.")
    page.keyboard.type("north")
    dag.dialog.get_by_label("top_n").fill("7")
    dag.dialog.get_by_label("code").fill("y")
    dag.dialog.get_by_role("button", name="Trigger").click()
    expect(dag.dialog.get_by_role("alert")).to_contain_text("does not match")
    expect(dag.dialog.get_by_label("code")).to_be_focused()
    picture(page, "params-dark")
    dag.dialog.get_by_label("code").fill("x2")
    dag.dialog.get_by_role("button", name="Trigger").click()
    expect(dag.side.get_by_role("log")).to_contain_text("north 8")
    lab.choose_theme("JupyterLab Light")


MAPPED = """\
from datetime import datetime

from hubflow import DAG
from hubflow.operators import BashOperator, PythonOperator

with DAG("stands", schedule=None, start_date=datetime(2026, 1, 1), is_paused_upon_creation=False):
    BashOperator(task_id="nowhere", bash_command="true", pool="absent")
    PythonOperator.partial(task_id="each", python_callable=lambda n: 6 / n).expand(
        op_args=[[1], [0], [3]]
    )
"""


def test_a_task_says_why_it_waits_and_a_mapped_one_which_instance_failed(
    product: Product, lab: Lab, page: Page
) -> None:
    product.add_dag("stands", MAPPED)
    lab.open()
    dag = lab.open_dag("stands")
    dag.trigger()
    expect(dag.cells("failed")).to_have_count(1)
    cell_of(dag, "nowhere").click()
    reasons = dag.side.get_by_role("list", name="What keeps it from starting")
    expect(reasons).to_contain_text("absent")
    picture(page, "waiting-for")
    cell_of(dag, "each").click()
    dag.expect_state("failed")
    expect(dag.side.get_by_role("log")).to_contain_text("ZeroDivisionError")
    picture(page, "mapped-failed")
    dag.side.get_by_label("Instance").select_option("2")
    dag.expect_state("success")
    expect(dag.side.get_by_role("log")).to_contain_text("Returned value was: 2.0")


def test_a_backfill_says_how_many_runs_it_makes_and_shows_them(
    product: Product, page: Page
) -> None:
    product.add_dag("filled", SMALL.format(dag_id="filled", schedule="@daily"))
    page.goto(f"{product.url}/services/hubflow/#/dags/filled/runs")
    dag = Dag(page)
    expect(dag.rows).to_have_count(1)
    dag.root.get_by_role("button", name="More").first.click()
    dag.choose("Backfill")
    dag.dialog.get_by_label("From").fill("2026-02-01")
    dag.dialog.get_by_label("To", exact=True).fill("2026-02-10")
    expect(dag.dialog).to_contain_text("10 runs: 10 new.")
    picture(page, "backfill-dialog")
    dag.dialog.get_by_role("button", name="Start the backfill").click()
    lines = dag.root.get_by_role("list", name="Backfills")
    expect(lines).to_contain_text("of 10 runs")
    expect(lines).to_contain_text("10 of 10 runs")
    expect(dag.rows).to_have_count(11)
    picture(page, "backfill-done")


def test_a_backfill_is_cancelled(product: Product, page: Page) -> None:
    text = SMALL.format(dag_id="stopped", schedule="@daily").replace(
        "echo {{ ds_nodash }}", "sleep 600"
    )
    product.add_dag("stopped", text.replace("is_paused", "max_active_runs=1, is_paused"))
    page.goto(f"{product.url}/services/hubflow/#/dags/stopped/runs")
    dag = Dag(page)
    expect(dag.rows.first).to_be_visible()
    dag.root.get_by_role("button", name="More").first.click()
    dag.choose("Backfill")
    dag.dialog.get_by_role("button", name="Start the backfill").click()
    dag.root.get_by_role("button", name="Cancel …").click()
    expect(dag.dialog).to_contain_text("No further ones are made")
    dag.dialog.get_by_role("button", name="Cancel the backfill").click()
    expect(dag.root.get_by_role("list", name="Backfills")).to_contain_text("cancelled")


GROUPED = """\
from datetime import datetime

from hubflow import DAG
from hubflow.operators import BashOperator, PythonOperator
from hubflow.sdk import TaskGroup

with DAG("grouped", schedule=None, start_date=datetime(2026, 1, 1), is_paused_upon_creation=False):
    with TaskGroup("load"):
        BashOperator(task_id="a", bash_command="true")
        BashOperator(task_id="b", bash_command="true")
    PythonOperator.partial(task_id="each", python_callable=print, pool="absent").expand(
        op_args=[[n] for n in range(1000)]
    )
"""


def test_a_group_is_cleared_and_one_of_many_instances_found(
    product: Product, lab: Lab, page: Page
) -> None:
    product.add_dag("grouped", GROUPED)
    lab.open()
    dag = lab.open_dag("grouped")
    dag.trigger()
    expect(dag.cells("success")).to_have_count(3)
    cell_of(dag, "load").click(button="right")
    dag.choose("Clear")
    expect(dag.dialog).to_contain_text("This touches 2 task instances of 1 run")
    page.keyboard.press("Escape")
    expect(dag.root.get_by_role("grid")).to_be_focused()
    page.keyboard.press("Shift+F10")
    dag.choose("Clear")
    dag.dialog.get_by_role("button", name="Clear").click()
    dag.expect_told("Cleared 2 task instances of 1 run.")
    expect(dag.cells("success")).to_have_count(3)
    cell_of(dag, "each").click()
    field = dag.side.get_by_role("spinbutton", name="Instance")
    expect(dag.side.get_by_role("button", name="Run now")).to_be_visible()
    assert dag.side.get_by_role("option").count() < 5
    field.fill("1000")
    expect(dag.side).to_contain_text("There is no instance with this number.")
    field.fill("999")
    field.press("Enter")
    expect(dag.side).to_contain_text("each [999]")
    picture(page, "many-instances")
    cell_of(dag, "a").click()
    dag.open_tab("Timeline")
    expect(dag.side).to_contain_text("Was over, until somebody cleared it")
    picture(page, "timeline-after-clear")
