"""Call a callback of a DAG, or of a task whose own process is gone, in this process.

What a callback raises changes nothing but the outcome that is shown for it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from hubflow.clock import as_utc
from hubflow.sdk import context as contexts
from hubflow.sdk.dag import DAG
from hubflow.sdk.dag_run import DagRun
from hubflow.sdk.exceptions import HubflowException
from hubflow.sdk.run_task import Outcome, TryInfo, outcome_of, report
from hubflow.sdk.runtime import Runtime, use_runtime
from hubflow.sdk.taskinstance import TaskInstance


class CallbackOrder(NamedTuple):
    """What to call and what to tell it: see `execution.messages.Callback`."""

    name: str
    reason: str
    data: Any = None
    instance: InstanceFacts | None = None


class InstanceFacts(NamedTuple):
    """How a task instance stood when its callback became due."""

    state: str
    try_number: int
    max_tries: int
    log_path: str
    start_date: datetime | None = None
    end_date: datetime | None = None
    hostname: str | None = None
    pid: int | None = None


class SlaMiss(NamedTuple):
    """A miss as `sla_miss_callback` sees it (SEMANTICS 5.6)."""

    dag_id: str
    task_id: str
    execution_date: datetime
    timestamp: datetime
    email_sent: bool = False
    notification_sent: bool = False
    description: str | None = None


def run_callback(
    dag: DAG,
    order: CallbackOrder,
    task_id: str,
    dag_run: DagRun,
    attempt: TryInfo,
    runtime: Runtime,
) -> Outcome:
    """Call what the author wants called, and say how that went.

    Callbacks of a task or run get the context of the task ``task_id``. Raises TaskNotFound.
    """
    ti = _of_facts(dag, task_id, dag_run, attempt, order.instance)
    with use_runtime(runtime):
        context = contexts.build(ti)
        contexts.set_current_context(context)
        try:
            outcome = outcome_of(lambda: _call(dag, order, ti, context))
            report(outcome)
            return outcome
        finally:
            contexts.set_current_context(None)


def _of_facts(
    dag: DAG, task_id: str, dag_run: DagRun, attempt: TryInfo, facts: InstanceFacts | None
) -> TaskInstance:
    """Return the instance as it stood; this process is not the one that it ran in."""
    ti = TaskInstance(
        dag.get_task(task_id),
        dag_run,
        try_number=facts.try_number if facts else attempt.try_number,
        max_tries=(facts.max_tries if facts else attempt.max_tries) - 1,
        log_path=facts.log_path if facts else attempt.log_path,
        map_index=attempt.map_index,
    )
    if facts is not None:
        ti.state, ti.start_date, ti.end_date = facts.state, facts.start_date, facts.end_date
        ti.hostname, ti.pid = facts.hostname or "", facts.pid
    return ti


def _call(dag: DAG, order: CallbackOrder, ti: TaskInstance, context: contexts.Context) -> None:
    if order.name == "sla_miss":
        for callback in _listed(dag.sla_miss_callback):
            callback(dag, *_sla_arguments(order.data, ti))
        return
    callbacks = {
        "on_success": dag.on_success_callback,
        "on_failure": dag.on_failure_callback,
        "task_on_failure": ti.task.on_failure_callback,
        "task_on_retry": ti.task.on_retry_callback,
    }
    context["reason"] = order.reason
    if order.name.startswith("task_"):
        context["exception"] = HubflowException((order.data or {}).get("error") or order.reason)
    for callback in _listed(callbacks[order.name]):
        callback(context)


def _sla_arguments(data: dict[str, Any], ti: TaskInstance) -> tuple[Any, ...]:
    """Return task_list, blocking_task_list, slas and blocking_tis."""
    date = data["execution_date"]
    at = as_utc(ti.execution_date)
    blocking = [_instance(ti, item) for item in data["blocking"]]
    slas = [
        SlaMiss(ti.dag_id, task_id, at, datetime.fromisoformat(data["deadlines"][task_id]))
        for task_id in data["tasks"]
    ]
    return (
        "\n".join(f"{task_id} on {date}" for task_id in data["tasks"]),
        "\n".join(f"{instance.task_id} on {date}" for instance in blocking),
        slas,
        blocking,
    )


def _instance(ti: TaskInstance, item: dict[str, str]) -> TaskInstance:
    found = TaskInstance(ti.task.dag.get_task(item["task_id"]), ti.dag_run)
    found.state = item["state"]
    return found


def _listed(callbacks: Any) -> Sequence[Callable[..., Any]]:
    if callbacks is None:
        return ()
    return callbacks if isinstance(callbacks, list | tuple) else (callbacks,)
