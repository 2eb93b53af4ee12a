"""XComs as task processes put and pull them. Values stay opaque bytes here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    bindparam,
    delete,
    func,
    insert,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from hubflow.db import orm
from hubflow.db.orm.xcom import WITH_ITS_RUN
from hubflow.questions import DeleteXCom, PullXCom, XComItem

_XCOM = orm.table(orm.XCom)
_INSERT = insert(_XCOM)
_DELETE = delete(_XCOM).where(
    (_XCOM.c.task_instance_id == bindparam("owner_"))
    & (_XCOM.c.key == bindparam("key_"))
    & (_XCOM.c.visible_from == bindparam("visible_from_"))
)


def put(
    session: Session,
    items: Sequence[tuple[int, XComItem]],
    at: datetime,
    visible_from: datetime = WITH_ITS_RUN,
) -> None:
    """Store values for task instances; one with an equal key and date is replaced."""
    if not items:
        return
    connection = session.connection()
    connection.execute(
        _DELETE,
        [
            {"owner_": owner, "key_": item.key, "visible_from_": visible_from}
            for owner, item in items
        ],
    )
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
                "visible_from": visible_from,
            }
            for owner, item in items
        ],
    )


def lengths(session: Session, owners: Sequence[int], key: str) -> dict[int, int | None]:
    """Return how many items the value of each task instance has; None if it is no collection."""
    rows = session.execute(
        select(_XCOM.c.task_instance_id, _XCOM.c.length).where(
            _XCOM.c.task_instance_id.in_(owners),
            _XCOM.c.key == key,
            _XCOM.c.visible_from == WITH_ITS_RUN,
        )
    )
    return {owner: length for owner, length in rows}


def delete_value(session: Session, dag_key: int, wanted: DeleteXCom) -> None:
    """Delete a value of a DAG; nothing happens if there is none."""
    query = PullXCom(
        dag_id="",
        execution_date=wanted.execution_date,
        task_ids=[wanted.task_id],
        key=wanted.key,
        map_indexes=[wanted.map_index],
    )
    candidates = _candidates(query, orm.DagRun.dag_id == dag_key).subquery()
    session.execute(
        delete(orm.XCom).where(orm.XCom.id.in_(session.scalars(select(candidates.c.xcom_id)).all()))
    )


def pull(session: Session, wanted: PullXCom) -> list[dict[str, Any]]:
    """Return the newest value of each task instance that matches, newest first (SEMANTICS 5.1).

    Older ones are passed over in the database, and their data is not read. With a limit, all that
    match are returned up to there.
    """
    dag_key = select(orm.Dag.id).where(orm.Dag.dag_id == wanted.dag_id).scalar_subquery()
    found = _candidates(wanted, orm.DagRun.dag_id == dag_key).subquery()
    age = (found.c.execution_date.desc(), found.c.at.desc(), found.c.xcom_id.desc())
    ranked = select(
        found,
        func.row_number()
        .over(partition_by=(found.c.task_id, found.c.map_index), order_by=age)
        .label("place"),
        func.row_number().over(order_by=age).label("place_of_all"),
    ).subquery()
    query = (
        select(
            ranked.c.task_id,
            ranked.c.map_index,
            ranked.c.execution_date,
            ranked.c.at,
            orm.XCom.key,
            orm.XCom.encoding,
            orm.XCom.data,
        )
        .join(ranked, orm.XCom.id == ranked.c.xcom_id)
        .order_by(ranked.c.place_of_all)
    )
    if wanted.limit is None:
        query = query.where(ranked.c.place == 1)
    else:
        query = query.where(ranked.c.place_of_all <= wanted.limit)
    return [dict(row._mapping) for row in session.execute(query)]


def _candidates(wanted: PullXCom, in_dag: ColumnElement[bool]) -> Any:
    """Return the values that match by their run, and the few that match by their own date."""
    of_run, of_their_own = orm.DagRun.execution_date, orm.XCom.visible_from
    return union_all(
        _dated(wanted, of_run).where(in_dag, of_their_own == WITH_ITS_RUN),
        _dated(wanted, of_their_own).where(in_dag, of_their_own > WITH_ITS_RUN),
    )


def _dated(wanted: PullXCom, date: Any) -> Select[Any]:
    conditions = [
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
    return (
        select(
            orm.XCom.id.label("xcom_id"),
            orm.TaskInstance.task_id,
            orm.TaskInstance.map_index,
            date.label("execution_date"),
            orm.XCom.at,
        )
        .join(orm.TaskInstance, orm.XCom.task_instance_id == orm.TaskInstance.id)
        .join(orm.DagRun, orm.TaskInstance.dag_run_id == orm.DagRun.id)
        .where(*conditions)
    )
