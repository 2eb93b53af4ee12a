"""What templates of mails see beside the facts of an alert: `ti`, `task`, `dag`, `dag_run`, `ds`…

All of it is read from the database, under Airflow's names (SEMANTICS 4). What would take user code
or a key is not there: XComs, variables, connections, macros.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from hubflow import tasklog
from hubflow.clock import isoformat
from hubflow.db import orm
from hubflow.db.queries import task_instances
from hubflow.serialization.decode import decode
from hubflow.serialization.model import SerializedDag, SerializedTask


class Moment(datetime):
    """An instant that is written in ISO 8601: `2026-11-22T06:00:00+00:00`."""

    def __str__(self) -> str:
        return self.isoformat()


@dataclass(frozen=True, kw_only=True)
class MailDag:
    dag_id: str
    owner: str = ""
    description: str | None = None
    doc_md: str | None = None
    tags: tuple[str, ...] = ()
    schedule_interval: str | None = None
    timezone: str = "UTC"
    fileloc: str = ""
    """Relative to the DAG folder."""
    params: Mapping[str, Any] = field(default_factory=dict)
    task_ids: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"<DAG: {self.dag_id}>"


@dataclass(frozen=True, kw_only=True)
class MailTask:
    task_id: str
    dag: MailDag
    owner: str = ""
    task_type: str = ""
    email: tuple[str, ...] = ()
    retries: int = 0
    retry_delay: timedelta = timedelta()
    trigger_rule: str = ""
    pool: str = ""
    queue: str = ""
    description: str | None = None
    doc_md: str | None = None
    downstream_task_ids: tuple[str, ...] = ()

    @property
    def dag_id(self) -> str:
        return self.dag.dag_id

    def __str__(self) -> str:
        return f"<Task({self.task_type}): {self.task_id}>"


@dataclass(frozen=True, kw_only=True)
class MailRun:
    dag_id: str
    run_id: str
    execution_date: Moment
    logical_date: Moment
    data_interval_start: Moment
    data_interval_end: Moment
    run_type: str
    external_trigger: bool
    state: str
    start_date: Moment | None
    end_date: Moment | None
    conf: Mapping[str, Any]
    note: str | None

    def __str__(self) -> str:
        return f"<DagRun {self.dag_id} @ {self.execution_date}: {self.run_id}>"


@dataclass(frozen=True, kw_only=True)
class MailInstance:
    """The try that a mail is about, and its addresses on the Hub's page."""

    task: MailTask
    dag_run: MailRun
    state: str
    try_number: int
    max_tries: int
    map_index: int
    hostname: str
    log_filepath: str
    log_url: str
    mark_success_url: str
    pid: int | None = None
    queued_dttm: Moment | None = None
    start_date: Moment | None = None
    end_date: Moment | None = None

    @property
    def dag_id(self) -> str:
        return self.dag_run.dag_id

    @property
    def task_id(self) -> str:
        return self.task.task_id

    @property
    def run_id(self) -> str:
        return self.dag_run.run_id

    @property
    def execution_date(self) -> Moment:
        return self.dag_run.execution_date

    @property
    def logical_date(self) -> Moment:
        return self.dag_run.execution_date

    @property
    def operator(self) -> str:
        return self.task.task_type

    @property
    def duration(self) -> float | None:
        """Seconds that the try took."""
        if self.start_date is None or self.end_date is None:
            return None
        return (self.end_date - self.start_date).total_seconds()

    def __str__(self) -> str:
        mapped = f" map_index={self.map_index}" if self.map_index >= 0 else ""
        name = f"{self.dag_id}.{self.task_id} {self.execution_date}{mapped}"
        return f"<TaskInstance: {name} [{self.state}]>"


def mail_context(session: Session, alert: orm.Alert, public_url: str) -> dict[str, Any]:
    """Return what a template may name in a mail about the end of a try."""
    run = session.get_one(orm.DagRun, alert.dag_run_id)
    facts = alert.data["facts"]
    dag = _dag(session, run, facts["dag_id"])
    mail_dag = _mail_dag(dag, facts)
    dag_run = _mail_run(run, facts["dag_id"])
    task = _mail_task(dag, mail_dag, facts)
    ti = _mail_instance(session, alert, task, dag_run, public_url)
    at = dag_run.execution_date
    return {
        "dag": mail_dag,
        "task": task,
        "dag_run": dag_run,
        "ti": ti,
        "task_instance": ti,
        "run_id": run.run_id,
        "params": {**mail_dag.params, **dag_run.conf},
        "execution_date": at,
        "logical_date": at,
        "data_interval_start": dag_run.data_interval_start,
        "data_interval_end": dag_run.data_interval_end,
        "ds": f"{at:%Y-%m-%d}",
        "ds_nodash": f"{at:%Y%m%d}",
        "ts": str(at),
        "ts_nodash": f"{at:%Y%m%dT%H%M%S}",
    }


def _dag(session: Session, run: orm.DagRun, dag_id: str) -> SerializedDag:
    version = session.get(orm.DagVersion, run.dag_version_id) if run.dag_version_id else None
    return decode(version.data) if version else SerializedDag(dag_id=dag_id, path="")


def _mail_dag(dag: SerializedDag, facts: Mapping[str, Any]) -> MailDag:
    return MailDag(
        dag_id=dag.dag_id,
        owner=", ".join(dag.owners) or facts.get("owner", ""),
        description=dag.description,
        doc_md=dag.doc_md,
        tags=dag.tags,
        schedule_interval=dag.schedule.text,
        timezone=dag.schedule.timezone,
        fileloc=dag.path,
        params=dag.params,
        task_ids=tuple(task.task_id for task in dag.tasks),
    )


def _mail_task(dag: SerializedDag, mail_dag: MailDag, facts: Mapping[str, Any]) -> MailTask:
    task_id, owner = facts["task_id"], facts.get("owner", "")
    fallback = SerializedTask(task_id=task_id, operator="", owner=owner)
    task = next((task for task in dag.tasks if task.task_id == task_id), fallback)
    return MailTask(
        task_id=task_id,
        dag=mail_dag,
        owner=task.owner,
        task_type=task.operator,
        email=task.email,
        retries=task.retries,
        retry_delay=timedelta(seconds=task.retry_delay_s),
        trigger_rule=task.trigger_rule,
        pool=task.pool,
        queue=task.queue,
        description=task.description,
        doc_md=task.doc,
        downstream_task_ids=task.downstream,
    )


def _mail_run(run: orm.DagRun, dag_id: str) -> MailRun:
    return MailRun(
        dag_id=dag_id,
        run_id=run.run_id,
        execution_date=_moment(run.execution_date),
        logical_date=_moment(run.execution_date),
        data_interval_start=_moment(run.data_interval_start),
        data_interval_end=_moment(run.data_interval_end),
        run_type=run.run_type,
        external_trigger=run.external_trigger,
        state=run.state,
        start_date=_maybe(run.start_date),
        end_date=_maybe(run.end_date),
        conf=dict(run.conf or {}),
        note=run.note,
    )


def _mail_instance(
    session: Session, alert: orm.Alert, task: MailTask, dag_run: MailRun, public_url: str
) -> MailInstance:
    facts, number = alert.data["facts"], alert.data["facts"]["try_number"]
    # The instance itself may be on a later try by now.
    row = session.get(orm.TaskInstance, alert.task_instance_id) if alert.task_instance_id else None
    tried = task_instances.find_try(session, row, number) if row else None
    map_index = facts.get("map_index", -1)
    links = tasklog.links(
        public_url, dag_run.dag_id, dag_run.run_id, task.task_id, number, map_index
    )
    return MailInstance(
        task=task,
        dag_run=dag_run,
        state=facts["state"],
        try_number=number,
        max_tries=facts["max_tries"],
        map_index=map_index,
        hostname=facts["hostname"] or "",
        log_filepath=facts["log_path"],
        log_url=links["log_url"],
        mark_success_url=links["mark_success_url"],
        pid=tried.pid if tried else None,
        queued_dttm=_maybe(tried.queued_at) if tried else None,
        start_date=_maybe(tried.start_date) if tried else None,
        end_date=_maybe(tried.end_date) if tried else None,
    )


def _moment(at: datetime) -> Moment:
    return Moment.fromisoformat(isoformat(at))


def _maybe(at: datetime | None) -> Moment | None:
    return None if at is None else _moment(at)
