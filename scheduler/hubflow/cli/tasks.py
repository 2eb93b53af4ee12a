"""`hubflow tasks failed-deps`."""

from __future__ import annotations

from typing import Any

from hubflow.cli.base import ALIASES, HubflowApp
from hubflow.cli.local import backend, local_actor
from hubflow.cli.output import OUTPUT_ALIASES, OutputApp
from hubflow.errors import BadRequest
from hubflow.services import dag_runs, failed_deps


class FailedDepsApp(OutputApp):
    """Say why a task does not run: `hubflow tasks failed-deps DAG_ID TASK_ID RUN`.

    RUN is a run id or an execution date.
    """

    description = __doc__
    aliases = ALIASES | OUTPUT_ALIASES

    def run(self) -> None:
        if len(self.extra_args) != 3:
            raise BadRequest("name a DAG id, a task id, and a run id or an execution date")
        dag_id, task_id, name = self.extra_args
        services, actor = backend(self), local_actor()
        run_id = dag_runs.get_named(services, actor, dag_id, name).dag_run_id
        found = failed_deps.get(services, actor, dag_id, run_id, task_id).dependencies
        if found or self.output == "json":
            self.emit(found, ["name", "reason"])
        else:
            print(f"nothing keeps {task_id} from running")


class TasksApp(HubflowApp):
    """Say why a task does not run."""

    description = __doc__
    subcommands: dict[str, Any] = {"failed-deps": (FailedDepsApp, FailedDepsApp.__doc__)}
