"""Which task instance a command means."""

from __future__ import annotations

from traitlets import Int

from hubflow.cli.base import HubflowApp
from hubflow.cli.local import backend, local_actor
from hubflow.cli.options import Misused
from hubflow.db.queries.instance_search import InstanceFilter
from hubflow.services import dag_runs, task_instances

RUN = "a run id or execution date"


class OfInstance(HubflowApp):
    """Base of commands about one task in a run, or one instance of it if it is mapped."""

    map_index = Int(None, allow_none=True, help="Which instance of a mapped task.").tag(config=True)

    def one_index(self, dag_id: str, run: str, task_id: str) -> int | None:
        """Return the map index that is meant; raises Misused if a task has several and none is."""
        if self.map_index is None:
            wanted = InstanceFilter(task_ids=[task_id])
            found = task_instances.list_page(
                backend(self), local_actor(), dag_id, run, 1, 0, wanted=wanted
            )
            if found.total_entries > 1:
                raise Misused(
                    f"{task_id} has {found.total_entries} instances in this run: say which with "
                    "--map-index"
                )
        return self.map_index


MAP_INDEX = {"map-index": "OfInstance.map_index"}


def run_id(app: HubflowApp, dag_id: str, text: str) -> str:
    """Return the id of the run that ``text`` names by its id or its execution date."""
    return dag_runs.get_named(backend(app), local_actor(), dag_id, text).dag_run_id
