"""`hubflow runs …`: list, show, state, mark, clear, delete, prune."""

from __future__ import annotations

from typing import Any

from traitlets import Bool, Int

from hubflow.cli.ask import CHANGE_FLAGS, ChangeApp, confirm, summary
from hubflow.cli.base import ALIASES, HubflowApp
from hubflow.cli.instance import RUN, run_id
from hubflow.cli.local import backend, local_actor
from hubflow.cli.options import Misused, Text
from hubflow.cli.output import OUTPUT_ALIASES, OutputApp
from hubflow.clock import utcnow
from hubflow.config import Retention
from hubflow.scheduler.pruner import Pruner
from hubflow.services import clearing, dag_runs, dags, marking
from hubflow.services.access import Permission
from hubflow.services.dto import ClearDagRun, PatchDagRun
from hubflow.services.unit import changing
from hubflow.states import RunState, meant_by


class ListApp(OutputApp):
    """List runs, newest first: of one DAG (`hubflow runs list DAG_ID`) or of all."""

    description = __doc__
    optional = ("a DAG id",)
    aliases = {
        **ALIASES,
        **OUTPUT_ALIASES,
        "state": "ListApp.state",
        "limit": "ListApp.limit",
    }
    state = Text("", help="Only runs in this state; `running`: queued ones, too.").tag(config=True)
    limit = Int(25, min=1, max=1000, help="How many runs at most.").tag(config=True)

    def run(self) -> None:
        if self.state and self.state not in set(RunState):
            raise Misused(f"no run is ever {self.state!r}; states are {', '.join(RunState)}")
        page = dag_runs.list_page(
            backend(self),
            local_actor(),
            self.words[0] if self.words else dag_runs.ANY_DAG,
            states=meant_by(RunState(self.state)) if self.state else [],
            order_by="-id",
            limit=self.limit,
        )
        self.emit(
            page.dag_runs,
            [
                "dag_id",
                "dag_run_id",
                "state",
                "dag_version",
                "execution_date",
                "start_date",
                "end_date",
            ],
        )


class ShowApp(OutputApp):
    """Show one run: `hubflow runs show DAG_ID RUN`, by its id or execution date."""

    description = __doc__
    arguments = ("a DAG id", RUN)
    aliases = ALIASES | OUTPUT_ALIASES

    def run(self) -> None:
        dag_id, run = self.words
        found = dag_runs.get(backend(self), local_actor(), dag_id, run_id(self, dag_id, run))
        if self.output != "table":
            self.emit([found], [])
            return
        for name in found.__struct_fields__:
            if (value := getattr(found, name)) is not None:
                print(f"{name}: {value}")


class StateApp(HubflowApp):
    """Print the state of a run: `hubflow runs state DAG_ID RUN`."""

    description = __doc__
    arguments = ("a DAG id", RUN)

    def run(self) -> None:
        dag_id, run = self.words
        print(dag_runs.get(backend(self), local_actor(), dag_id, run_id(self, dag_id, run)).state)


class ClearApp(ChangeApp):
    """Forget what a run did, so that all its tasks run again: `hubflow runs clear DAG_ID RUN`."""

    description = __doc__
    arguments = ("a DAG id", RUN)
    flags = CHANGE_FLAGS | {
        name: ({"ClearApp": {"only_failed": True}}, "Only failed tasks.")
        for name in ("f", "only-failed")
    }
    only_failed = Bool(False, help="Only failed tasks.").tag(config=True)

    def run(self) -> None:
        dag_id, run = self.words
        services, actor = backend(self), local_actor()
        run = run_id(self, dag_id, run)
        body = ClearDagRun(dry_run=True, only_failed=self.only_failed)
        listed = clearing.clear_run(services, actor, dag_id, run, body)
        self.confirm_touched("clear", listed)
        body = ClearDagRun(dry_run=False, only_failed=self.only_failed)
        print(f"cleared {summary(clearing.clear_run(services, actor, dag_id, run, body))}")


class DeleteApp(HubflowApp):
    """Delete a run, and end what runs of it: `hubflow runs delete DAG_ID RUN`."""

    description = __doc__
    arguments = ("a DAG id", RUN)
    flags = {name: ({"DeleteApp": {"yes": True}}, "Do not ask.") for name in ("y", "yes")}
    yes = Bool(False, help="Do not ask.").tag(config=True)

    def run(self) -> None:
        dag_id, run = self.words
        run = run_id(self, dag_id, run)
        confirm(f"delete the run {run} of {dag_id}?", yes=self.yes)
        dag_runs.delete(backend(self), local_actor(), dag_id, run)
        print(f"deleted {run}")


class PruneApp(OutputApp):
    """Remove runs, logs, notebooks and XComs that are older than is kept, now instead of within the
    hour: `hubflow runs prune [DAG_ID]`. How long that is: `Retention` in the configuration, and
    `keep_days` and `keep_runs` of a DAG.
    """

    description = __doc__
    optional = ("a DAG id",)
    flags = {
        "dry-run": ({"PruneApp": {"dry_run": True}}, "Only say what would go."),
        **{name: ({"PruneApp": {"yes": True}}, "Do not ask.") for name in ("y", "yes")},
    }
    aliases = ALIASES | OUTPUT_ALIASES
    dry_run = Bool(False, help="Only say what would go.").tag(config=True)
    yes = Bool(False, help="Do not ask.").tag(config=True)

    def run(self) -> None:
        dag_id = self.words[0] if self.words else None
        if dag_id is not None:
            dags.get(backend(self), local_actor(), dag_id)
        now = utcnow()
        pruner = Pruner(Retention(config=self.config), self.database, self.core.paths)
        plans = pruner.plan(now, dag_id)
        if self.dry_run:
            self.emit(plans, ["dag_id", "delete", "thin"])
            return
        runs, thinned = sum(plan.delete for plan in plans), sum(plan.thin for plan in plans)
        confirm(f"delete {runs} runs, and logs and XComs of {thinned} more?", yes=self.yes)
        with changing(backend(self), local_actor(), Permission.RUNS_EDIT, "prune", dag_id) as unit:
            unit.note(extra={"deleted": runs, "thinned": thinned})
        for _ in pruner.batches(now, dag_id):
            pass
        print(f"deleted {runs} runs, and logs and XComs of {thinned} more")


class _MarkApp(ChangeApp):
    arguments = ("a DAG id", RUN)
    flags = CHANGE_FLAGS
    state: Any = ""

    def run(self) -> None:
        dag_id, run = self.words
        services, actor = backend(self), local_actor()
        run = run_id(self, dag_id, run)
        listed = marking.preview_run(services, actor, dag_id, run, self.state)
        self.confirm_touched(f"mark as {self.state}", listed, f"the run {run}")
        body = PatchDagRun(state=self.state)
        print(f"{run} is {marking.mark_run(services, actor, dag_id, run, body).state}")


class MarkSuccessApp(_MarkApp):
    """End a run with all its tasks as success: `hubflow runs mark-success DAG_ID RUN`."""

    description = __doc__
    state = "success"


class MarkFailedApp(_MarkApp):
    """End a run and what runs of it as failed: `hubflow runs mark-failed DAG_ID RUN`."""

    description = __doc__
    state = "failed"


class RunsApp(HubflowApp):
    """List, show, mark, clear, delete and prune DAG runs."""

    description = __doc__
    subcommands: dict[str, Any] = {
        "list": (ListApp, ListApp.__doc__),
        "show": (ShowApp, ShowApp.__doc__),
        "state": (StateApp, StateApp.__doc__),
        "clear": (ClearApp, ClearApp.__doc__),
        "delete": (DeleteApp, DeleteApp.__doc__),
        "prune": (PruneApp, PruneApp.__doc__),
        "mark-success": (MarkSuccessApp, MarkSuccessApp.__doc__),
        "mark-failed": (MarkFailedApp, MarkFailedApp.__doc__),
    }
