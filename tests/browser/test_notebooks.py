"""A notebook on a schedule: from its toolbar to its result."""

from __future__ import annotations

import nbformat
from playwright.sync_api import Page, expect

from browser.conftest import picture
from browser.pages import Dag, Lab
from browser.product import Product

EXAMPLE = "common_workspace/examples/hello_parameters.ipynb"


def write_notebook(product: Product, name: str, *cells: str) -> str:
    """Write a notebook into the common workspace and return its path in the files of a user."""
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source) for source in cells],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3 (ipykernel)"}},
    )
    nbformat.write(notebook, product.home / "common_workspace" / name)
    return f"common_workspace/{name}"


def test_example_notebook_runs_with_a_changed_parameter(lab: Lab, page: Page) -> None:
    lab.open(EXAMPLE)
    dialog = lab.schedule_open_notebook()
    expect(dialog.get_by_text("Every weekday at 06:00")).to_be_visible()
    expect(dialog.get_by_role("list", name="Next times").get_by_role("listitem")).to_have_count(5)
    assert dialog.get_by_label("Time zone").input_value() == "Europe/Berlin"
    dialog.get_by_label("name", exact=True).fill("hubflow")
    picture(page, "schedule-notebook")
    dialog.get_by_label("Run now").check()
    dialog.get_by_role("button", name="Run", exact=True).click()

    dag = Dag(page)
    dag.expect_state("success")
    picture(page, "notebook-succeeded")
    result = dag.executed_notebook()
    expect(result).to_contain_text("1: hello, hubflow")
    picture(page, "notebook-result")
    ground = "element => getComputedStyle(element).backgroundColor"
    assert result.evaluate(ground) == "rgb(255, 255, 255)"
    lab.choose_theme("JupyterLab Dark")
    expect(result).to_have_css("background-color", "rgb(17, 17, 17)")
    picture(page, "notebook-result-dark")


def test_only_a_notebook_that_was_edited_has_to_be_saved_first(lab: Lab, page: Page) -> None:
    lab.open(EXAMPLE)
    # JupyterLab marks it as changed once the kernel has told its version.
    expect(page.locator(".lm-TabBar-tab.jp-mod-dirty")).to_be_visible()
    lab.schedule_open_notebook()
    page.keyboard.press("Escape")
    cell = page.locator(".jp-CodeCell .cm-content").first
    cell.click()
    cell.press_sequentially("# ")
    dialog = lab.press_schedule()
    expect(dialog.get_by_role("button", name="Save and continue")).to_be_visible()


def test_schedule_of_a_notebook_shows_when_it_runs_next(lab: Lab, page: Page) -> None:
    lab.open(EXAMPLE)
    dialog = lab.schedule_open_notebook()
    dialog.get_by_label("How often").select_option("custom")
    cron = dialog.get_by_role("textbox", name="Cron expression")
    cron.fill("61 * * * *")
    expect(dialog.get_by_role("alert")).to_be_visible()
    expect(dialog.get_by_role("button", name="Schedule")).to_have_attribute("aria-disabled", "true")
    cron.fill("30 7 * * 1")
    expect(dialog.get_by_role("alert")).to_be_hidden()
    dialog.get_by_role("button", name="Schedule").click()

    header = Dag(page).root.locator(".jp-hubflow-DagHeader")
    expect(header).to_contain_text("07:30 (Europe/Berlin)")
    expect(header).to_contain_text("next in")


def test_failing_notebook_shows_its_failing_cell(product: Product, lab: Lab, page: Page) -> None:
    path = write_notebook(product, "failing.ipynb", "x = 1", "raise KeyError('price')", "x = 2")
    lab.open(path)
    dialog = lab.schedule_open_notebook()
    dialog.get_by_label("Run now").check()
    dialog.get_by_role("button", name="Run", exact=True).click()

    dag = Dag(page)
    dag.expect_state("failed")
    expect(dag.side).to_contain_text("Cell 2 of 3 failed. KeyError: 'price'")
    picture(page, "notebook-failed")
    expect(dag.executed_notebook()).to_contain_text("KeyError")
    dag.side.get_by_role("button", name="Open in JupyterLab").click()
    failed_cell = page.locator(".jp-Notebook:visible .jp-Cell.jp-mod-active")
    expect(failed_cell).to_contain_text("raise KeyError")
    picture(page, "notebook-failed-opened")


def test_notebook_outside_of_the_workspace_is_copied_into_it(
    product: Product, lab: Lab, page: Page
) -> None:
    path = write_notebook(product, "moved_out.ipynb", "print('from outside')")
    outside = product.home / "hub" / "users" / "admin" / "mine.ipynb"
    (product.home / path).rename(outside)
    lab.open("mine.ipynb")
    page.locator("[data-jp-item-name=hubflow-schedule]:visible").first.click()
    dialog = page.get_by_role("dialog").filter(has_text="Schedule mine.ipynb")
    copy = dialog.get_by_role("button", name="Copy into common_workspace and continue")
    save = dialog.get_by_role("button", name="Save and continue")
    expect(save.or_(copy)).to_be_visible()
    if save.is_visible():
        save.click()
    picture(page, "notebook-outside")
    copy.click()
    expect(dialog.get_by_text("kernel ").first).to_be_visible()
    assert (product.home / "common_workspace" / "mine.ipynb").exists()


def test_notebook_is_scheduled_from_the_file_browser(
    product: Product, lab: Lab, page: Page
) -> None:
    write_notebook(product, "listed.ipynb", "print('listed')")
    lab.open()
    page.get_by_role("listitem", name="common_workspace").dblclick()
    page.get_by_role("listitem", name="listed.ipynb").click(button="right")
    page.get_by_role("menuitem", name="Schedule Notebook").click()
    dialog = page.get_by_role("dialog", name="Schedule listed.ipynb")
    expect(dialog.get_by_text("kernel ").first).to_be_visible()
    expect(dialog).to_contain_text("Tag a cell")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def test_open_notebook_is_scheduled_from_the_command_palette(lab: Lab, page: Page) -> None:
    lab.open(EXAMPLE)
    expect(page.get_by_text("Python 3 (ipykernel) | Idle")).to_be_visible()
    lab.run_from_palette("Schedule Notebook")
    dialog = lab.schedule_dialog()
    expect(dialog.get_by_role("heading")).to_have_text("Schedule examples/hello_parameters.ipynb")
    expect(dialog.get_by_role("button", name="Schedule")).to_be_visible()
