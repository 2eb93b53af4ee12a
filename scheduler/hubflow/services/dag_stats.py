"""How many runs DAGs have in each state, and what is odd about their definitions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from hubflow.db import orm
from hubflow.db.queries import dag_counts, dags
from hubflow.db.queries import pools as pool_queries
from hubflow.db.queries.dags import DagFilter
from hubflow.rules.limits import pool_obstacle
from hubflow.serialization.model import SerializedDag
from hubflow.services.access import Actor, Permission
from hubflow.services.changes import checked_order
from hubflow.services.dto.stable import (
    DagStatDto,
    DagStatsDto,
    DagWarningDto,
    DagWarningsDto,
    StateCountDto,
)
from hubflow.services.unit import Backend, reading
from hubflow.states import RunState

DEFINITION, NO_POOL, SMALL_POOL = "definition", "non-existent pool", "insufficient pool"
WARNING_ORDERS = ("dag_id", "warning_type", "message", "timestamp")
MOST_DAGS = 100_000


def stats(backend: Backend, actor: Actor, dag_ids: Sequence[str]) -> DagStatsDto:
    """Return the counts of these DAGs, of all active ones if none is named; unknown ones miss."""
    with reading(backend, actor, Permission.DAGS_READ) as session:
        counts = dag_counts.runs_by_state(session, dag_ids)
    found = [
        DagStatDto(
            dag_id=dag_id,
            stats=[StateCountDto(state=state, count=of.get(state, 0)) for state in RunState],
        )
        for dag_id, of in sorted(counts.items())
    ]
    return DagStatsDto(dags=found, total_entries=len(found))


def warnings(
    backend: Backend,
    actor: Actor,
    dag_id: str | None,
    warning_type: str | None,
    limit: int,
    offset: int,
    order_by: str = "dag_id",
) -> DagWarningsDto:
    """Return a page of warnings, by default by DAG. Raises BadRequest."""
    field = checked_order(order_by, WARNING_ORDERS).removeprefix("-")
    with reading(backend, actor, Permission.DAGS_READ) as session:
        if dag_id is None:
            rows = [row.dag for row in dags.list_page(session, DagFilter(), limit=MOST_DAGS)]
        else:
            rows = [found] if (found := dags.find(session, dag_id)) else []
        everything = _warnings(backend, session, rows)
    chosen = [one for one in everything if warning_type in (None, one.warning_type)]
    chosen.sort(key=lambda one: getattr(one, field), reverse=order_by.startswith("-"))
    return DagWarningsDto(dag_warnings=chosen[offset : offset + limit], total_entries=len(chosen))


def _warnings(backend: Backend, session: Session, rows: Sequence[orm.Dag]) -> list[DagWarningDto]:
    pools = pool_queries.sizes(session)
    found: list[DagWarningDto] = []
    versions = backend.versions.get_many(session, [row.version_id for row in rows])
    for row in rows:
        version = versions.get(row.version_id or 0)
        for kind, message in _of(version, pools) if version else ():
            found.append(
                DagWarningDto(
                    dag_id=row.dag_id,
                    warning_type=kind,
                    message=message,
                    timestamp=dag_counts.version_date(session, row),
                )
            )
    return found


def _of(dag: SerializedDag, pools: Mapping[str, int]) -> list[tuple[str, str]]:
    found = [(DEFINITION, text) for text in dag.warnings]
    for name, needed in sorted({(task.pool, task.pool_slots) for task in dag.tasks}):
        slots = pools.get(name)
        if (why := pool_obstacle(name, needed, slots)) is not None:
            found.append((NO_POOL if slots is None else SMALL_POOL, why))
    return list(dict.fromkeys(found))
