"""Start a rehearsal of a DAG that the database knows: `hubflow dags test`, `hubflow tasks test`."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from hubflow.cli import rehearse
from hubflow.cli.arguments import PAGE, pages
from hubflow.cli.base import HubflowApp
from hubflow.cli.local import backend, local_actor
from hubflow.cli.rehearse import Order
from hubflow.clock import utcnow
from hubflow.config import Dags
from hubflow.db.queries.dags import DagFilter
from hubflow.execution.messages import Request
from hubflow.questions import Question
from hubflow.services import dags, for_tasks, views


class Rehearsal(NamedTuple):
    """What to rehearse: a whole DAG, or one task, whose fields may only be rendered."""

    dag_id: str
    execution_date: datetime | None
    conf: dict[str, Any]
    task_id: str | None = None
    map_index: int = -1
    renders: bool = False


def rehearsed(app: HubflowApp, wanted: Rehearsal) -> int:
    """Run it in a child process and return its exit status. Raises DagNotFound, TaskNotFound."""
    services, actor = backend(app), local_actor()
    source = views.source(services, actor, wanted.dag_id, None)
    # A task may run another DAG, and the child process has no database to find it in.
    others = pages(lambda at: dags.list_page(services, actor, DagFilter(), PAGE, at).dags)
    app.database.dispose()

    def answer(question: Question) -> Any:
        return for_tasks.answer(services, Request(id=0, body=question))

    order = Order(
        home=str(app.core.paths.home),
        path=source.path,
        dag_id=wanted.dag_id,
        execution_date=wanted.execution_date or utcnow(),
        conf=wanted.conf,
        paths={other.dag_id: other.fileloc for other in others},
        task_id=wanted.task_id,
        map_index=wanted.map_index,
        renders=wanted.renders,
    )
    return rehearse.run(order, Dags(config=app.config), answer)
