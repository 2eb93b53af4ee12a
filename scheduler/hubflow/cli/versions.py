"""`hubflow dags versions` and `hubflow dags diff`."""

from __future__ import annotations

from traitlets import Int

from hubflow.cli.base import ALIASES
from hubflow.cli.local import backend, local_actor
from hubflow.cli.options import Misused
from hubflow.cli.output import OUTPUT_ALIASES, OutputApp
from hubflow.services import dag_versions
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
        if self.output == "json":
            self.emit([found], [])
            return
        print("\n".join(_lines(found)))
        print(found.source_diff, end="")

    def _names(self) -> tuple[str, int, int]:
        dag_id, *numbers = self.words
        for number in numbers:
            if not number.isdecimal():
                raise Misused(f"{number!r} is no version number; see `hubflow dags versions`")
        if len(numbers) == 2:
            return dag_id, int(numbers[0]), int(numbers[1])
        page = dag_versions.list_page(backend(self), local_actor(), dag_id, 1, 0)
        newest = page.dag_versions[0].version_number if page.dag_versions else 1
        return dag_id, int(numbers[0]) if numbers else max(1, newest - 1), newest


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
