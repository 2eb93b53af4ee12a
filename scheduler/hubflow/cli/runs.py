"""`hubflow runs list`."""

from __future__ import annotations

from typing import Any

from traitlets import Int, Unicode

from hubflow.cli.base import ALIASES, HubflowApp
from hubflow.cli.local import backend, local_actor
from hubflow.cli.output import OUTPUT_ALIASES, OutputApp
from hubflow.errors import BadRequest
from hubflow.services import dag_runs
from hubflow.states import RunState


class ListApp(OutputApp):
    """List runs, newest first: of one DAG (`hubflow runs list DAG_ID`) or of all."""

    description = __doc__
    aliases = {
        **ALIASES,
        **OUTPUT_ALIASES,
        "state": "ListApp.state",
        "limit": "ListApp.limit",
    }
    state = Unicode("", help="Only runs in this state.").tag(config=True)
    limit = Int(25, min=1, max=1000, help="How many runs at most.").tag(config=True)

    def run(self) -> None:
        if len(self.extra_args) > 1:
            raise BadRequest("name one DAG id, or none for all DAGs")
        if self.state and self.state not in set(RunState):
            raise BadRequest(f"no run is ever {self.state!r}; states are {', '.join(RunState)}")
        page = dag_runs.list_page(
            backend(self),
            local_actor(),
            self.extra_args[0] if self.extra_args else dag_runs.ANY_DAG,
            states=[RunState(self.state)] if self.state else [],
            order_by="-id",
            limit=self.limit,
        )
        self.emit(
            page.dag_runs,
            ["dag_id", "dag_run_id", "state", "execution_date", "start_date", "end_date"],
        )


class RunsApp(HubflowApp):
    """List DAG runs."""

    description = __doc__
    subcommands: dict[str, Any] = {"list": (ListApp, ListApp.__doc__)}
