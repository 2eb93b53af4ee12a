"""What a person does on the pages, in their words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Locator, Page, Response, expect


class Dag:
    """The page of one DAG, in JupyterLab or on the Hub."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.root = page.locator(".jp-hubflow-DagPanel:visible")

    def open_tab(self, name: str) -> None:
        self.root.get_by_role("tab", name=name, exact=True).click()

    def trigger(self, conf: str = "") -> None:
        self.root.get_by_role("button", name="Trigger").first.click()
        dialog = self.page.get_by_role("dialog")
        if (as_json := dialog.get_by_role("radio", name="JSON")).is_visible():
            as_json.check()
        dialog.get_by_role("textbox", name="Configuration").fill(conf)
        dialog.get_by_role("button", name="Trigger").click()
        expect(dialog).to_be_hidden()

    def cells(self, state: str) -> Locator:
        return self.root.locator(f".jp-hubflow-GridCell[data-state={state}]")

    def choose(self, name: str) -> None:
        """Choose from the menu that is open."""
        self.page.get_by_role("menuitem", name=name).click()

    @property
    def dialog(self) -> Locator:
        return self.page.get_by_role("dialog")

    @property
    def rows(self) -> Locator:
        """The rows of the tab with the runs."""
        return self.root.locator(".jp-hubflow-RunRow")

    def expect_told(self, text: str) -> None:
        """Wait until the page says above its tabs what was done."""
        expect(self.root.locator(".jp-hubflow-Notice").filter(has_text=text)).to_be_visible()

    @property
    def side(self) -> Locator:
        return self.root.locator(".jp-hubflow-SidePanel")

    def expect_state(self, state: str) -> None:
        """Wait for the state of what is open at the side."""
        badge = self.side.locator(".jp-hubflow-SidePanel-state .jp-hubflow-StateBadge")
        expect(badge).to_have_text(state)

    def executed_notebook(self) -> Locator:
        self.open_tab("Notebook")
        return self.root.frame_locator("iframe[title='Executed notebook']").locator("body")


class Lab:
    """JupyterLab of one person."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url

    def open(self, path: str = "") -> None:
        """Open JupyterLab, at a file if one is given, without what was open before."""
        place = f"/tree/{path}" if path else ""
        self.page.goto(f"{self.url}/lab{place}?reset")
        self.page.locator("#jp-main-dock-panel").wait_for()
        # JupyterLab writes the address anew when everything before is forgotten.
        expect(self.page).not_to_have_url(re.compile("reset"))

    @contextmanager
    def saving_layout(self, *parts: str) -> Iterator[None]:
        """Do something, then wait until JupyterLab has saved a layout with these parts.

        It does so by itself when nothing has moved for a while.
        """

        def is_saved(answer: Response) -> bool:
            request = answer.request
            is_layout = request.method == "PUT" and "/lab/api/workspaces/" in request.url
            return is_layout and all(part in (request.post_data or "") for part in parts)

        with self.page.expect_response(is_saved):
            yield

    def choose_theme(self, name: str) -> None:
        """Choose a theme as from the menu of settings."""
        self.page.get_by_role("menuitem", name="Settings").click()
        for label in ("Theme", name):
            self.page.locator(".lm-Menu").get_by_text(label, exact=True).click()
        expect(self.page.locator("body")).to_have_attribute("data-jp-theme-name", name)

    def run_from_palette(self, label: str) -> None:
        """Find a command in the command palette and run it."""
        self.page.keyboard.press("Control+Shift+C")
        palette = self.page.locator(".jp-ModalCommandPalette")
        palette.locator("input").fill(label)
        expect(palette.locator(".lm-CommandPalette-item.lm-mod-active")).to_contain_text(label)
        self.page.keyboard.press("Enter")

    def open_workflows(self) -> Locator:
        self.page.locator(".jp-SideBar [data-id=hubflow-dags]").click()
        sidebar = self.page.locator(".jp-hubflow-DagList")
        expect(sidebar.get_by_role("listitem").first).to_be_visible()
        return sidebar

    def open_dag(self, dag_id: str) -> Dag:
        sidebar = self.open_workflows()
        item = sidebar.get_by_role("listitem").get_by_text(dag_id, exact=True)
        if item.is_visible():
            item.click()
        else:  # Of a long list only what is in sight is in the page.
            search = sidebar.get_by_role("searchbox")
            search.fill(dag_id)
            item.click()
            search.fill("")
            search.blur()
        dag = self.dag()
        expect(dag.root.get_by_role("heading", name=dag_id)).to_be_visible()
        return dag

    def dag(self) -> Dag:
        """The page of the DAG that is in front."""
        return Dag(self.page)

    def schedule_open_notebook(self) -> Locator:
        """Press *Schedule* in the toolbar of a notebook that runs as its file does."""
        self.press_schedule()
        return self.schedule_dialog()

    def press_schedule(self) -> Locator:
        self.page.locator("[data-jp-item-name=hubflow-schedule]:visible button").or_(
            self.page.locator("[data-jp-item-name=hubflow-schedule]:visible jp-button")
        ).first.click()
        return self.page.get_by_role("dialog").filter(has_text="Schedule ")

    def schedule_dialog(self) -> Locator:
        """The dialog that schedules a notebook, once it has read it."""
        dialog = self.page.get_by_role("dialog").filter(has_text="Schedule ")
        expect(dialog.get_by_text("kernel ").first).to_be_visible()
        return dialog
