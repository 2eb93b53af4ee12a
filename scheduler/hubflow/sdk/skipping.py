"""Which tasks a branch, short circuit or sensor rules out (SEMANTICS 3.4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from hubflow.sdk.context import get_current_context
from hubflow.sdk.exceptions import HubflowException
from hubflow.sdk.operator import BaseOperator

XCOM_KEY = "skipmixin_key"
FOLLOWED, SKIPPED = "followed", "skipped"


def followed_ids(task: BaseOperator, chosen: object) -> list[str]:
    """Return the task ids that a branch chose; raises HubflowException for anything else.

    ``chosen`` is an id, several, or None for none.
    """
    if chosen is None:
        return []
    ids = [chosen] if isinstance(chosen, str) else chosen
    if not isinstance(ids, Iterable) or not all(isinstance(id_, str) for id_ in ids):
        raise HubflowException(
            f"{task} must choose a task id or a list of them, or None for none, not {chosen!r}"
        )
    ids = list(ids)
    if unknown := sorted(id_ for id_ in ids if not task.dag.has_task(id_)):
        raise HubflowException(
            f"{task} chose {', '.join(map(repr, unknown))}, and the DAG {task.dag_id!r} has no "
            f"such task; it can choose among {', '.join(sorted(task.downstream_task_ids))}"
        )
    return ids


def not_followed(task: BaseOperator, followed: Iterable[str]) -> set[str]:
    """Return the direct downstream tasks that no followed task is or leads to."""
    reached = set(followed)
    for task_id in tuple(reached):
        reached |= task.dag.get_task(task_id).get_flat_relative_ids()
    return task.downstream_task_ids - reached


class SkipMixin:
    """For operators that decide what is skipped; the decision is kept with the task instance."""

    def skip(self, dag_run: Any, execution_date: Any, tasks: Iterable[Any], *_: Any) -> None:
        """Skip these tasks (or task ids), whatever their trigger rules say."""
        self.rule_out(
            get_current_context(), (getattr(task, "task_id", None) or str(task) for task in tasks)
        )

    def skip_all_except(self, ti: Any, branch_task_ids: str | Iterable[str] | None) -> None:
        """Follow these tasks, and skip every other direct downstream task."""
        followed = followed_ids(ti.task, branch_task_ids)
        ti.task.log.info("Following branch %s", ", ".join(followed) or "(none)")
        ti.rules_out |= not_followed(ti.task, followed)
        ti.xcom_push(XCOM_KEY, {FOLLOWED: followed})

    def rule_out(self, context: Mapping[str, Any], task_ids: Iterable[str]) -> None:
        """Skip these tasks, whatever their trigger rules say."""
        ti = context["ti"]
        found = set(task_ids)
        ti.rules_out |= found
        if found:
            ti.xcom_push(XCOM_KEY, {SKIPPED: sorted(found)})
