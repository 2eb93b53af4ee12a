"""`hubflow dags …`: list, show, trigger, test, pause, unpause, list-import-errors."""

from __future__ import annotations

import sys
from typing import Any

from traitlets import Bool, Int

from hubflow.cli import runs
from hubflow.cli.arguments import PAGE, conf, date, pages
from hubflow.cli.ask import confirm
from hubflow.cli.base import ALIASES, HubflowApp
from hubflow.cli.check import CheckApp
from hubflow.cli.local import backend, local_actor
from hubflow.cli.options import Text
from hubflow.cli.output import OUTPUT_ALIASES, OutputApp
from hubflow.cli.rehearsed import Rehearsal, rehearsed
from hubflow.cli.versions import DiffApp, VersionApp, VersionsApp
from hubflow.cli.wait import wait_for_run
from hubflow.clock import isoformat
from hubflow.db.queries.dags import DagFilter
from hubflow.errors import NotFound
from hubflow.services import (
    dag_details,
    dag_files,
    dag_runs,
    dag_stats,
    dags,
    import_errors,
    views,
)
from hubflow.services.dto import PatchDag, TriggerRun


class ListApp(OutputApp):
    """List DAGs."""

    description = __doc__
    aliases = ALIASES | OUTPUT_ALIASES

    def run(self) -> None:
        services, actor = backend(self), local_actor()
        found = pages(lambda at: dags.list_page(services, actor, DagFilter(), PAGE, at).dags)
        self.emit(found, ["dag_id", "is_paused", "owners", "fileloc", "next_dagrun"])


class ShowApp(OutputApp):
    """Show one DAG and its tasks, and what its author should know."""

    description = __doc__
    arguments = ("a DAG id",)
    aliases = ALIASES | OUTPUT_ALIASES

    def run(self) -> None:
        dag_id = self.words[0]
        services, actor = backend(self), local_actor()
        found = views.structure(services, actor, dag_id, None)
        if self.output != "table":
            self.emit([found], [])
            return
        print(f"{found.dag_id}, version {found.version}\n")
        self.emit(found.tasks, ["task_id", "operator", "trigger_rule", "retries", "downstream"])
        page = dag_stats.warnings(services, actor, dag_id, None, PAGE, 0)
        for warning in page.dag_warnings:
            print(f"\nwarning: {warning.message}")


class TriggerApp(OutputApp):
    """Start a run of a DAG. With --wait, exit with status 1 when the run fails."""

    description = __doc__
    arguments = ("a DAG id",)
    aliases = {
        **ALIASES,
        **OUTPUT_ALIASES,
        "conf": "TriggerApp.conf",
        "c": "TriggerApp.conf",
        "run-id": "TriggerApp.run_id",
        "r": "TriggerApp.run_id",
        "exec-date": "TriggerApp.exec_date",
        "e": "TriggerApp.exec_date",
    }
    flags = {"wait": ({"TriggerApp": {"wait": True}}, "Wait for the end of the run.")}
    conf = Text("{}", help="JSON object that tasks see as dag_run.conf.").tag(config=True)
    run_id = Text("", help="Id of the run; default manual__<date>.").tag(config=True)
    exec_date = Text("", help="Execution date (ISO 8601); default now.").tag(config=True)
    wait = Bool(False, help="Wait for the end of the run.").tag(config=True)

    def run(self) -> None:
        dag_id = self.words[0]
        body = TriggerRun(
            dag_run_id=self.run_id or None,
            logical_date=date(self.exec_date),
            conf=conf(self.conf),
        )
        services, actor = backend(self), local_actor()
        found = dag_runs.trigger(services, actor, dag_id, body)
        if dags.get(services, actor, dag_id).is_paused:
            print(
                f"{dag_id} is paused: the run waits until `hubflow dags unpause {dag_id}`",
                file=sys.stderr,
            )
        if self.wait:
            found = wait_for_run(services, actor, dag_id, found.dag_run_id)
        self.emit([found], ["dag_id", "dag_run_id", "state", "execution_date"])
        if self.wait and found.state != "success":
            raise SystemExit(1)


class DetailsApp(OutputApp):
    """Show all that is known of a DAG: `hubflow dags details DAG_ID`."""

    description = __doc__
    arguments = ("a DAG id",)
    aliases = ALIASES | OUTPUT_ALIASES

    def run(self) -> None:
        found = dag_details.get(backend(self), local_actor(), self.words[0])
        self.emit_one(found)


class NextExecutionApp(HubflowApp):
    """Print the dates of a DAG's next scheduled runs: `hubflow dags next-execution DAG_ID`.

    Exit status 1 when there is none.
    """

    description = __doc__
    arguments = ("a DAG id",)
    aliases = {
        **ALIASES,
        "n": "NextExecutionApp.num_executions",
        "num-executions": "NextExecutionApp.num_executions",
    }
    num_executions = Int(1, min=1, max=1000, help="How many dates.").tag(config=True)

    def run(self) -> None:
        dag_id = self.words[0]
        services, actor = backend(self), local_actor()
        dates = dag_details.next_executions(services, actor, dag_id, self.num_executions)
        if not dates:
            raise NotFound(f"no run of {dag_id} is due: it has no schedule, or that is over")
        if dags.get(services, actor, dag_id).is_paused:
            print(f"{dag_id} is off: these would be its runs if it were on", file=sys.stderr)
        for found in dates:
            print(isoformat(found))


class ReportApp(OutputApp):
    """List DAG files with how long reading each took, the slowest first."""

    description = __doc__
    aliases = ALIASES | OUTPUT_ALIASES

    def run(self) -> None:
        rows = dag_files.report(backend(self), local_actor())
        self.emit(rows, ["file", "parse_duration_ms", "is_broken", "dags"])


class TestApp(HubflowApp):
    """Run all tasks of a DAG here, in order, without scheduler and recording nothing.

    `hubflow dags test DAG_ID [EXECUTION_DATE]`; exit status 1 when a task fails.
    """

    description = __doc__
    arguments = ("a DAG id",)
    optional = ("an execution date",)
    aliases = {**ALIASES, "conf": "TestApp.conf", "c": "TestApp.conf"}
    conf = Text("{}", help="JSON object that tasks see as dag_run.conf.").tag(config=True)

    def run(self) -> None:
        dag_id, *dates = self.words
        execution_date = date(dates[0]) if dates else None
        raise SystemExit(rehearsed(self, Rehearsal(dag_id, execution_date, conf(self.conf))))


class _SwitchApp(HubflowApp):
    arguments = ("a DAG id",)
    is_paused = False

    def run(self) -> None:
        dag_id = self.words[0]
        dags.patch(backend(self), local_actor(), dag_id, PatchDag(is_paused=self.is_paused))
        print(f"{dag_id} is {'paused' if self.is_paused else 'on'}")


class PauseApp(_SwitchApp):
    """Pause a DAG: no new runs, no new tasks; running tasks finish."""

    description = __doc__
    is_paused = True


class UnpauseApp(_SwitchApp):
    """Switch a DAG on."""

    description = __doc__


class DeleteApp(HubflowApp):
    """Delete a DAG's history, and the DAG if its file is gone: `hubflow dags delete DAG_ID`."""

    description = __doc__
    arguments = ("a DAG id",)
    flags = {name: ({"DeleteApp": {"yes": True}}, "Do not ask.") for name in ("y", "yes")}
    yes = Bool(False, help="Do not ask.").tag(config=True)

    def run(self) -> None:
        dag_id = self.words[0]
        services, actor = backend(self), local_actor()
        runs = dag_runs.list_page(services, actor, dag_id, limit=1).total_entries
        confirm(f"delete {dag_id} with {runs} runs?", yes=self.yes)
        dags.delete(services, actor, dag_id)
        print(f"deleted {dag_id} with {runs} runs")


class ImportErrorsApp(OutputApp):
    """List DAG files that cannot be imported; exit status 1 when there are any."""

    description = __doc__
    aliases = ALIASES | OUTPUT_ALIASES

    def run(self) -> None:
        services, actor = backend(self), local_actor()
        found = pages(lambda at: import_errors.list_page(services, actor, PAGE, at).import_errors)
        self.emit(found, ["filename", "line", "message", "timestamp"])
        if found:
            raise SystemExit(1)


class DagsApp(HubflowApp):
    """List, show, trigger, test, check and pause DAGs."""

    description = __doc__
    subcommands: dict[str, Any] = {
        "list": (ListApp, ListApp.__doc__),
        "show": (ShowApp, ShowApp.__doc__),
        "details": (DetailsApp, DetailsApp.__doc__),
        "next-execution": (NextExecutionApp, NextExecutionApp.__doc__),
        "report": (ReportApp, ReportApp.__doc__),
        "trigger": (TriggerApp, TriggerApp.__doc__),
        "test": (TestApp, TestApp.__doc__),
        "check": (CheckApp, CheckApp.__doc__),
        "list-runs": (runs.ListApp, runs.ListApp.__doc__),
        "state": (runs.StateApp, runs.StateApp.__doc__),
        "pause": (PauseApp, PauseApp.__doc__),
        "unpause": (UnpauseApp, UnpauseApp.__doc__),
        "delete": (DeleteApp, DeleteApp.__doc__),
        "versions": (VersionsApp, VersionsApp.__doc__),
        "version": (VersionApp, VersionApp.__doc__),
        "diff": (DiffApp, DiffApp.__doc__),
        "list-import-errors": (ImportErrorsApp, ImportErrorsApp.__doc__),
    }
