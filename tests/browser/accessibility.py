"""axe-core, the checks of the Web Content Accessibility Guidelines that a program can make."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

AXE = Path(__file__).parents[2] / "labextension" / "node_modules" / "axe-core" / "axe.min.js"
GRAVE = ("serious", "critical")
RUN = "place => axe.run(place, {resultTypes: ['violations']}).then(found => found.violations)"


def grave_violations(page: Page, place: str) -> list[str]:
    """Say what keeps people out of the part of the page that the selector ``place`` names."""
    page.evaluate(f"{AXE.read_text(encoding='utf-8')};0")
    found: list[dict[str, Any]] = page.evaluate(RUN, place)
    return [
        f"{violation['id']}: {violation['help']}: {node['html']}"
        for violation in found
        if violation["impact"] in GRAVE
        for node in violation["nodes"]
    ]
