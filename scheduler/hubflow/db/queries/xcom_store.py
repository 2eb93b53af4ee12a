"""XComs as task processes put and pull them. Values stay opaque bytes here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, delete, func, insert, select
from sqlalchemy.orm import Session

from hubflow.db import orm
from hubflow.questions import PullXCom, XComItem

_XCOM = orm.table(orm.XCom)
_INSERT = insert(_XCOM)
_DELETE = delete(_XCOM).where(
    (_XCOM.c.task_instance_id == bindparam("owner_")) & (_XCOM.c.key == bindparam("key_"))
)


def put(session: Session, items: Sequence[tuple[int, XComItem]], at: datetime) -> None:
    """Store values for task instances; an equal key is replaced."""
    if not items:
        return
    connection = session.connection()
    connection.execute(_DELETE, [{"owner_": owner, "key_": item.key} for owner, item in items])
    connection.execute(
        _INSERT,
        [
            {
                "task_instance_id": owner,
                "key": item.key,
                "encoding": item.encoding,
                "data": item.data,
                "text": item.text,
                "length": item.length,
                "at": at,
            }
            for owner, item in items
        ],
    )


def lengths(session: Session, owners: Sequence[int], key: str) -> dict[int, int | None]:
    """Return how many items the value of each task instance has; None if it is no collection."""
    rows = session.execute(
        select(_XCOM.c.task_instance_id, _XCOM.c.length).where(
            _XCOM.c.task_instance_id.in_(owners), _XCOM.c.key == key
        )
    )
    return {owner: length for owner, length in rows}


def pull(session: Session, wanted: PullXCom) -> list[dict[str, Any]]:
    """Return the newest value of each task instance that matches, newest first (SEMANTICS 5.1).

    Older ones are passed over in the database, and their data is not read.
    """
    age = (orm.DagRun.execution_date.desc(), orm.XCom.at.desc(), orm.XCom.id.desc())
    of_one = (orm.TaskInstance.task_id, orm.TaskInstance.map_index)
    ranked = (
        select(
            orm.XCom.id.label("xcom_id"),
            *of_one,
            func.row_number().over(partition_by=of_one, order_by=age).label("place"),
            func.row_number().over(order_by=age).label("place_of_all"),
        )
        .join(orm.TaskInstance, orm.XCom.task_instance_id == orm.TaskInstance.id)
        .join(orm.DagRun, orm.TaskInstance.dag_run_id == orm.DagRun.id)
        .join(orm.Dag, orm.DagRun.dag_id == orm.Dag.id)
        .where(*_conditions(wanted))
        .subquery()
    )
    rows = session.execute(
        select(ranked.c.task_id, ranked.c.map_index, orm.XCom.key, orm.XCom.encoding, orm.XCom.data)
        .join(ranked, orm.XCom.id == ranked.c.xcom_id)
        .where(ranked.c.place == 1)
        .order_by(ranked.c.place_of_all)
    )
    return [dict(row._mapping) for row in rows]


def _conditions(wanted: PullXCom) -> list[ColumnElement[bool]]:
    date = orm.DagRun.execution_date
    conditions = [
        orm.Dag.dag_id == wanted.dag_id,
        date <= wanted.execution_date
        if wanted.include_prior_dates
        else date == wanted.execution_date,
    ]
    if wanted.key is not None:
        conditions.append(orm.XCom.key == wanted.key)
    if wanted.task_ids is not None:
        conditions.append(orm.TaskInstance.task_id.in_(wanted.task_ids))
    if wanted.map_indexes is not None:
        conditions.append(orm.TaskInstance.map_index.in_(wanted.map_indexes))
    return conditions
