"""Ask before something that cannot be taken back; `-y` answers beforehand."""

from __future__ import annotations

import sys

from hubflow.errors import BadRequest
from hubflow.services.dto import TouchedDto

SHOWN = 20


def confirm(question: str, *, yes: bool) -> None:
    """Return if the answer is yes; ends the command with status 1 if not.

    Raises BadRequest where nobody can answer.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise BadRequest("there is nobody to ask; say --yes to go ahead without a question")
    print(f"{question} [y/N] ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        print("nothing was changed", file=sys.stderr)
        raise SystemExit(1)


def confirm_touched(verb: str, touched: TouchedDto, *, yes: bool) -> None:
    """Say which task instances a change touches, and ask; without any, the command is over."""
    if not touched.task_instances:
        print(f"No task instances to {verb}", file=sys.stderr)
        raise SystemExit(0)
    if not yes:
        for item in touched.task_instances[:SHOWN]:
            before = item.state or "no status"
            print(f"  {item.dag_id} {item.task_id} {item.dag_run_id} ({before})", file=sys.stderr)
        if (more := touched.total_entries - SHOWN) > 0:
            print(f"  and {more} more", file=sys.stderr)
    confirm(f"{verb} {summary(touched)}?", yes=yes)


def summary(touched: TouchedDto) -> str:
    """Count what is touched: "14 task instances of 2 runs"."""
    tasks, runs = touched.total_entries, touched.dag_runs
    return (
        f"{tasks} task instance{'s' if tasks != 1 else ''} of {runs} run{'s' if runs != 1 else ''}"
    )
