"""`hubflow tasks …`: list and show tasks, states in a run, clear, run one now."""

from __future__ import annotations

import re
from typing import Any

from traitlets import Bool, Int, Unicode

from hubflow.cli.arguments import conf, date
from hubflow.cli.ask import confirm_touched, summary
from hubflow.cli.base import ALIASES, HubflowApp
from hubflow.cli.local import backend, local_actor
from hubflow.cli.options import Misused
from hubflow.cli.output import OUTPUT_ALIASES, OutputApp
from hubflow.cli.rehearsed import Rehearsal, rehearsed
from hubflow.errors import BadRequest
from hubflow.services import (
    clearing,
    dag_runs,
    failed_deps,
    marking,
    run_task,
    task_instances,
    views,
)
from hubflow.services.dto import ClearTaskInstances, RunTask, UpdateTaskInstancesState
from hubflow.services.dto.views import StructureDto

RUN = "a run id or execution date"


class ListApp(OutputApp):
    """List the tasks of a DAG: `hubflow tasks list DAG_ID`; with --tree, below each other."""

    description = __doc__
    arguments = ("a DAG id",)
    aliases = ALIASES | OUTPUT_ALIASES
    flags = {"tree": ({"ListApp": {"tree": True}}, "Show which task follows which.")}
    tree = Bool(False, help="Show which task follows which.").tag(config=True)

    def run(self) -> None:
        (dag_id,) = self.words
        found = views.structure(backend(self), local_actor(), dag_id, None)
        if self.tree:
            print("\n".join(_tree(found)))
            return
        self.emit(found.tasks, ["task_id", "operator", "trigger_rule", "downstream"])


class ShowApp(OutputApp):
    """Show one task of a DAG: `hubflow tasks show DAG_ID TASK_ID`."""

    description = __doc__
    arguments = ("a DAG id", "a task id")
    aliases = ALIASES | OUTPUT_ALIASES

    def run(self) -> None:
        dag_id, task_id = self.words
        found = views.structure(backend(self), local_actor(), dag_id, None)
        tasks = [task for task in found.tasks if task.task_id == task_id]
        if not tasks:
            raise BadRequest(f"DAG {dag_id!r} has no task {task_id!r}")
        if self.output == "json":
            self.emit(tasks, [])
            return
        for name in tasks[0].__struct_fields__:
            if (value := getattr(tasks[0], name)) not in (None, "", [], {}):
                print(f"{name}: {value}")


class StatesApp(OutputApp):
    """List the states of all tasks in a run: `hubflow tasks states-for-dag-run DAG_ID RUN`."""

    description = __doc__
    arguments = ("a DAG id", RUN)
    aliases = ALIASES | OUTPUT_ALIASES

    def run(self) -> None:
        dag_id, run = self.words
        page = task_instances.list_page(
            backend(self), local_actor(), dag_id, run_id(self, dag_id, run), 100_000, 0
        )
        columns = ["task_id", "map_index", "state", "try_number", "start_date", "end_date"]
        self.emit(page.task_instances, columns)


class _OfInstance(HubflowApp):
    """Base of commands about one task in a run, or one instance of it if it is mapped."""

    map_index = Int(None, allow_none=True, help="Which instance of a mapped task.").tag(config=True)


MAP_INDEX = {"map-index": "_OfInstance.map_index"}


class StateApp(_OfInstance):
    """Print the state of a task in a run: `hubflow tasks state DAG_ID TASK_ID RUN`."""

    description = __doc__
    aliases = ALIASES | MAP_INDEX
    arguments = ("a DAG id", "a task id", RUN)

    def run(self) -> None:
        dag_id, task_id, run = self.words
        found = task_instances.get(
            backend(self), local_actor(), dag_id, run_id(self, dag_id, run), task_id, self.map_index
        )
        print(found.state or "none")


class FailedDepsApp(_OfInstance, OutputApp):
    """Say why a task does not run: `hubflow tasks failed-deps DAG_ID TASK_ID RUN`.

    RUN is a run id or an execution date.
    """

    description = __doc__
    arguments = ("a DAG id", "a task id", RUN)
    aliases = ALIASES | OUTPUT_ALIASES | MAP_INDEX

    def run(self) -> None:
        dag_id, task_id, name = self.words
        services, actor = backend(self), local_actor()
        run_id = dag_runs.get_named(services, actor, dag_id, name).dag_run_id
        found = failed_deps.get(
            services, actor, dag_id, run_id, task_id, self.map_index
        ).dependencies
        if found or self.output != "table":
            self.emit(found, ["name", "reason"])
        else:
            print(f"nothing keeps {task_id} from running")


class ClearApp(HubflowApp):
    """Forget what tasks did, so that they run again: `hubflow tasks clear DAG_ID`.

    Without -t all tasks, without -s and -e all runs. Says first what it touches, and asks.
    """

    description = __doc__
    arguments = ("a DAG id",)
    aliases = {
        **ALIASES,
        "t": "ClearApp.task_regex",
        "task-regex": "ClearApp.task_regex",
        "s": "ClearApp.start_date",
        "start-date": "ClearApp.start_date",
        "e": "ClearApp.end_date",
        "end-date": "ClearApp.end_date",
        "run-id": "ClearApp.run_id",
    }
    flags = {
        name: ({"ClearApp": {trait: value}}, text)
        for names, trait, value, text in (
            (("u", "upstream"), "upstream", True, "Also what they depend on."),
            (("d", "downstream"), "downstream", True, "Also what depends on them."),
            (("f", "only-failed"), "only_failed", True, "Only failed ones."),
            (("r", "only-running"), "only_running", True, "Only running ones."),
            (("x", "exclude-subdags"), "subdags", False, "Not the runs that they started."),
            (("X", "exclude-parentdag"), "parentdag", False, "Not what started these runs."),
            (("y", "yes"), "yes", True, "Do not ask."),
        )
        for name in names
    }
    task_regex = Unicode("", help="Only tasks in whose id it is found.").tag(config=True)
    start_date = Unicode("", help="First execution date (ISO 8601).").tag(config=True)
    end_date = Unicode("", help="Last execution date (ISO 8601).").tag(config=True)
    run_id = Unicode("", help="Only this run.").tag(config=True)
    upstream = Bool(False, help="Also what they depend on.").tag(config=True)
    downstream = Bool(False, help="Also what depends on them.").tag(config=True)
    only_failed = Bool(False, help="Only failed ones.").tag(config=True)
    only_running = Bool(False, help="Only running ones.").tag(config=True)
    subdags = Bool(True, help="Also the runs that they started.").tag(config=True)
    parentdag = Bool(True, help="Also what started these runs.").tag(config=True)
    yes = Bool(False, help="Do not ask.").tag(config=True)

    def run(self) -> None:
        (dag_id,) = self.words
        services, actor = backend(self), local_actor()
        listed = clearing.clear(services, actor, dag_id, self._body(dag_id, dry_run=True))
        confirm_touched("clear", listed, yes=self.yes)
        done = clearing.clear(services, actor, dag_id, self._body(dag_id, dry_run=False))
        print(f"cleared {summary(done)}")

    def _body(self, dag_id: str, *, dry_run: bool) -> ClearTaskInstances:
        return ClearTaskInstances(
            dry_run=dry_run,
            task_ids=self._tasks(dag_id),
            dag_run_id=self.run_id or None,
            start_date=date(self.start_date),
            end_date=date(self.end_date),
            only_failed=self.only_failed,
            only_running=self.only_running,
            include_subdags=self.subdags,
            include_parentdag=self.parentdag,
            include_upstream=self.upstream,
            include_downstream=self.downstream,
        )

    def _tasks(self, dag_id: str) -> list[str] | None:
        if not self.task_regex:
            return None
        try:
            pattern = re.compile(self.task_regex)
        except re.error as exc:
            raise Misused(f"{self.task_regex!r} is no regular expression: {exc}") from exc
        found = views.structure(backend(self), local_actor(), dag_id, None)
        return [task.task_id for task in found.tasks if pattern.search(task.task_id)]


class _MarkApp(HubflowApp):
    arguments = ("a DAG id", "a task id", RUN)
    state: Any = ""
    yes = Bool(False, help="Do not ask.").tag(config=True)
    flags = {name: ({"_MarkApp": {"yes": True}}, "Do not ask.") for name in ("y", "yes")}

    def run(self) -> None:
        dag_id, task_id, run = self.words
        services, actor = backend(self), local_actor()
        run = run_id(self, dag_id, run)

        def body(dry_run: bool) -> UpdateTaskInstancesState:
            return UpdateTaskInstancesState(
                task_id=task_id, dag_run_id=run, new_state=self.state, dry_run=dry_run
            )

        listed = marking.mark_tasks(services, actor, dag_id, body(dry_run=True))
        confirm_touched("mark", listed, yes=self.yes)
        done = marking.mark_tasks(services, actor, dag_id, body(dry_run=False))
        print(f"changed {summary(done)}")


class MarkSuccessApp(_MarkApp):
    """Mark a task in a run as success: `hubflow tasks mark-success DAG_ID TASK_ID RUN`."""

    description = __doc__
    state = "success"


class MarkFailedApp(_MarkApp):
    """Mark a task in a run as failed: `hubflow tasks mark-failed DAG_ID TASK_ID RUN`."""

    description = __doc__
    state = "failed"


class RunApp(_OfInstance):
    """Run one task of a run now, on a worker: `hubflow tasks run DAG_ID TASK_ID RUN`.

    Exit status 1 with the unmet dependencies when it may not run.
    """

    description = __doc__
    arguments = ("a DAG id", "a task id", RUN)
    aliases = ALIASES | MAP_INDEX
    flags = {
        name: ({"RunApp": {trait: True}}, text)
        for names, trait, text in (
            (("A", "ignore-all-dependencies"), "all_deps", "Ignore everything below."),
            (("f", "force"), "state", "Whatever it did before."),
            (("i", "ignore-dependencies"), "deps", "Trigger rule and past do not count."),
        )
        for name in names
    }
    all_deps = Bool(False, help="Ignore all dependencies.").tag(config=True)
    state = Bool(False, help="Ignore that it succeeded or failed before.").tag(config=True)
    deps = Bool(False, help="Ignore trigger rule and depends_on_past.").tag(config=True)

    def run(self) -> None:
        dag_id, task_id, run = self.words
        body = RunTask(
            ignore_all_deps=self.all_deps,
            ignore_task_state=self.state,
            ignore_task_deps=self.deps,
        )
        run = run_id(self, dag_id, run)
        done = run_task.run_now(
            backend(self), local_actor(), dag_id, run, task_id, body, self.map_index
        )
        instance = f" [{done.map_index}]" if done.map_index >= 0 else ""
        print(f"{dag_id} {task_id}{instance} {run} is about to run")


class _RehearseApp(HubflowApp):
    arguments = ("a DAG id", "a task id")
    optional = ("an execution date",)
    renders = False
    conf = Unicode("{}", help="JSON object that tasks see as dag_run.conf.").tag(config=True)
    map_index = Int(-1, min=-1, help="Which instance of a mapped task.").tag(config=True)
    aliases = {
        **ALIASES,
        "c": "_RehearseApp.conf",
        "conf": "_RehearseApp.conf",
        "map-index": "_RehearseApp.map_index",
    }

    def run(self) -> None:
        dag_id, task_id, *dates = self.words
        wanted = Rehearsal(
            dag_id,
            date(dates[0]) if dates else None,
            conf(self.conf),
            task_id,
            self.map_index,
            self.renders,
        )
        raise SystemExit(rehearsed(self, wanted))


class TestApp(_RehearseApp):
    """Run one task here, whatever it depends on, recording nothing.

    `hubflow tasks test DAG_ID TASK_ID [EXECUTION_DATE]`; exit status 1 when it fails.
    """

    description = __doc__


class RenderApp(_RehearseApp):
    """Show what the template fields of a task become.

    `hubflow tasks render DAG_ID TASK_ID [EXECUTION_DATE]`; exit status 1 when that fails.
    """

    description = __doc__
    renders = True


class TasksApp(HubflowApp):
    """List, show, clear, mark and run tasks."""

    description = __doc__
    subcommands: dict[str, Any] = {
        "list": (ListApp, ListApp.__doc__),
        "show": (ShowApp, ShowApp.__doc__),
        "state": (StateApp, StateApp.__doc__),
        "states-for-dag-run": (StatesApp, StatesApp.__doc__),
        "failed-deps": (FailedDepsApp, FailedDepsApp.__doc__),
        "clear": (ClearApp, ClearApp.__doc__),
        "mark-success": (MarkSuccessApp, MarkSuccessApp.__doc__),
        "mark-failed": (MarkFailedApp, MarkFailedApp.__doc__),
        "run": (RunApp, RunApp.__doc__),
        "test": (TestApp, TestApp.__doc__),
        "render": (RenderApp, RenderApp.__doc__),
    }


def run_id(app: HubflowApp, dag_id: str, text: str) -> str:
    """Return the id of the run that ``text`` names by its id or its execution date."""
    return dag_runs.get_named(backend(app), local_actor(), dag_id, text).dag_run_id


def _tree(dag: StructureDto) -> list[str]:
    """Lay the tasks out below those that they follow; a task with several comes several times."""
    below = {task.task_id: task.downstream for task in dag.tasks}
    roots = set(below) - {child for children in below.values() for child in children}
    lines: list[str] = []
    waiting = [(name, 0) for name in sorted(roots, reverse=True)]
    while waiting:
        name, depth = waiting.pop()
        lines.append(f"{'    ' * depth}{name}")
        waiting.extend((child, depth + 1) for child in sorted(below[name], reverse=True))
    return lines
