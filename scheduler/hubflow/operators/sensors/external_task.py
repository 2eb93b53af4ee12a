"""ExternalTaskSensor and ExternalTaskMarker: tasks of other DAGs (SEMANTICS 6.4)."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Iterable, Mapping, MutableMapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

from hubflow.operators.dummy import DummyOperator
from hubflow.operators.external import Verdict, Wanted
from hubflow.operators.python import accepted_names
from hubflow.operators.triggers import ExternalTaskTrigger
from hubflow.questions import GetDag
from hubflow.sdk import values
from hubflow.sdk.exceptions import HubflowException, TaskSkipped
from hubflow.sdk.runtime import current_runtime
from hubflow.sdk.sensor import BaseSensorOperator
from hubflow.sdk.templating import is_template
from hubflow.sdk.triggers import BaseTrigger
from hubflow.states import RunState, TaskState

EVENT_POLL_S = 5.0
_SAME_DATE = "{{ execution_date.isoformat() }}"


class ExternalTaskSensor(BaseSensorOperator):
    """Wait for a task of another DAG, or for its whole run, at the same execution date.

    Parameters
    ----------
    external_task_id, external_task_ids, external_task_group_id : which tasks; without any it is
        the run.
    allowed_states, failed_states, skipped_states : what ends the waiting, and how. Without
        ``failed_states`` a failed target just keeps it waiting.
    execution_delta : the target's date is that much earlier.
    execution_date_fn : called with the date (and the context, if it takes it), returns one date or
        several.
    check_existence : fail at once if there is no such DAG or task.
    """

    template_fields: ClassVar[Iterable[str]] = (
        "external_dag_id",
        "external_task_id",
        "external_task_ids",
        "external_task_group_id",
    )
    ui_color = "#19647e"
    ui_fgcolor = "#fff"

    def __init__(
        self,
        *,
        external_dag_id: str,
        external_task_id: str | None = None,
        external_task_ids: Collection[str] | None = None,
        external_task_group_id: str | None = None,
        allowed_states: Collection[str] | None = None,
        failed_states: Collection[str] | None = None,
        skipped_states: Collection[str] | None = None,
        execution_delta: timedelta | None = None,
        execution_date_fn: Callable[..., Any] | None = None,
        check_existence: bool = False,
        poll_interval: float | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.external_dag_id = external_dag_id
        self.external_task_id = external_task_id
        self.external_task_ids = None if external_task_ids is None else list(external_task_ids)
        self.external_task_group_id = external_task_group_id
        allowed = ["success"] if allowed_states is None else allowed_states
        self.allowed_states = _states("allowed_states", allowed)
        self.failed_states = _states("failed_states", failed_states or [])
        self.skipped_states = _states("skipped_states", skipped_states or [])
        self.execution_delta = values.optional_duration("execution_delta", execution_delta)
        self.execution_date_fn = execution_date_fn
        self.check_existence = check_existence
        self.poll_interval = poll_interval
        self._check()

    def _check(self) -> None:
        if self.execution_delta is not None and self.execution_date_fn is not None:
            raise ValueError(
                f"{self}: only one of execution_delta and execution_date_fn may be given"
            )
        ways = (self.external_task_id, self.external_task_ids, self.external_task_group_id)
        if sum(way is not None for way in ways) > 1:
            raise ValueError(
                f"{self}: only one of external_task_id, external_task_ids and "
                "external_task_group_id may be given"
            )
        groups = [self.allowed_states, self.failed_states, self.skipped_states]
        named = [state for group in groups for state in group]
        if len(set(named)) < len(named):
            raise ValueError(f"{self}: a state may only be allowed, failed or skipped")

    def poke(self, context: MutableMapping[str, Any]) -> bool:
        wanted = self.wanted(context)
        if self.check_existence and context["ti"].leg == 0:
            self._require_target(wanted)
        dates = ", ".join(str(date) for date in wanted.execution_dates)
        self.log.info("Poking for %s %s on %s", wanted.dag_id, wanted.task_ids or "", dates)
        return self._accept(wanted.judge(current_runtime().ask(wanted.question())))

    def make_trigger(self, context: MutableMapping[str, Any]) -> BaseTrigger:
        wanted = self.wanted(context)
        return ExternalTaskTrigger(
            dag_id=wanted.dag_id,
            execution_dates=wanted.execution_dates,
            task_ids=wanted.task_ids,
            allowed_states=wanted.allowed,
            failed_states=wanted.failed,
            skipped_states=wanted.skipped,
            poke_interval=self.poll_interval or min(self.poke_interval, EVENT_POLL_S),
        )

    def trigger_fired(self, context: MutableMapping[str, Any], event: Any = None) -> None:
        self._accept(Verdict(event))

    def wanted(self, context: Mapping[str, Any]) -> Wanted:
        """Return what it waits for, with its templates rendered."""
        return Wanted(
            dag_id=self.external_dag_id,
            execution_dates=self._dates(context),
            task_ids=self._task_ids(),
            allowed=frozenset(self.allowed_states),
            failed=frozenset(self.failed_states),
            skipped=frozenset(self.skipped_states),
        )

    def _dates(self, context: Mapping[str, Any]) -> list[datetime]:
        own = context["execution_date"]
        if self.execution_delta is not None:
            return [own - self.execution_delta]
        if self.execution_date_fn is None:
            return [own]
        found = _call(self.execution_date_fn, own, context)
        return list(found) if isinstance(found, list | tuple | set) else [found]

    def _task_ids(self) -> list[str] | None:
        if self.external_task_group_id is not None:
            prefix = f"{self.external_task_group_id}."
            known = current_runtime().ask(GetDag(dag_id=self.external_dag_id)) or {"task_ids": []}
            found = [task_id for task_id in known["task_ids"] if task_id.startswith(prefix)]
            if not found:
                raise HubflowException(
                    f"The DAG {self.external_dag_id!r} has no task group "
                    f"{self.external_task_group_id!r} with tasks in it"
                )
            return found
        if self.external_task_id is not None:
            return [self.external_task_id]
        return self.external_task_ids

    def _require_target(self, wanted: Wanted) -> None:
        known = current_runtime().ask(GetDag(dag_id=wanted.dag_id))
        if known is None or not known["is_active"]:
            raise HubflowException(f"The external DAG {wanted.dag_id} does not exist.")
        for task_id in wanted.task_ids or ():
            if task_id not in known["task_ids"]:
                raise HubflowException(
                    f"The external task {task_id} in DAG {wanted.dag_id} does not exist."
                )

    def _accept(self, verdict: Verdict) -> bool:
        if verdict is Verdict.SKIPPED:
            raise TaskSkipped(f"what it waited for in {self.external_dag_id} was skipped")
        if verdict is Verdict.FAILED:
            text = f"what it waited for in {self.external_dag_id} has failed"
            if self.soft_fail:
                raise TaskSkipped(text)
            raise HubflowException(text)
        return verdict is Verdict.SUCCESS


class ExternalTaskMarker(DummyOperator):
    """Name a task of another DAG that is cleared, recursively, when this one is.

    One with templates runs, so that it is known what they become.
    """

    template_fields: ClassVar[Iterable[str]] = (
        "external_dag_id",
        "external_task_id",
        "execution_date",
        "recursion_depth",
    )
    ui_color = "#19647e"
    ui_fgcolor = "#fff"

    def __init__(
        self,
        *,
        external_dag_id: str,
        external_task_id: str,
        execution_date: datetime | str = _SAME_DATE,
        recursion_depth: int = 10,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.external_dag_id = external_dag_id
        self.external_task_id = external_task_id
        if not isinstance(execution_date, datetime | str):
            raise TypeError(
                f"execution_date must be a datetime or text, not a {type(execution_date).__name__}"
            )
        self.execution_date = (
            execution_date.isoformat() if isinstance(execution_date, datetime) else execution_date
        )
        if recursion_depth <= 0:
            raise ValueError("recursion_depth should be a positive integer")
        self.recursion_depth = recursion_depth

    def does_nothing(self) -> bool:
        names = (self.external_dag_id, self.external_task_id)
        is_plain = not any(is_template(name) for name in names) and (
            self.execution_date == _SAME_DATE or not is_template(self.execution_date)
        )
        return type(self) is ExternalTaskMarker and is_plain and not self.has_hooks()


def _states(name: str, given: Collection[str]) -> list[str]:
    known = {str(state) for state in (*TaskState, *RunState)}
    states = [str(state) for state in given]
    if unknown := [state for state in states if state not in known]:
        raise ValueError(f"{name} names {unknown[0]!r}; states are {', '.join(sorted(known))}")
    return states


def _call(function: Callable[..., Any], date: datetime, context: Mapping[str, Any]) -> Any:
    """Call with the date, and with the whole context or those keys of it that it names."""
    parameters = [p for p in inspect.signature(function).parameters.values() if p.kind in _PLAIN]
    if len(parameters) == 2 and parameters[1].name not in context:
        return function(date, context)
    names = accepted_names(function, 1, context.keys())
    return function(date, **{name: context[name] for name in names})


_PLAIN = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
