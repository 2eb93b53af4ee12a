"""P6 in a browser: a wide grid and a huge graph, in headless Chromium that draws in software."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks import million
from benchmarks.lists import Server, serving
from benchmarks.report import Row, median
from benchmarks.stage import home
from browser.conftest import ARGS, CHROMIUM_NAMES

PAINT_GOAL_S, FRAMES_GOAL = 1.0, 30
ROUNDS = 3
DRAG_STEPS = 90
# Frames that were drawn while the mouse went on, and for how long it did.
COUNT = """() => { window.frames_drawn = 0;
  const tick = () => { window.frames_drawn += 1; requestAnimationFrame(tick); };
  requestAnimationFrame(tick); }"""
EMPTY_PAGE = "data:text/html,<canvas></canvas>"


def measure() -> Iterator[Row]:
    """Yield the rows of P6 that need a browser; none of them without a Chromium."""
    path = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    if path is None:
        yield Row("P6 in a browser", PAINT_GOAL_S, None, "s", "", "there is no Chromium here")
        return
    with home() as stage:
        million.build(stage, runs_of_busy=False)
        with serving(stage) as server, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=path, args=ARGS)
            yield from _rows(browser, server)
            browser.close()


def _rows(browser: Browser, server: Server) -> Iterator[Row]:
    grid = f"grid of {million.WIDE_TASKS:,} tasks × {million.RUNS} runs"
    graph = f"graph of {million.HUGE_TASKS:,} tasks"
    quiet = _paints(browser, server, "quiet_000/grid", ".jp-hubflow-DagPanel")
    yardstick = f"the page of a DAG with 2 tasks: {quiet:.2f} s"
    for name, place, shown in (
        (grid, f"{million.WIDE}/grid", ".jp-hubflow-GridCell"),
        (graph, f"{million.HUGE}/graph", ".jp-hubflow-TaskNode"),
    ):
        seconds = _paints(browser, server, place, shown)
        yield Row(
            f"P6 {name}: opened → first paint",
            PAINT_GOAL_S,
            seconds,
            "s",
            yardstick,
            "page loaded before",
        )
    with _page(browser, server) as page:
        _open(page, f"{million.HUGE}/graph", ".jp-hubflow-TaskNode")
        frames = _drag(page, ".react-flow__pane")
        page.goto(EMPTY_PAGE)
        most = _drag(page, "canvas")
    yield Row(
        f"P6 {graph}: frames while panning",
        FRAMES_GOAL,
        frames,
        "frames/s",
        f"an empty page: {most:.0f} frames/s",
        is_floor=True,
    )


@contextmanager
def _page(browser: Browser, server: Server) -> Iterator[Page]:
    with browser.new_context(viewport={"width": 1440, "height": 900}) as context:
        page = context.new_page()
        page.goto(f"http://127.0.0.1:{server.port}/hubflow/")
        page.get_by_role("listitem").first.wait_for()
        yield page


def _paints(browser: Browser, server: Server, place: str, shown: str) -> float:
    """Return how long a view takes from being asked for to its first paint."""
    seconds = []
    for _ in range(ROUNDS):
        with _page(browser, server) as page:
            begin = time.monotonic()
            _open(page, place, shown)
            seconds.append(time.monotonic() - begin)
    return median(seconds)


def _open(page: Page, place: str, shown: str) -> None:
    page.evaluate("place => { location.hash = `#/dags/${place}`; }", place)
    page.locator(shown).first.wait_for()
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => setTimeout(done)))")


def _drag(page: Page, what: str) -> float:
    """Drag with the mouse; return how many frames a second were drawn meanwhile."""
    box = page.locator(what).first.bounding_box() or {"x": 0, "y": 0, "width": 300, "height": 300}
    x, y = box["x"] + 0.8 * box["width"], box["y"] + 0.8 * box["height"]
    page.mouse.move(x, y)
    page.mouse.down()
    page.evaluate(COUNT)
    begin = time.monotonic()
    for step in range(DRAG_STEPS):
        page.mouse.move(x - 6 * step, y - 2 * step)
    frames = page.evaluate("() => window.frames_drawn") / (time.monotonic() - begin)
    page.mouse.up()
    return float(frames)
