"""`hubflow tasks clear|mark-…|run`: what changes task instances of a run."""

from __future__ import annotations

import contextlib
import re
from typing import Any

from traitlets import Bool

from hubflow.cli.arguments import PAGE, date, pages
from hubflow.cli.ask import CHANGE_FLAGS, ChangeApp, summary
from hubflow.cli.base import ALIASES
from hubflow.cli.instance import MAP_INDEX, RUN, OfInstance, run_id
from hubflow.cli.local import backend, local_actor
from hubflow.cli.options import Misused, Text
from hubflow.db.queries.dags import DagFilter
from hubflow.errors import BadRequest, DagRunNotFound
from hubflow.services import clearing, dags, marking, run_task, views
from hubflow.services.dto import ClearTaskInstances, RunTask, UpdateTaskInstancesState


class ClearApp(ChangeApp):
    """Forget what tasks did, so that they run again: `hubflow tasks clear DAG_ID`.

    Without -t all tasks, without -s and -e all runs. With -dx, DAG_ID is a regular expression, and
    all DAGs are cleared in whose id it is found, or none if one cannot be. Says first what it
    touches, and asks.
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
    flags = CHANGE_FLAGS | {
        name: ({"ClearApp": {trait: value}}, text)
        for names, trait, value, text in (
            (("u", "upstream"), "upstream", True, "Also what they depend on."),
            (("d", "downstream"), "downstream", True, "Also what depends on them."),
            (("past",), "past", True, "Also in earlier runs than --run-id."),
            (("future",), "future", True, "Also in later runs than --run-id."),
            (("f", "only-failed"), "only_failed", True, "Only failed ones."),
            (("r", "only-running"), "only_running", True, "Only running ones."),
            (("x", "exclude-subdags"), "subdags", False, "Not the runs that they started."),
            (("R", "dx", "dag-regex"), "dag_regex", True, "All DAGs in whose id DAG_ID is found."),
            (("X", "xp", "exclude-parentdag"), "parentdag", False, "Not what started these runs."),
        )
        for name in names
    }
    task_regex = Text("", help="Only tasks in whose id it is found.").tag(config=True)
    start_date = Text("", help="First execution date (ISO 8601).").tag(config=True)
    end_date = Text("", help="Last execution date (ISO 8601).").tag(config=True)
    run_id = Text("", help="Only this run, by its id or its execution date.").tag(config=True)
    upstream = Bool(False, help="Also what they depend on.").tag(config=True)
    downstream = Bool(False, help="Also what depends on them.").tag(config=True)
    past = Bool(False, help="Also in earlier runs than run_id.").tag(config=True)
    future = Bool(False, help="Also in later runs than run_id.").tag(config=True)
    only_failed = Bool(False, help="Only failed ones.").tag(config=True)
    only_running = Bool(False, help="Only running ones.").tag(config=True)
    subdags = Bool(True, help="Also the runs that they started.").tag(config=True)
    parentdag = Bool(True, help="Also what started these runs.").tag(config=True)
    dag_regex = Bool(False, help="All DAGs in whose id DAG_ID is found.").tag(config=True)

    def run(self) -> None:
        (name,) = self.words
        if (self.past or self.future) and not self.run_id:
            raise Misused("--past and --future need --run-id, the run to start from")
        services, actor = backend(self), local_actor()
        bodies = self._of_all(name) if self.dag_regex else {name: self._body(name)}
        listed = clearing.clear_dags(services, actor, bodies, dry_run=True)
        self.confirm_touched("clear", listed)
        done = clearing.clear_dags(services, actor, bodies, dry_run=False)
        print(f"cleared {summary(done)}")

    def _of_all(self, pattern: str) -> dict[str, ClearTaskInstances]:
        """Return what to clear of each DAG whose id matches; those without the run are left out."""
        services, actor = backend(self), local_actor()
        is_meant = _regex(pattern).search
        found = pages(lambda at: dags.list_page(services, actor, DagFilter(), PAGE, at).dags)
        names = [dag.dag_id for dag in found if is_meant(dag.dag_id)]
        if not names:
            raise BadRequest(f"no DAG has an id in which {pattern!r} is found")
        bodies = {}
        for dag_id in names:
            with contextlib.suppress(DagRunNotFound):
                bodies[dag_id] = self._body(dag_id)
        if not bodies:
            raise BadRequest(f"none of {', '.join(names)} has a run {self.run_id!r}")
        return bodies

    def _body(self, dag_id: str) -> ClearTaskInstances:
        return ClearTaskInstances(
            task_ids=self._tasks(dag_id),
            dag_run_id=run_id(self, dag_id, self.run_id) if self.run_id else None,
            start_date=date(self.start_date),
            end_date=date(self.end_date),
            only_failed=self.only_failed,
            only_running=self.only_running,
            include_subdags=self.subdags,
            include_parentdag=self.parentdag,
            include_upstream=self.upstream,
            include_downstream=self.downstream,
            include_past=self.past,
            include_future=self.future,
        )

    def _tasks(self, dag_id: str) -> list[str] | None:
        if not self.task_regex:
            return None
        pattern = _regex(self.task_regex)
        found = views.structure(backend(self), local_actor(), dag_id, None)
        return [task.task_id for task in found.tasks if pattern.search(task.task_id)]


def _regex(text: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except re.error as exc:
        raise Misused(f"{text!r} is no regular expression: {exc}") from exc


class _MarkApp(OfInstance, ChangeApp):
    arguments = ("a DAG id", "a task id", RUN)
    aliases = ALIASES | MAP_INDEX
    flags = CHANGE_FLAGS | {
        name: ({"_MarkApp": {trait: True}}, text)
        for names, trait, text in (
            (("u", "upstream"), "upstream", "Also what it depends on."),
            (("d", "downstream"), "downstream", "Also what depends on it."),
            (("past",), "past", "Also in earlier runs."),
            (("future",), "future", "Also in later runs."),
        )
        for name in names
    }
    state: Any = ""
    upstream = Bool(False, help="Also what it depends on.").tag(config=True)
    downstream = Bool(False, help="Also what depends on it.").tag(config=True)
    past = Bool(False, help="Also in earlier runs.").tag(config=True)
    future = Bool(False, help="Also in later runs.").tag(config=True)

    def run(self) -> None:
        dag_id, task_id, run = self.words
        services, actor = backend(self), local_actor()
        run = run_id(self, dag_id, run)

        def body(dry_run: bool) -> UpdateTaskInstancesState:
            return UpdateTaskInstancesState(
                task_id=task_id,
                dag_run_id=run,
                new_state=self.state,
                dry_run=dry_run,
                include_upstream=self.upstream,
                include_downstream=self.downstream,
                include_past=self.past,
                include_future=self.future,
                map_index=self.map_index,
            )

        listed = marking.mark_tasks(services, actor, dag_id, body(True))
        self.confirm_touched(f"mark as {self.state}", listed)
        done = marking.mark_tasks(services, actor, dag_id, body(False))
        print(f"changed {summary(done)}")


class MarkSuccessApp(_MarkApp):
    """Mark a task in a run as success: `hubflow tasks mark-success DAG_ID TASK_ID RUN`."""

    description = __doc__
    state = "success"


class MarkFailedApp(_MarkApp):
    """Mark a task in a run as failed: `hubflow tasks mark-failed DAG_ID TASK_ID RUN`."""

    description = __doc__
    state = "failed"


class RunApp(OfInstance):
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
        run = run_id(self, dag_id, run)
        body = RunTask(
            ignore_all_deps=self.all_deps,
            ignore_task_state=self.state,
            ignore_task_deps=self.deps,
            map_index=self.one_index(dag_id, run, task_id),
        )
        done = run_task.run_now(backend(self), local_actor(), dag_id, run, task_id, body)
        instance = f" [{done.map_index}]" if done.map_index >= 0 else ""
        print(f"{dag_id} {task_id}{instance} {run} is about to run")
