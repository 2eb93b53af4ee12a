"""`hubflow tasks …`: list and show tasks, states and logs in a run, clear, run one now."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from traitlets import Bool, Int

from hubflow.cli.arguments import conf, date
from hubflow.cli.base import ALIASES, HubflowApp
from hubflow.cli.instance import MAP_INDEX, RUN, OfInstance, run_id
from hubflow.cli.local import backend, local_actor
from hubflow.cli.options import Misused, Text
from hubflow.cli.output import OUTPUT_ALIASES, OutputApp
from hubflow.cli.rehearsed import Rehearsal, rehearsed
from hubflow.cli.task_changes import ClearApp, MarkFailedApp, MarkSuccessApp, RunApp
from hubflow.cli.task_logs import LogsApp
from hubflow.errors import BadRequest
from hubflow.services import dag_runs, failed_deps, task_instances, views
from hubflow.services.dto.views import StructureDto


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
        places: dict[str, int] = {}
        for one in page.task_instances:
            places.setdefault(one.task_id, len(places))
        found = sorted(page.task_instances, key=lambda i: (places[i.task_id], i.map_index))
        columns = ["task_id", "map_index", "state", "try_number", "start_date", "end_date"]
        self.emit(found, columns)


class StateApp(OfInstance):
    """Print the state of a task in a run: `hubflow tasks state DAG_ID TASK_ID RUN`."""

    description = __doc__
    aliases = ALIASES | MAP_INDEX
    arguments = ("a DAG id", "a task id", RUN)

    def run(self) -> None:
        dag_id, task_id, run = self.words
        run = run_id(self, dag_id, run)
        index = self.one_index(dag_id, run, task_id)
        found = task_instances.get(backend(self), local_actor(), dag_id, run, task_id, index)
        print(found.state or "none")


class FailedDepsApp(OfInstance, OutputApp):
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
        index = self.one_index(dag_id, run_id, task_id)
        found = failed_deps.get(services, actor, dag_id, run_id, task_id, index).dependencies
        if found or self.output != "table":
            self.emit(found, ["name", "reason"])
        else:
            print(f"nothing keeps {task_id} from running")


class _RehearseApp(HubflowApp):
    arguments = ("a DAG id", "a task id")
    optional = (RUN,)
    renders = False
    conf = Text("{}", help="JSON object that tasks see as dag_run.conf.").tag(config=True)
    map_index = Int(-1, min=-1, help="Which instance of a mapped task.").tag(config=True)
    aliases = {
        **ALIASES,
        "c": "_RehearseApp.conf",
        "conf": "_RehearseApp.conf",
        "map-index": "_RehearseApp.map_index",
    }

    def run(self) -> None:
        dag_id, task_id, *runs = self.words
        moment = self._date_of(dag_id, runs[0]) if runs else None
        wanted = Rehearsal(dag_id, moment, conf(self.conf), task_id, self.map_index, self.renders)
        raise SystemExit(rehearsed(self, wanted))

    def _date_of(self, dag_id: str, name: str) -> datetime | None:
        """Return the execution date of a run; at one that is named itself no run need be."""
        try:
            return date(name)
        except Misused:
            return dag_runs.get_named(backend(self), local_actor(), dag_id, name).execution_date


class TestApp(_RehearseApp):
    """Run one task here, whatever it depends on, recording nothing.

    `hubflow tasks test DAG_ID TASK_ID [RUN]`; exit status 1 when it fails. RUN is a run id, or an
    execution date at which there need not be a run.
    """

    description = __doc__


class RenderApp(_RehearseApp):
    """Show what the template fields of a task become.

    `hubflow tasks render DAG_ID TASK_ID [RUN]`; exit status 1 when that fails. RUN is a run id, or
    an execution date at which there need not be a run.
    """

    description = __doc__
    renders = True


class TasksApp(HubflowApp):
    """List, show, clear, mark and run tasks; print their logs."""

    description = __doc__
    subcommands: dict[str, Any] = {
        "list": (ListApp, ListApp.__doc__),
        "show": (ShowApp, ShowApp.__doc__),
        "state": (StateApp, StateApp.__doc__),
        "states-for-dag-run": (StatesApp, StatesApp.__doc__),
        "failed-deps": (FailedDepsApp, FailedDepsApp.__doc__),
        "logs": (LogsApp, LogsApp.__doc__),
        "clear": (ClearApp, ClearApp.__doc__),
        "mark-success": (MarkSuccessApp, MarkSuccessApp.__doc__),
        "mark-failed": (MarkFailedApp, MarkFailedApp.__doc__),
        "run": (RunApp, RunApp.__doc__),
        "test": (TestApp, TestApp.__doc__),
        "render": (RenderApp, RenderApp.__doc__),
    }


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
