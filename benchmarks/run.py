"""`make bench`: measure everything (or the parts named), print a table, write JSON."""

from __future__ import annotations

import json
import os
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks import chains, latency, notebooks
from benchmarks.stage import Row

PARTS = {"chains": chains.measure, "latency": latency.measure, "notebooks": notebooks.measure}
RESULTS = Path(__file__).parent / "results"


def main(names: list[str]) -> int:
    """Run the parts; exit status 1 when a goal is missed."""
    rows: list[Row] = []
    print(f"{os.cpu_count()} CPUs, Python {platform.python_version()}, {platform.machine()}\n")
    for name in names or PARTS:
        for row in PARTS[name]():
            rows.append(row)
            mark = "ok  " if row.ok else "MISS"
            print(f"{mark} {row.name}\n     goal {row.goal} | measured {row.measured}")
            print(f"     {row.yardstick}", flush=True)
    RESULTS.mkdir(exist_ok=True)
    file = RESULTS / f"{datetime.now(UTC):%Y%m%dT%H%M%S}.json"
    file.write_text(json.dumps([row._asdict() for row in rows], indent=2) + "\n")
    return 0 if all(row.ok for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
