"""DAGs in JupyterLab: live, and unimpressed by what breaks."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from browser.conftest import picture
from browser.pages import Lab
from browser.product import Product

SLOW = """\
from datetime import datetime

from hubflow import DAG
from hubflow.operators import BashOperator

with DAG(
    {dag_id!r},
    schedule=None,
    start_date=datetime(2026, 1, 1),
    is_paused_upon_creation=False,
):
    command = "echo line {{{{ ds }}}}; sleep 2"
    steps = [BashOperator(task_id=f"step_{{n}}", bash_command=command) for n in range(4)]
    for one, next_one in zip(steps, steps[1:]):
        one >> next_one
"""


def test_triggered_dag_fills_the_grid_without_reload(lab: Lab, page: Page) -> None:
    lab.open()
    dag = lab.open_dag("sales_daily")
    expect(dag.cells("success").first).to_be_visible()
    tasks = dag.root.locator(".jp-hubflow-GridLine").count()
    before = dag.cells("success").count()
    page.evaluate("window.untouched = true")
    dag.trigger('{"month": "2026-11"}')
    expect(dag.cells("success")).to_have_count(before + tasks)
    expect(dag.side).to_contain_text('"month": "2026-11"')
    picture(page, "grid-filled")
    dag.open_tab("Graph")
    expect(dag.root.locator(".jp-hubflow-TaskNode[data-state=success]")).to_have_count(tasks)
    picture(page, "graph")
    dag.open_tab("Code")
    expect(dag.root.locator(".cm-content")).to_contain_text("sales_daily")
    picture(page, "code")
    assert page.evaluate("window.untouched") is True


LATE = """\
from datetime import datetime, timedelta

from hubflow import DAG
from hubflow.operators import BashOperator

# The interval of its one run ended at midnight, so the deadline is over when it starts.
with DAG("tardy", schedule="@daily", start_date=datetime(2026, 1, 1), catchup=False,
         is_paused_upon_creation=False):
    BashOperator(task_id="sums", bash_command="true", sla=timedelta(seconds=1))
"""


def test_what_was_late_is_dismissed_and_stays_away(product: Product, lab: Lab, page: Page) -> None:
    lab.open()
    sidebar = lab.open_workflows()
    product.add_dag("tardy", LATE)
    sidebar.get_by_role("button", name="attention").click()
    late = sidebar.get_by_role("button", name="Dismiss: tardy, sums not done by")
    late.click()
    expect(late).to_be_hidden()
    with page.expect_response("**/views/attention*") as answer:
        lab.open()
        lab.open_workflows()
    assert "late_task" not in {item["kind"] for item in answer.value.json()["items"]}


HOPELESS = """\
from datetime import datetime

from hubflow import DAG
from hubflow.operators import BashOperator

with DAG("hopeless", schedule="@daily", start_date=datetime(2026, 1, 1), max_active_runs=1,
         max_consecutive_failed_dag_runs=2, is_paused_upon_creation=False):
    BashOperator(task_id="sums", bash_command="exit 3")
"""


def test_a_dag_that_keeps_failing_is_seen_to_be_off_and_why(
    product: Product, lab: Lab, page: Page
) -> None:
    lab.open()
    sidebar = lab.open_workflows()
    product.add_dag("hopeless", HOPELESS)
    sidebar.get_by_role("button", name="Show paused").click()
    expect(sidebar.get_by_role("switch", name="Switch hopeless on")).to_be_visible()
    sidebar.get_by_role("button", name="attention").click()
    reason = "switched off after 2 failed runs; task sums failed"
    expect(sidebar.get_by_text(reason)).to_be_visible()
    picture(page, "switched-off")


def test_wrong_configuration_is_told_before_it_is_sent(lab: Lab, page: Page) -> None:
    lab.open()
    dag = lab.open_dag("sales_daily")
    dag.root.get_by_role("button", name="Trigger").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("radio", name="JSON").check()
    dialog.get_by_role("textbox", name="Configuration").fill("[1, 2]")
    expect(dialog.get_by_role("alert")).to_contain_text("must be a JSON object")
    expect(dialog.get_by_role("button", name="Trigger")).to_have_attribute("aria-disabled", "true")


def test_run_ends_although_the_scheduler_was_killed(product: Product, lab: Lab, page: Page) -> None:
    lab.open()
    sidebar = lab.open_workflows()
    product.add_dag("killed", SLOW.format(dag_id="killed"))
    sidebar.get_by_role("listitem").get_by_text("killed", exact=True).click()
    dag = lab.dag()
    dag.trigger()
    expect(dag.cells("running")).to_have_count(1)
    product.kill_scheduler()
    expect(dag.cells("success")).to_have_count(4)
    dag.expect_state("success")
    picture(page, "scheduler-killed")


def test_log_of_a_running_task_is_live(product: Product, lab: Lab, page: Page) -> None:
    product.add_dag("logged", SLOW.format(dag_id="logged"))
    lab.open()
    dag = lab.open_dag("logged")
    dag.trigger()
    dag.cells("running").first.click()
    expect(dag.side.get_by_role("log")).to_contain_text("line 20")
    dag.expect_state("success")
    expect(dag.side.get_by_role("log")).to_contain_text("return code 0")


def test_page_catches_up_after_the_network_was_away(product: Product, lab: Lab, page: Page) -> None:
    lab.open()
    dag = lab.open_dag("hello_bash")
    columns = dag.root.get_by_role("columnheader")
    expect(columns.first).to_be_visible()
    before = columns.count()
    page.context.set_offline(True)
    expect(dag.root).to_contain_text("Offline")
    picture(page, "offline")
    product.trigger("hello_bash")
    page.context.set_offline(False)
    expect(columns).to_have_count(before + 1)
    expect(dag.root).not_to_contain_text("Offline")


def test_paused_dag_is_switched_off_and_on(lab: Lab, page: Page) -> None:
    lab.open()
    sidebar = lab.open_workflows()
    switch = sidebar.get_by_role("switch", name="Switch retry_and_recover off")
    switch.click()
    expect(sidebar.get_by_role("switch", name="Switch retry_and_recover on")).to_be_visible()
    sidebar.get_by_role("switch", name="Switch retry_and_recover on").click()
    expect(switch).to_be_visible()


def test_open_page_is_restored_after_a_reload(lab: Lab, page: Page) -> None:
    lab.open()
    with lab.saving_layout('"current":"hubflow-dags:sales_daily"', '"tab":"graph"'):
        dag = lab.open_dag("sales_daily")
        dag.open_tab("Graph")
    page.goto(f"{lab.url}/lab")
    expect(dag.root.get_by_role("tab", name="Graph")).to_have_attribute("aria-selected", "true")


MENDED = """\
from datetime import datetime

from hubflow import DAG
from hubflow.operators import BashOperator

with DAG("mended", schedule=None, start_date=datetime(2026, 1, 1), is_paused_upon_creation=False):
    load = BashOperator(task_id="load", bash_command="test -e {flag}")
    load >> BashOperator(task_id="report", bash_command="true")
"""


def test_a_failed_task_is_cleared_and_runs_again(product: Product, lab: Lab, page: Page) -> None:
    flag = product.home / "mended.flag"
    product.add_dag("mended", MENDED.format(flag=flag))
    lab.open()
    dag = lab.open_dag("mended")
    dag.trigger()
    dag.cells("failed").first.click()
    flag.touch()
    dag.side.get_by_role("button", name="Clear and run again").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("This touches 2 task instances of 1 run:")
    picture(page, "clear-dialog")
    dialog.get_by_role("button", name="Clear", exact=True).click()
    dag.expect_told("Cleared 2 task instances of 1 run.")
    expect(dialog).to_be_hidden()
    expect(dag.cells("success")).to_have_count(2)
    dag.expect_state("success")
