"""A real Hub, a real browser, and pictures of what it showed."""

from __future__ import annotations

import re
import secrets
import shutil
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, StorageState, expect, sync_playwright

from browser.pages import Lab
from browser.product import ADMIN, LIMIT_S, Product
from required import is_missing

ARTIFACTS = Path(__file__).parents[1] / "artifacts"
READER = "reader"
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
        is_missing("these tests need a Chromium, such as Debian's package chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def logged_in(product: Product, chromium: Browser) -> StorageState:
    """The cookies of the admin, whose server runs."""
    return log_in(product, chromium, ADMIN, product.password)


@pytest.fixture(scope="session")
def reader_logged_in(product: Product, chromium: Browser, logged_in: StorageState) -> StorageState:
    """The cookies of somebody who signed up, was let in, and is in no group."""
    password = secrets.token_urlsafe(12)
    with chromium.new_context() as context:
        page = context.new_page()
        page.goto(f"{product.url}/hub/signup")
        page.fill("#username_input", READER)
        page.fill("#password_input", password)
        page.fill("#password_confirmation_input", password)
        page.click("#signup_submit")
        expect(page.locator(".alert")).to_contain_text("been sent")
    with chromium.new_context(storage_state=logged_in) as context:
        page = context.new_page()
        page.goto(f"{product.url}/hub/authorize")
        page.locator(f"tr#{READER}").get_by_role("button", name="Authorize").click()
        expect(page.locator(f"tr#{READER}")).to_contain_text("Yes")
    return log_in(product, chromium, READER, password)


def log_in(product: Product, chromium: Browser, name: str, password: str) -> StorageState:
    """Log in through the Hub's page and wait for JupyterLab."""
    with chromium.new_context() as context:
        page = context.new_page()
        page.goto(f"{product.url}/hub/login?next=/hub/user-redirect/lab")
        page.fill("#username_input", name)
        page.fill("#password_input", password)
        page.click("[type=submit]")
        page.wait_for_url(re.compile(f"/user/{name}/lab"), timeout=2 * LIMIT_S * 1000)
        page.locator("#jp-main-dock-panel").wait_for(timeout=LIMIT_S * 1000)
        return context.storage_state()


@pytest.fixture
def page(
    request: pytest.FixtureRequest, chromium: Browser, logged_in: StorageState
) -> Iterator[Page]:
    """A fresh page of the logged-in admin; a picture of it is kept when the test fails."""
    with fresh_page(request, chromium, logged_in) as page:
        yield page


@pytest.fixture
def reader_page(
    request: pytest.FixtureRequest, chromium: Browser, reader_logged_in: StorageState
) -> Iterator[Page]:
    """A fresh page of somebody who may look and nothing else."""
    with fresh_page(request, chromium, reader_logged_in) as page:
        yield page


@contextmanager
def fresh_page(
    request: pytest.FixtureRequest, chromium: Browser, state: StorageState
) -> Iterator[Page]:
    """A page of its own; a picture of it is kept when the test fails."""
    context = chromium.new_context(
        storage_state=state,
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
