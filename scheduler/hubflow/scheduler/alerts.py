"""What people are to be told: mails and callbacks of DAGs, stored with what caused them.

An alert is a row, written in the transaction that made it necessary. Mails are sent by `mailer`
after the commit; callbacks are user code, so the worker calls them in a process of their own.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

import msgspec
from sqlalchemy.orm import Session

from hubflow.clock import isoformat
from hubflow.db import orm
from hubflow.db.queries import alert_store, sla_store
from hubflow.execution.messages import Callback, Finished, InstanceFacts, Launch, TryKey
from hubflow.executors.base import Report
from hubflow.rules.alerts import mail_reason
from hubflow.scheduler.active_runs import Node, RunGraph
from hubflow.scheduler.changes import Changes
from hubflow.scheduler.dispatch import launch
from hubflow.scheduler.world import World
from hubflow.states import RunReason, RunState, TaskEvent, TaskState
from hubflow.tasklog import callback_path

CALLBACK_TIMEOUT_S = 600.0
"""A callback that takes longer is ended: it holds a slot of the worker."""
_NEVER = datetime.min.replace(tzinfo=UTC)
_TASK_CALLBACKS = {
    TaskEvent.FAILED: "task_on_failure",
    TaskEvent.FAILED_WILL_RETRY: "task_on_retry",
}


def try_ended(changes: Changes, node: Node, event: TaskEvent, report: Finished) -> None:
    """Mail whoever the author wants to hear of this failure or retry.

    Callbacks of a task run at the end of its own process; where that ended too early, they are
    called in another.
    """
    task = node.task
    name = _TASK_CALLBACKS.get(event)
    if name in task.callbacks and not report.has_called_back:
        changes.alerts.append(_callback(node, name, event, {"error": report.error}))
    reason = mail_reason(
        event,
        has_recipients=bool(task.email),
        on_failure=task.email_on_failure,
        on_retry=task.email_on_retry,
    )
    if reason is not None:
        facts = _facts(node, report)
        changes.alerts.append(_alert(alert_store.MAIL, reason, node, to=task.email, facts=facts))


def callback_failed(changes: Changes, node: Node, error: str) -> None:
    """Show that a callback raised which the task's own process called."""
    facts = {"task_id": node.task.task_id}
    alert = _alert(alert_store.CALLBACK, "task_callback", node, facts=facts)
    changes.alerts.append(
        {
            **alert,
            "state": alert_store.FAILED,
            "attempts": 1,
            "done_at": changes.at,
            "error": error,
        }
    )


def run_ended(changes: Changes, run: RunGraph, reason: RunReason) -> None:
    """Have the DAG's callback called once its run is over."""
    name = "on_success" if run.state is RunState.SUCCESS else "on_failure"
    if run.dag is None or name not in run.dag.callbacks or not run.nodes:
        return
    changes.alerts.append(_callback(_representative(run), name, f"run_{run.state}", why=reason))


def store(world: World, session: Session, changes: Changes) -> None:
    """Write the alerts of this turn; callbacks among them wait for a worker."""
    for values in changes.alerts:
        key = alert_store.add(session, values, changes.at)
        if values["kind"] == alert_store.CALLBACK and "launch" in values["data"]:
            world.callbacks[key] = _order(key, values["data"])
    changes.has_mail |= any(values["kind"] == alert_store.MAIL for values in changes.alerts)


def restore(world: World, session: Session) -> None:
    """Take in the callbacks that an earlier scheduler left pending."""
    for row in alert_store.list_pending(session, alert_store.CALLBACK):
        world.callbacks[row.id] = _order(row.id, row.data)


def submit(world: World, changes: Changes, *, has_worker: bool) -> None:
    """Launch the callbacks that no worker knows of yet."""
    if has_worker:
        for key, order in world.callbacks.items():
            if key not in world.callbacks_sent:
                world.callbacks_sent.add(key)
                changes.launches.append(order)


def welcome(world: World, known: Collection[TryKey]) -> None:
    """After a worker connected: launch again what it does not know."""
    world.callbacks_sent = {key for key, order in world.callbacks.items() if order.key in known}


def reported(session: Session, world: World, changes: Changes, report: Report) -> None:
    """Take what became of a callback; its key is the negative alert id."""
    key = -report.key.task_instance_id
    if not isinstance(report, Finished) or key not in world.callbacks:
        return
    del world.callbacks[key]
    world.callbacks_sent.discard(key)
    succeeded = report.outcome == "success"
    changes.alert_ends.append(
        alert_store.AlertEnd(
            id_=key,
            state_=alert_store.DONE if succeeded else alert_store.FAILED,
            attempts_=1,
            next_=changes.at,
            done_=changes.at,
            error_=report.error,
        )
    )
    if succeeded and (alert := session.get(orm.Alert, key)) and alert.data.get("misses"):
        sla_store.set_told(session, alert.data["misses"], by_mail=False)


def is_callback(report: Report) -> bool:
    return report.key.task_instance_id < 0


def _order(key: int, data: dict[str, Any]) -> Launch:
    """Return what to launch for a stored callback. Its try is the same for ever, so a worker that
    died in the middle reports it as failed, and nothing is called twice."""
    return msgspec.structs.replace(msgspec.convert(data["launch"], Launch), key=TryKey(-key, 1))


def _callback(
    node: Node, name: str, reason: str, data: Any = None, why: str | None = None
) -> dict[str, Any]:
    order = msgspec.structs.replace(
        launch(node),
        callback=Callback(
            name=name,
            reason=why or reason,
            data=data,
            instance=_instance(node),
            run_state=node.run.state,
            run_end_date=node.run.end_date,
        ),
        log_path=callback_path(node.run.dag_id, name, node.run.execution_date),
        max_tries=1,
        bash=None,
        timeout_s=CALLBACK_TIMEOUT_S,
    )
    return _alert(alert_store.CALLBACK, reason, node, launch=msgspec.to_builtins(order))


def _instance(node: Node) -> InstanceFacts:
    return InstanceFacts(
        state=node.state,
        try_number=node.try_number,
        max_tries=node.max_tries,
        log_path=node.log_path,
        start_date=node.start_date,
        end_date=node.end_date,
        hostname=node.hostname,
        pid=node.pid,
    )


def _alert(kind: str, reason: str, node: Node, **data: Any) -> dict[str, Any]:
    return {
        "kind": kind,
        "reason": reason,
        "dag_id": node.run.dag_key,
        "dag_run_id": node.run.id,
        "task_instance_id": node.id,
        "try_number": node.try_number,
        "data": data,
    }


def _facts(node: Node, report: Finished) -> dict[str, Any]:
    """Return what a mail tells about the end of a try."""
    run = node.run
    return {
        "dag_id": run.dag_id,
        "run_id": run.run_id,
        "task_id": node.task.task_id,
        "map_index": node.map_index,
        "execution_date": isoformat(run.execution_date),
        "state": node.state,
        "try_number": node.try_number,
        "max_tries": node.max_tries - 1,
        "error": report.error,
        "error_text": report.error_text,
        "error_detail": report.error_detail,
        "hostname": node.hostname,
        "log_path": node.log_path,
        "notebook": report.artifacts.get("notebook"),
        "retry_at": isoformat(node.retry_at) if node.retry_at else None,
        "owner": node.task.owner,
    }


def _representative(run: RunGraph) -> Node:
    """Return the task instance whose context a callback of the run sees: the one to blame if any,
    else the one that ended last."""
    bad = [n for n in run.nodes.values() if n.state is TaskState.FAILED]
    candidates = bad or list(run.nodes.values())
    return max(candidates, key=lambda node: (node.end_date or _NEVER, -node.position))
