"""`make bench`: measure everything (or the parts named), print a table, write JSON."""

from __future__ import annotations

import argparse
import importlib
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from benchmarks.report import HEAD, Row, keep, machine, publish  # noqa: E402  (found by the line above)

PARTS = ("chains", "latency", "notebooks", "files", "lists", "views", "idle", "rates")
OPT_IN = ("peers",)


def main(arguments: list[str]) -> int:
    """Run the parts; exit status 1 when a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, *OPT_IN, []], metavar="PART")
    parser.add_argument(
        "--long", action="store_true", help="minutes instead of seconds where time is the point"
    )
    parser.add_argument(
        "--publish", action="store_true", help="write the rows into README.md and the docs"
    )
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what runs is ended, too
    wanted = parser.parse_args(arguments)
    rows: list[Row] = []
    before, begin = machine(), time.monotonic()
    print(f"{before}\n\n{HEAD}", flush=True)
    for name in wanted.parts or PARTS:
        for row in _measure(name, long=wanted.long):
            rows.append(row)
            print(row.line(), flush=True)
    after = machine()
    print(f"\n{after}; {time.monotonic() - begin:.0f} s altogether")
    print(keep(rows, [f"before: {before}", f"after: {after}"]).relative_to(ROOT))
    if wanted.publish:
        publish(rows)
    missed = [row.name for row in rows if row.verdict == "missed"]
    print(*(f"missed: {name}" for name in missed), sep="\n")
    return 1 if missed else 0


def _measure(name: str, *, long: bool) -> Iterator[Row]:
    part = importlib.import_module(f"benchmarks.{name}")
    if long and hasattr(part, "measure_long"):
        return part.measure_long()
    return part.measure()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
