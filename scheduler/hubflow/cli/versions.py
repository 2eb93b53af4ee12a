"""`hubflow dags versions` and `hubflow dags diff`."""

from __future__ import annotations

import sys

from traitlets import Int

from hubflow.cli.base import ALIASES
from hubflow.cli.local import backend, local_actor
from hubflow.cli.options import Misused
from hubflow.cli.output import OUTPUT_ALIASES, OutputApp
from hubflow.services import dag_versions, views
from hubflow.services.dto import DagVersionDiffDto, FieldChangeDto


class VersionsApp(OutputApp):
    """List the versions of a DAG, newest first: `hubflow dags versions DAG_ID`."""

    description = __doc__
    arguments = ("a DAG id",)
    aliases = {**ALIASES, **OUTPUT_ALIASES, "limit": "VersionsApp.limit"}
    limit = Int(25, min=1, max=1000, help="How many versions at most.").tag(config=True)

    def run(self) -> None:
        (dag_id,) = self.words
        page = dag_versions.list_page(backend(self), local_actor(), dag_id, self.limit, 0)
        self.emit(
            page.dag_versions,
            ["version_number", "created_at", "is_current", "task_count", "runs"],
        )


class VersionApp(OutputApp):
    """Print the source of one version of a DAG: `hubflow dags version DAG_ID NUMBER`."""

    description = __doc__
    arguments = ("a DAG id", "a version number")
    aliases = ALIASES | OUTPUT_ALIASES

    def run(self) -> None:
        dag_id, number = self.words
        services, actor = backend(self), local_actor()
        found = dag_versions.get(services, actor, dag_id, _number(number))
        source = views.source(services, actor, dag_id, found.version_number)
        if self.output != "table":
            self.emit([source], [])
            return
        print(
            f"# {source.path}, version {found.version_number} of {dag_id}, {found.created_at}",
            file=sys.stderr,
        )
        print(source.text, end="")


class DiffApp(OutputApp):
    """Show what differs between two versions: `hubflow dags diff DAG_ID [BEFORE [AFTER]]`.

    Without AFTER the newest one counts, without BEFORE the one before it.
    """

    description = __doc__
    arguments = ("a DAG id",)
    optional = ("a version number", "another one")
    aliases = ALIASES | OUTPUT_ALIASES

    def run(self) -> None:
        dag_id, before, after = self._names()
        found = dag_versions.diff(backend(self), local_actor(), dag_id, before, after)
        if self.output != "table":
            self.emit([found], [])
            return
        print("\n".join(_lines(found)))
        print(found.source_diff, end="")

    def _names(self) -> tuple[str, int, int]:
        dag_id, *numbers = self.words
        given = [_number(text) for text in numbers]
        if len(given) == 2:
            return dag_id, given[0], given[1]
        page = dag_versions.list_page(backend(self), local_actor(), dag_id, 1, 0)
        newest = page.dag_versions[0].version_number if page.dag_versions else 1
        return dag_id, given[0] if given else max(1, newest - 1), newest


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise Misused(f"{text!r} is no version number; see `hubflow dags versions`")
    return int(text)


def _lines(found: DagVersionDiffDto) -> list[str]:
    lines = [f"{found.dag_id}, version {found.before} to {found.after}"]
    lines += [f"+ task {task_id}" for task_id in found.tasks_added]
    lines += [f"- task {task_id}" for task_id in found.tasks_removed]
    for task in found.tasks_changed:
        lines += [f"~ task {task.task_id}: {_change(field)}" for field in task.fields]
    lines += [f"~ {_change(field)}" for field in found.dag_changed]
    return lines


def _change(field: FieldChangeDto) -> str:
    return f"{field.name}: {field.before or 'nothing'} -> {field.after or 'nothing'}"
