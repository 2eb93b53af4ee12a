"""What parsing a DAG file writes: its text, its DAGs, their versions, or why it is broken."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from hubflow.db import orm
from hubflow.db.queries import event_store, run_moves
from hubflow.serialization.model import SerializedDag

_OWNERS_LENGTH = 2000
_TEXT_LENGTH = 250


class SourceText(NamedTuple):
    """The text of a DAG file and its sha256."""

    text: str
    sha256: str


class DagToStore(NamedTuple):
    """A parsed DAG: `data` is ``dag`` as JSON, `hash` that of its meaning."""

    dag: SerializedDag
    hash: str
    data: bytes


class Reads(NamedTuple):
    """What a file read while it was imported, as `variable:KEY` and `connection:ID`, and the
    newest event before it did."""

    names: frozenset[str]
    since: int


class KnownFile(NamedTuple):
    """A file as it was last seen; `sha256` is None once it is gone, or if it has no DAGs."""

    path: str
    sha256: str | None
    is_broken: bool
    parsed_at: datetime | None
    reads: Reads | None = None


def list_known(session: Session) -> list[KnownFile]:
    """Return every DAG file that was ever stored."""
    failure = orm.ImportFailure
    rows = session.execute(
        select(
            orm.DagFile.path,
            orm.Source.sha256,
            failure.id,
            orm.DagFile.parsed_at,
            orm.DagFile.reads,
        )
        .outerjoin(orm.Source, orm.Source.id == orm.DagFile.source_id)
        .outerjoin(failure, failure.dag_file_id == orm.DagFile.id)
    )
    return [
        KnownFile(
            path,
            sha256,
            failure_id is not None,
            parsed_at,
            reads and Reads(frozenset(reads["names"]), reads["since"]),
        )
        for path, sha256, failure_id, parsed_at, reads in rows
    ]


def find_claims(session: Session, path: str, dag_ids: Collection[str]) -> dict[str, str]:
    """Return which of these DAG ids belong to another file, and to which."""
    rows = session.execute(
        select(orm.Dag.dag_id, orm.DagFile.path)
        .join(orm.DagFile, orm.DagFile.id == orm.Dag.dag_file_id)
        .where(orm.Dag.dag_id.in_(dag_ids), orm.Dag.is_active, orm.DagFile.path != path)
        .order_by(orm.Dag.dag_id)
    )
    return {dag_id: other for dag_id, other in rows}


def store_dags(
    session: Session,
    path: str,
    source: SourceText,
    dags: Sequence[DagToStore],
    *,
    are_paused_at_creation: bool,
    duration_ms: int,
    at: datetime,
    reads: Reads | None = None,
) -> int:
    """Store what a file holds now; DAGs that it no longer holds become inactive.

    A version is added only for a meaning that this DAG never had. Returns the number of events.
    """
    file, is_new = _file(session, path, source, at, duration_ms, reads)
    events = 0 if is_new else _mend(session, file, at)
    for found in dags:
        events += _store_dag(session, file, found, are_paused_at_creation, at)
    if is_new:
        return events
    return events + _retire(session, file, [found.dag.dag_id for found in dags], at)


def store_failure(
    session: Session,
    path: str,
    source: SourceText,
    *,
    message: str,
    stacktrace: str,
    line: int | None,
    duration_ms: int,
    at: datetime,
    reads: Reads | None = None,
) -> None:
    """Record why a file cannot be imported; DAGs that it had before stay as they are."""
    file, _ = _file(session, path, source, at, duration_ms, reads)
    failure = session.scalar(
        select(orm.ImportFailure).where(orm.ImportFailure.dag_file_id == file.id)
    )
    if failure is None:
        failure = orm.ImportFailure(dag_file_id=file.id)
        session.add(failure)
    failure.message, failure.stacktrace, failure.line, failure.at = message, stacktrace, line, at
    session.flush()
    _import_event(session, path, broken=True, at=at)


def remove_file(session: Session, path: str, at: datetime) -> int:
    """Make the DAGs of a file that is gone inactive; runs that are active go on.

    Returns the number of events.
    """
    file = session.scalar(select(orm.DagFile).where(orm.DagFile.path == path))
    if file is None:
        return 0
    events = _mend(session, file, at) + _retire(session, file, [], at)
    file.source_id = file.reads = None
    if session.scalar(select(orm.Dag.id).where(orm.Dag.dag_file_id == file.id).limit(1)) is None:
        session.delete(file)
    return events


def forget_history(session: Session, dag: orm.Dag) -> None:
    """Delete the runs of a DAG and what else happened to it; it starts paused again."""
    session.flush()
    run_moves.release_children(session, orm.DagRun.dag_id == dag.id)
    for entity in (orm.DagRun, orm.Backfill, orm.SlaMiss):
        session.execute(delete(entity).where(entity.dag_id == dag.id))
    version = orm.DagVersion
    session.execute(delete(version).where(version.dag_id == dag.id, version.id != dag.version_id))
    dag.last_run_id, dag.is_paused = None, True


def delete_dag(session: Session, dag: orm.Dag) -> None:
    """Delete a DAG that no file defines any more."""
    forget_history(session, dag)
    session.flush()
    session.execute(delete(orm.Dag).where(orm.Dag.id == dag.id))
    session.expunge(dag)


def _file(
    session: Session,
    path: str,
    source: SourceText,
    at: datetime,
    duration_ms: int,
    reads: Reads | None,
) -> tuple[orm.DagFile, bool]:
    """Return the row of a file as it is now, and whether there was none before."""
    source_id = _source_id(session, source)
    found = session.scalar(select(orm.DagFile).where(orm.DagFile.path == path))
    file = found or orm.DagFile(path=path)
    file.source_id = source_id
    file.parsed_at = at
    file.parse_duration_ms = duration_ms
    file.reads = reads and {"names": sorted(reads.names), "since": reads.since}
    session.add(file)
    session.flush()
    return file, found is None


def _source_id(session: Session, source: SourceText) -> int:
    found = session.scalar(select(orm.Source.id).where(orm.Source.sha256 == source.sha256))
    if found is not None:
        return found
    row = orm.Source(sha256=source.sha256, text=source.text)
    session.add(row)
    session.flush()
    return row.id


def _store_dag(
    session: Session,
    file: orm.DagFile,
    found: DagToStore,
    are_paused_at_creation: bool,
    at: datetime,
) -> int:
    row = session.scalar(select(orm.Dag).where(orm.Dag.dag_id == found.dag.dag_id))
    if row is None:
        row, change = _new_dag(session, file, found.dag, are_paused_at_creation, at), "added"
        version_id = _add_version(session, row, file, found, 1, at)
    else:
        change = "changed" if row.is_active else "added"
        version_id = _version_id(session, row, file, found, at)
        if change == "changed" and row.version_id == version_id and row.dag_file_id == file.id:
            return 0
    row.change_id = _dag_event(session, row.dag_id, change, at)
    _describe(row, found.dag)
    row.dag_file_id, row.version_id, row.is_active = file.id, version_id, True
    return 1


def _new_dag(
    session: Session, file: orm.DagFile, dag: SerializedDag, is_paused: bool, at: datetime
) -> orm.Dag:
    # The task that runs a sub-DAG waits if its own DAG is paused: that is enough.
    asked = False if dag.parent_dag_id is not None else dag.is_paused_upon_creation
    row = orm.Dag(
        dag_id=dag.dag_id,
        dag_file_id=file.id,
        is_paused=is_paused if asked is None else asked,
        created_at=at,
    )
    session.add(row)
    session.flush()
    return row


def _describe(row: orm.Dag, dag: SerializedDag) -> None:
    """Copy what lists show and filter by."""
    row.display_name, row.description = dag.display_name, dag.description
    row.owners = ", ".join(dag.owners)[:_OWNERS_LENGTH]
    row.tags = list(dag.tags)
    row.schedule_text = None if dag.schedule.text is None else dag.schedule.text[:_TEXT_LENGTH]
    row.timezone = dag.schedule.timezone
    row.max_active_runs = dag.max_active_runs
    row.keep_days, row.keep_runs = dag.keep_days, dag.keep_runs
    runs_one_notebook = len(dag.tasks) == 1 and dag.tasks[0].notebook is not None
    row.kind = "notebook" if runs_one_notebook else "dag"
    if dag.parent_dag_id is not None:
        row.kind = orm.SUBDAG


def _version_id(
    session: Session, row: orm.Dag, file: orm.DagFile, found: DagToStore, at: datetime
) -> int:
    """Return the version with this meaning, adding it if the DAG never had it."""
    version = orm.DagVersion
    same = session.scalar(
        select(version.id).where(version.dag_id == row.id, version.hash == found.hash)
    )
    if same is not None:
        return same
    newest = session.scalar(select(func.max(version.number)).where(version.dag_id == row.id))
    return _add_version(session, row, file, found, (newest or 0) + 1, at)


def _add_version(
    session: Session, row: orm.Dag, file: orm.DagFile, found: DagToStore, number: int, at: datetime
) -> int:
    added = orm.DagVersion(
        dag_id=row.id,
        number=number,
        hash=found.hash,
        data=found.data,
        source_id=file.source_id,
        created_at=at,
    )
    session.add(added)
    session.flush()
    return added.id


def _retire(session: Session, file: orm.DagFile, kept: Collection[str], at: datetime) -> int:
    """Make DAGs inactive that their file holds no longer."""
    session.flush()
    gone = session.scalars(
        select(orm.Dag)
        .where(orm.Dag.dag_file_id == file.id, orm.Dag.is_active, orm.Dag.dag_id.not_in(kept))
        .order_by(orm.Dag.dag_id)
    ).all()
    for row in gone:
        row.is_active = False
        row.change_id = _dag_event(session, row.dag_id, "removed", at)
    return len(gone)


def _mend(session: Session, file: orm.DagFile, at: datetime) -> int:
    """Forget that the file was broken, if it was."""
    failure = orm.ImportFailure
    found = session.scalar(select(failure.id).where(failure.dag_file_id == file.id))
    if found is None:
        return 0
    session.execute(delete(failure).where(failure.id == found))
    _import_event(session, file.path, broken=False, at=at)
    return 1


def _dag_event(session: Session, dag_id: str, change: str, at: datetime) -> int:
    data: dict[str, Any] = {"dag_id": dag_id, "change": change}
    return event_store.append(session, "dag", dag_id, data, at)


def _import_event(session: Session, path: str, *, broken: bool, at: datetime) -> None:
    event_store.append(session, "import", None, {"path": path, "broken": broken}, at)
