"""A real Hub, a real browser, and pictures of what it showed."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, StorageState, expect, sync_playwright

from browser.pages import Lab
from browser.product import ADMIN, LIMIT_S, Product

ARTIFACTS = Path(__file__).parents[1] / "artifacts"
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
expect.set_options(timeout=LIMIT_S * 1000)


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    product = Product(tmp_path_factory.mktemp("browser") / "home")
    yield product
    product.close()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    if path is None:
        reason = "these tests need a Chromium, such as Debian's package chromium"
        if os.environ.get("HUBFLOW_REQUIRE_SERVERS"):
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def logged_in(product: Product, chromium: Browser) -> StorageState:
    """The cookies of the admin, whose server runs."""
    context = chromium.new_context()
    page = context.new_page()
    page.goto(f"{product.url}/hub/login?next=/hub/user-redirect/lab")
    page.fill("#username_input", ADMIN)
    page.fill("#password_input", product.password)
    page.click("[type=submit]")
    page.wait_for_url(re.compile(r"/user/admin/lab"), timeout=2 * LIMIT_S * 1000)
    page.locator("#jp-main-dock-panel").wait_for(timeout=LIMIT_S * 1000)
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture
def page(
    request: pytest.FixtureRequest, chromium: Browser, logged_in: StorageState
) -> Iterator[Page]:
    """A fresh page of the logged-in admin; a picture of it is kept when the test fails."""
    context = chromium.new_context(
        storage_state=logged_in,
        viewport={"width": 1440, "height": 900},
        timezone_id="Europe/Berlin",
        locale="en-GB",
    )
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(error.message))
    yield page
    if getattr(request.node, "has_failed", False):
        picture(page, f"failed-{request.node.name}")
    context.close()
    # JupyterLab's own polls fail aloud while the network is away.
    assert [error for error in errors if error != "Failed to fetch"] == []


@pytest.fixture
def lab(product: Product, page: Page) -> Lab:
    return Lab(page, f"{product.url}/user/{ADMIN}")


def picture(page: Page, name: str) -> None:
    """Keep what the page shows now as a test artifact."""
    ARTIFACTS.mkdir(exist_ok=True)
    page.screenshot(path=ARTIFACTS / f"{name}.png")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, Any]:
    report = yield
    if report.when == "call" and report.failed:
        item.has_failed = True  # type: ignore[attr-defined]
    return report
