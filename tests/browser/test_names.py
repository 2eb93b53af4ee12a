"""Names and links that authors give DAGs, tasks and owners."""

from __future__ import annotations

from typing import Literal

from playwright.sync_api import Page, expect

from browser.accessibility import grave_violations
from browser.conftest import picture
from browser.pages import Dag, Lab
from browser.product import Product
from browser.test_accessibility import both_schemes

NAME = "Sales of all shops, Größe 5"
NAMED = f"""\
from datetime import datetime

from hubflow import DAG, TaskGroup
from hubflow.operators import BashOperator

with DAG(
    "ID",
    dag_display_name="{NAME}",
    owner_links={{"ann": "https://example.com/ann", "team": "mailto:team@example.com"}},
    schedule=None,
    start_date=datetime(2026, 1, 1),
    is_paused_upon_creation=False,
):
    load = BashOperator(
        task_id="load",
        bash_command="true",
        owner="ann",
        task_display_name="Load the files of all regions",
        resources={{"cpus": 2, "ram": 512}},
    )
    with TaskGroup("tables"):
        clean = BashOperator(
            task_id="clean", bash_command="exit 1", owner="team", task_display_name="Mend them"
        )
        plain = BashOperator(task_id="plain", bash_command="true", owner="zoe")
    each = BashOperator.partial(
        task_id="each",
        owner="zoe",
        map_index_template="{{{{ task.env.region }}}}",
        bash_command="true",
    ).expand(env=[{{"region": "north"}}, {{"region": "south"}}])
    load >> [clean, plain, each]
"""


@both_schemes
def test_pages_say_names_and_addresses_say_ids(
    product: Product, page: Page, scheme: Literal["light", "dark"]
) -> None:
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    name, title = f"named_{scheme}", f"{NAME} in {scheme}"
    product.add_dag(name, NAMED.replace("ID", name).replace(NAME, title))
    page.goto(f"{product.url}/services/hubflow/#/")
    page.get_by_role("searchbox").fill(title)
    page.get_by_role("listitem").get_by_text(title, exact=True).click()
    dag = Dag(page)
    expect(dag.root.get_by_role("heading", level=2)).to_have_text(title)
    expect(dag.root.locator("code", has_text=name)).to_be_visible()
    expect(page).to_have_title(f"{title} · Workflows")
    assert f"/dags/{name}" in page.url
    dag.trigger()
    expect(dag.cells("failed").first).to_be_visible()
    expect(dag.root.get_by_role("rowheader", name="Mend them")).to_be_visible()
    expect(dag.side.get_by_role("button", name="Mend them")).to_be_visible()
    picture(page, f"names in the grid in {scheme}")
    dag.open_tab("Graph")
    node = dag.root.locator(".jp-hubflow-TaskNode", has_text="Load the files of all regions")
    picture(page, f"names in the graph in {scheme}")
    node.click()
    dag.side.get_by_role("tab", name="Details").click()
    expect(dag.side).to_contain_text("2 CPUs · 512 MB of memory")
    assert "task=load" in page.url
    assert grave_violations(page, ".jp-hubflow-DagPanel") == []
    picture(page, f"names of a task in {scheme}")
    dag.root.locator(".jp-hubflow-TaskNode", has_text="each").click()
    instances = dag.side.get_by_role("combobox", name="Instance")
    expect(instances.get_by_role("option")).to_have_text(
        ["0 · north · success", "1 · south · success"]
    )
    instances.select_option("1")
    expect(dag.side.locator("strong", has_text="each [south]")).to_be_visible()
    picture(page, f"names of instances in {scheme}")
    dag.side.get_by_role("button", name="Close").click()
    dag.open_tab("Details")
    owners = dag.root.locator(".jp-hubflow-DagDetails dd", has_text="zoe")
    expect(owners).to_have_text("ann, team, zoe")
    links = owners.get_by_role("link")
    expect(links).to_have_text(["ann", "team"])
    expect(links.first).to_have_attribute("href", "https://example.com/ann")
    assert grave_violations(page, ".jp-hubflow-DagPanel") == []
    picture(page, f"owners in {scheme}")
    page.set_viewport_size({"width": 250, "height": 900})
    expect(owners).to_be_visible()
    picture(page, f"owners, narrow, in {scheme}")


def test_the_tab_of_a_dag_is_called_as_the_dag(product: Product, lab: Lab) -> None:
    name = "Sales in JupyterLab"
    product.add_dag("named_lab", NAMED.replace("ID", "named_lab").replace(NAME, name))
    lab.open()
    lab.open_dag(name)
    expect(lab.page.locator(".lm-TabBar-tabLabel", has_text=name)).to_be_visible()
    picture(lab.page, "names in JupyterLab")
