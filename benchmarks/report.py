"""Rows of the result: goal, what was measured, and how far the two are apart."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

RESULTS = Path(__file__).parent / "results"
ROOT = Path(__file__).parent.parent
BEGIN, END = "<!-- bench -->", "<!-- /bench -->"
HEAD = (
    "| workload | goal | measured | measured / goal | yardstick in the same run |\n"
    "|---|---|---|---|---|"
)
BRIEF_HEAD = "| workload | goal | measured | measured / goal |\n|---|---|---|---|"


class Row(NamedTuple):
    """One line. `value` is None when it could not be measured; `note` says why.

    `yardstick` is what the same machine needed for the same, or the like, in the same run.
    """

    name: str
    goal: float
    value: float | None
    unit: str
    yardstick: str
    note: str = ""
    is_floor: bool = False
    """Whether the goal is the least that is allowed, not the most."""

    @property
    def ratio(self) -> float | None:
        """Measured / goal, or goal / measured for a floor: above 1 the goal is missed."""
        if self.value is None:
            return None
        return self.goal / max(self.value, 1e-9) if self.is_floor else self.value / self.goal

    @property
    def verdict(self) -> str:
        if self.ratio is None:
            return "not available"
        return "ok" if self.ratio <= 1 else "missed"

    @property
    def shown_goal(self) -> str:
        return f"{'≥' if self.is_floor else '≤'} {number(self.goal)} {self.unit}"

    @property
    def shown(self) -> str:
        if self.value is None:
            return f"not available: {self.note}"
        return f"{self.shown_value} ({self.note})" if self.note else self.shown_value

    @property
    def shown_value(self) -> str:
        return "not available" if self.value is None else f"{number(self.value)} {self.unit}"

    @property
    def shown_ratio(self) -> str:
        return "" if self.ratio is None else f"{self.ratio:.2f}"

    def line(self) -> str:
        """Return the row of a Markdown table with `HEAD`."""
        return _line(self.name, self.shown_goal, self.shown, self.shown_ratio, self.yardstick)

    def brief_line(self) -> str:
        """Return the row of a Markdown table with `BRIEF_HEAD`."""
        return _line(self.name, self.shown_goal, self.shown_value, self.shown_ratio)


def _line(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def number(value: float) -> str:
    """Return a number as people read it: three digits that count."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def median(values: Sequence[float]) -> float:
    """Return the middle value."""
    return percentile(values, 50)


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the value below which ``percent`` of the values lie (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(percent / 100 * (len(ordered) - 1)))]


def interpreter_start_s() -> float:
    """Return how long the machine needs just now to start Python and do nothing: its pace."""
    seconds = []
    for _ in range(5):
        begin = time.perf_counter()
        subprocess.run([sys.executable, "-c", "pass"], check=True)
        seconds.append(time.perf_counter() - begin)
    return median(seconds)


def machine() -> str:
    """Describe the machine and how busy it is with other things."""
    load = os.getloadavg()[0]
    return (
        f"{os.cpu_count()} CPUs, Python {platform.python_version()}, {platform.machine()}, "
        f"load {load:.1f}, starting Python takes {1000 * interpreter_start_s():.0f} ms"
    )


def keep(rows: Sequence[Row], machines: Sequence[str]) -> Path:
    """Write the result as JSON and as a table; return the path of the table."""
    RESULTS.mkdir(exist_ok=True)
    file = RESULTS / f"{datetime.now(UTC):%Y%m%dT%H%M%S}.json"
    found = [{**row._asdict(), "ratio": row.ratio, "verdict": row.verdict} for row in rows]
    file.write_text(json.dumps({"machine": machines, "rows": found}, indent=2) + "\n")
    table = file.with_suffix(".md")
    lines = [*(f"- {one}" for one in machines), "", HEAD, *(row.line() for row in rows)]
    table.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return table


def publish(rows: Sequence[Row]) -> None:
    """Write the rows into the tables of the documentation; rows that were not measured stay."""
    _publish(ROOT / "docs/explanation/performance.md", HEAD, {r.name: r.line() for r in rows})
    _publish(ROOT / "README.md", BRIEF_HEAD, {r.name: r.brief_line() for r in rows})


def _publish(page: Path, head: str, measured: Mapping[str, str]) -> None:
    text = page.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    table, _, after = rest.partition(END)
    lines = {_first_cell(line): line for line in table.splitlines() if line.startswith("| P")}
    lines |= measured
    body = "\n".join([head, *(lines[name] for name in sorted(lines, key=_goal_number))])
    page.write_text(f"{before}{BEGIN}\n{body}\n{END}{after}", encoding="utf-8")


def _first_cell(line: str) -> str:
    return line.split("|")[1].strip()


def _goal_number(name: str) -> str:
    """P1 to P8, in this order; what belongs to the same stays as it was."""
    return name[:2]
