"""Which task instance a command means."""

from __future__ import annotations

from traitlets import Int

from hubflow.cli.base import HubflowApp
from hubflow.cli.local import backend, local_actor
from hubflow.services import dag_runs

RUN = "a run id or execution date"


class OfInstance(HubflowApp):
    """Base of commands about one task in a run, or one instance of it if it is mapped."""

    map_index = Int(None, allow_none=True, help="Which instance of a mapped task.").tag(config=True)


MAP_INDEX = {"map-index": "OfInstance.map_index"}


def run_id(app: HubflowApp, dag_id: str, text: str) -> str:
    """Return the id of the run that ``text`` names by its id or its execution date."""
    return dag_runs.get_named(backend(app), local_actor(), dag_id, text).dag_run_id
