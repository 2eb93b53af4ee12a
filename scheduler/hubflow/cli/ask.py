"""Ask before something that cannot be taken back; `-y` answers beforehand."""

from __future__ import annotations

import sys

from traitlets import Bool

from hubflow.cli.base import HubflowApp
from hubflow.errors import BadRequest
from hubflow.services.dto import TaskInstanceReferenceDto, TouchedDto

SHOWN = 20
CLEARED = "cleared"


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


CHANGE_FLAGS = {
    name: ({"ChangeApp": {trait: True}}, text)
    for names, trait, text in (
        (("n", "dry-run"), "dry_run", "Only say what would be touched."),
        (("y", "yes"), "yes", "Do not ask."),
    )
    for name in names
}


class ChangeApp(HubflowApp):
    """Base of commands that change task instances: they say first which, and ask."""

    dry_run = Bool(False, help="Only say what would be touched.").tag(config=True)
    yes = Bool(False, help="Do not ask.").tag(config=True)

    def confirm_touched(self, verb: str, touched: TouchedDto, run: str = "") -> None:
        """Say which task instances a change touches, and ask; a dry run ends the command with that.

        Without any the command is over, too, unless the change is one of ``run`` itself.
        """
        if not touched.task_instances and not run:
            print(f"No task instances to {verb}", file=sys.stderr)
            raise SystemExit(0)
        what = f"{run} with {summary(touched)}" if run else summary(touched)
        again = sum(item.change == CLEARED for item in touched.task_instances)
        if not verb.startswith("clear") and again:
            what += f", of which {again} run{'s' if again == 1 else ''} again"
        if self.dry_run:
            print(f"would {verb} {what}")
            print("\n".join(map(_line, touched.task_instances)))
            raise SystemExit(0)
        if not self.yes:
            for item in touched.task_instances[:SHOWN]:
                print(_line(item), file=sys.stderr)
            if (more := touched.total_entries - SHOWN) > 0:
                print(f"  and {more} more", file=sys.stderr)
        confirm(f"{verb} {what}?", yes=self.yes)


def _line(item: TaskInstanceReferenceDto) -> str:
    instance = f" [{item.map_index}]" if item.map_index >= 0 else ""
    before = item.state or "no status"
    after = " runs again" if item.change == CLEARED else ""
    return f"  {item.dag_id} {item.task_id}{instance} {item.dag_run_id} ({before}){after}"


def summary(touched: TouchedDto) -> str:
    """Count what is touched: "14 task instances of 2 runs"."""
    tasks, runs = touched.total_entries, touched.dag_runs
    return (
        f"{tasks} task instance{'s' if tasks != 1 else ''} of {runs} run{'s' if runs != 1 else ''}"
    )
