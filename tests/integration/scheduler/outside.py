"""What people do, through the services, on the database of a stage."""

from __future__ import annotations

from typing import Any

from hubflow.serialization.model import SerializedDag
from hubflow.services import clearing, dag_runs, marking, run_task
from hubflow.services.access import ALL, Actor
from hubflow.services.dto import (
    ClearDagRun,
    ClearTaskInstances,
    DagRunDto,
    PatchDagRun,
    RunTask,
    TaskInstanceDto,
    TouchedDto,
    UpdateTaskInstancesState,
)
from hubflow.services.unit import Backend
from integration.scheduler.stage import Stage, chain

ADA = Actor("ada", ALL)
RUN = "manual"


class Outside:
    """The services, for one DAG."""

    def __init__(self, stage: Stage, dag_id: str = "line") -> None:
        self.backend = Backend(stage.database, stage.paths)
        self.dag_id = dag_id

    def clear(self, *task_ids: str, **options: Any) -> TouchedDto:
        values: dict[str, Any] = {"dag_run_id": RUN, "dry_run": False, "only_failed": False}
        if task_ids:
            values["task_ids"] = list(task_ids)
        body = ClearTaskInstances(**{**values, **options})
        return clearing.clear(self.backend, ADA, self.dag_id, body)

    def clear_run(self, run_id: str = RUN, **options: Any) -> TouchedDto:
        body = ClearDagRun(**{"dry_run": False, **options})
        return clearing.clear_run(self.backend, ADA, self.dag_id, run_id, body)

    def mark(self, task_id: str, state: Any, **options: Any) -> TouchedDto:
        values: dict[str, Any] = {"dag_run_id": RUN, "dry_run": False, **options}
        body = UpdateTaskInstancesState(task_id=task_id, new_state=state, **values)
        return marking.mark_tasks(self.backend, ADA, self.dag_id, body)

    def mark_run(self, state: Any, run_id: str = RUN) -> DagRunDto:
        return marking.mark_run(self.backend, ADA, self.dag_id, run_id, PatchDagRun(state=state))

    def run_now(self, task_id: str, **options: Any) -> TaskInstanceDto:
        body = RunTask(**options)
        return run_task.run_now(self.backend, ADA, self.dag_id, RUN, task_id, body)

    def delete_run(self, run_id: str = RUN) -> None:
        dag_runs.delete(self.backend, ADA, self.dag_id, run_id)


def line(count: int, **tasks: Any) -> SerializedDag:
    return SerializedDag(dag_id="line", path="line.py", tasks=chain(count, **tasks))
