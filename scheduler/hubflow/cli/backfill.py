"""`hubflow backfill …`: runs for a range of dates."""

from __future__ import annotations

import sys
from typing import Any

from traitlets import Bool, Float, Int

from hubflow.cli.arguments import conf, date
from hubflow.cli.ask import confirm
from hubflow.cli.base import ALIASES, HubflowApp
from hubflow.cli.local import backend, local_actor
from hubflow.cli.options import Misused, Text
from hubflow.cli.output import OUTPUT_ALIASES, OutputApp
from hubflow.cli.wait import wait_until
from hubflow.clock import isoformat
from hubflow.errors import BadRequest
from hubflow.services import backfills
from hubflow.services.dto import BackfillDateDto, BackfillDto, CreateBackfill
from hubflow.services.unit import Backend
from hubflow.states import BACKFILL_ACTIVE, BackfillState

COLUMNS = ["id", "dag_id", "from_date", "to_date", "state", "total", "done", "failed"]
DEADLOCKED = (
    "deadlocked: a task depends on a run before that failed or does not exist; mend that one, or "
    "let the first date do without its past (-I), then --rerun-failed-tasks or --reset-dagruns"
)


class CreateApp(OutputApp):
    """Run a DAG for every date of its schedule in a range.

    `hubflow backfill create DAG_ID -s 2026-01-01 -e 2026-01-31 --wait`

    Both dates are inclusive; one alone stands for both. Runs that exist are left as they are,
    unless --rerun-failed-tasks or --reset-dagruns says otherwise. The scheduler makes the runs,
    also of a paused DAG. With --wait, shows how far it is and exits with 1 when a run failed.
    """

    description = __doc__
    arguments = ("a DAG id",)
    aliases = {
        **ALIASES,
        **OUTPUT_ALIASES,
        "s": "CreateApp.start_date",
        "start-date": "CreateApp.start_date",
        "e": "CreateApp.end_date",
        "end-date": "CreateApp.end_date",
        "t": "CreateApp.task_regex",
        "task-regex": "CreateApp.task_regex",
        "c": "CreateApp.conf",
        "conf": "CreateApp.conf",
        "pool": "CreateApp.pool",
        "max-active-runs": "CreateApp.max_active_runs",
        "delay-on-limit": "CreateApp.delay_on_limit",
        "delay_on_limit": "CreateApp.delay_on_limit",
    }
    flags = {
        name: ({"CreateApp": {trait: True}}, text)
        for names, trait, text in (
            (("wait",), "wait", "Wait for the end of the backfill."),
            (
                ("rerun-failed-tasks",),
                "rerun_failed_tasks",
                "Clear failed tasks of runs that exist.",
            ),
            (("reset-dagruns",), "reset_dagruns", "Clear runs that exist; asks first."),
            (("B", "run-backwards"), "run_backwards", "Begin with the newest date."),
            (("i", "ignore-dependencies"), "ignore_dependencies", "Not what tasks of -t need."),
            (("m", "mark-success"), "mark_success", "Run nothing, only record success."),
            (
                ("I", "ignore-first-depends-on-past"),
                "ignore_first",
                "The first date needs no past.",
            ),
            (("n", "dry-run"), "dry_run", "Only say what would be done."),
            (("v", "verbose"), "verbose", "Say of each date what is done there."),
            (("y", "yes"), "yes", "Do not ask."),
            (("l", "local"), "local", "No effect: tasks run on the workers."),
            (("x", "donot-pickle", "donot_pickle"), "donot_pickle", "No effect: none is pickled."),
        )
        for name in names
    }
    start_date = Text("", help="First execution date (ISO 8601).").tag(config=True)
    end_date = Text("", help="Last execution date (ISO 8601).").tag(config=True)
    task_regex = Text("", help="Only tasks in whose id it is found.").tag(config=True)
    conf = Text("{}", help="JSON object that tasks see as dag_run.conf.").tag(config=True)
    pool = Text("", help="Pool for all tasks, instead of their own.").tag(config=True)
    max_active_runs = Int(0, min=0, help="Runs at a time; 0 means as the DAG says.").tag(
        config=True
    )
    delay_on_limit = Float(
        1.0,
        help="No effect: when as many runs go on as may, the next one begins as soon as one ends.",
    ).tag(config=True)
    wait = Bool(False, help="Wait for the end of the backfill.").tag(config=True)
    rerun_failed_tasks = Bool(False, help="Clear failed tasks of runs that exist.").tag(config=True)
    reset_dagruns = Bool(False, help="Clear runs that exist.").tag(config=True)
    run_backwards = Bool(False, help="Begin with the newest date.").tag(config=True)
    ignore_dependencies = Bool(False, help="Not what tasks of -t need.").tag(config=True)
    mark_success = Bool(False, help="Run nothing, only record success.").tag(config=True)
    ignore_first = Bool(False, help="The first date needs no past.").tag(config=True)
    dry_run = Bool(False, help="Only say what would be done.").tag(config=True)
    verbose = Bool(False, help="Say of each date what is done there.").tag(config=True)
    yes = Bool(False, help="Do not ask.").tag(config=True)
    local = Bool(False, help="No effect: tasks run on the workers.").tag(config=True)
    donot_pickle = Bool(False, help="No effect: no DAG is pickled.").tag(config=True)

    def run(self) -> None:
        try:
            self._create()
        except BadRequest as exc:  # it speaks of the fields of the REST API
            raise type(exc)(str(exc).replace("from_date", "-s").replace("to_date", "-e")) from exc

    def _create(self) -> None:
        (dag_id,) = self.words
        services, actor = backend(self), local_actor()
        body = self._body(dag_id)
        if self.dry_run or self.reset_dagruns or self.verbose:
            planned = backfills.dry_run(services, actor, body).backfills
            if self.dry_run:
                self.emit(planned, ["logical_date", "action", "dag_run_id", "state"])
                return
            self._tell(planned)
        made = backfills.create(services, actor, body)
        if self.wait:
            made = wait_for(services, made)
        self.emit([made], COLUMNS)
        if self.wait:
            report(services, made)

    def _tell(self, planned: list[BackfillDateDto]) -> None:
        """Say what will be done, and ask before finished runs are cleared."""
        if self.verbose:
            for item in planned:
                run = f" {item.dag_run_id}" if item.dag_run_id else ""
                print(f"{isoformat(item.logical_date)}: {item.action}{run}", file=sys.stderr)
        if self.reset_dagruns:
            cleared = sum(item.action == "clear" for item in planned)
            confirm(f"clear {cleared} runs that exist?", yes=self.yes or not cleared)

    def _body(self, dag_id: str) -> CreateBackfill:
        reprocess: Any = "failed" if self.rerun_failed_tasks else "none"
        first, last = date(self.start_date), date(self.end_date)
        if first is None and last is None:
            raise Misused("-s and -e are missing; give at least one")
        if first and last and last < first:
            raise Misused("-e is before -s; swap them")
        return CreateBackfill(
            dag_id=dag_id,
            from_date=first,
            to_date=last,
            run_backwards=self.run_backwards,
            reprocess_behavior="completed" if self.reset_dagruns else reprocess,
            dag_run_conf=conf(self.conf),
            max_active_runs=self.max_active_runs or None,
            task_regex=self.task_regex or None,
            ignore_dependencies=self.ignore_dependencies,
            mark_success=self.mark_success,
            pool=self.pool or None,
            ignore_first_depends_on_past=self.ignore_first,
        )


class ListApp(OutputApp):
    """List backfills, newest first: of one DAG (`hubflow backfill list DAG_ID`) or of all."""

    description = __doc__
    optional = ("a DAG id",)
    aliases = {**ALIASES, **OUTPUT_ALIASES, "limit": "ListApp.limit"}
    limit = Int(25, min=1, max=1000, help="How many at most.").tag(config=True)

    def run(self) -> None:
        dag_id = self.words[0] if self.words else None
        page = backfills.list_page(backend(self), local_actor(), dag_id, self.limit, 0)
        self.emit(page.backfills, COLUMNS)


class ShowApp(OutputApp):
    """Show a backfill and its failed runs: `hubflow backfill show ID`."""

    description = __doc__
    arguments = ("the number of a backfill",)
    aliases = ALIASES | OUTPUT_ALIASES

    def run(self) -> None:
        services = backend(self)
        found = backfills.get(services, local_actor(), key_of(self))
        self.emit([found], COLUMNS)
        if self.output == "table":
            tell_failed(services, found)


class CancelApp(OutputApp):
    """Make no further runs of a backfill: `hubflow backfill cancel ID`. What runs goes on."""

    description = __doc__
    arguments = ("the number of a backfill",)
    aliases = ALIASES | OUTPUT_ALIASES

    def run(self) -> None:
        self.emit([backfills.cancel(backend(self), local_actor(), key_of(self))], COLUMNS)


class BackfillApp(HubflowApp):
    """Run a DAG for dates in the past."""

    description = __doc__
    subcommands: dict[str, Any] = {
        "create": (CreateApp, CreateApp.__doc__),
        "list": (ListApp, ListApp.__doc__),
        "show": (ShowApp, ShowApp.__doc__),
        "cancel": (CancelApp, CancelApp.__doc__),
    }


def key_of(app: HubflowApp) -> int:
    """Return the number of the backfill that the command names."""
    (text,) = app.words
    if not text.isdecimal():
        raise Misused(f"{text!r} is no number of a backfill; see `hubflow backfill list`")
    return int(text)


def wait_for(services: Backend, backfill: BackfillDto) -> BackfillDto:
    """Return the backfill once it is over; meanwhile, one line says how far it is."""
    shown = ""

    def look() -> BackfillDto | None:
        nonlocal shown
        found = backfills.get(services, local_actor(), backfill.id)
        line = f"{found.done} of {found.total} runs done, {found.failed} failed"
        if line != shown:
            shown = line
            end = "" if sys.stderr.isatty() else "\n"
            print(f"\r{line}" if not end else line, end=end, file=sys.stderr, flush=True)
        return None if found.state in BACKFILL_ACTIVE else found

    over = wait_until(services.paths, look)
    if sys.stderr.isatty():
        print(file=sys.stderr)
    return over


def report(services: Backend, over: BackfillDto) -> None:
    """Say how a backfill ended; exit status 1 unless all went well."""
    succeeded = over.done - over.failed
    print(
        f"backfill {over.id} of {over.dag_id}: {over.state}; {succeeded} succeeded, "
        f"{over.failed} failed, {over.total - over.done} not made",
        file=sys.stderr,
    )
    tell_failed(services, over)
    if over.state != BackfillState.SUCCESS:
        raise SystemExit(1)


def tell_failed(services: Backend, over: BackfillDto) -> None:
    """Name the runs that failed, and say what helps those that waited in vain."""
    if not over.failed:
        return
    deadlocked = set(backfills.list_deadlocked_runs(services, local_actor(), over.id))
    for run in backfills.list_failed_runs(services, local_actor(), over.id):
        word = "deadlocked" if run.dag_run_id in deadlocked else "failed"
        print(f"{word}: {run.dag_run_id}", file=sys.stderr)
    if deadlocked:
        print(DEADLOCKED, file=sys.stderr)
