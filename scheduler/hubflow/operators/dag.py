"""Operators that run other DAGs (SEMANTICS 6.3, 6.7 and 6.9)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, MutableMapping
from datetime import datetime
from typing import Any, ClassVar, NoReturn

from hubflow.clock import isoformat, plain_utc, utcnow
from hubflow.operators.triggers import RunEndTrigger
from hubflow.questions import GetDag, TriggerRun
from hubflow.sdk import site_defaults, stored
from hubflow.sdk.exceptions import HubflowException, InvalidDag, TaskSkipped
from hubflow.sdk.operator import BaseOperator
from hubflow.sdk.runtime import current_runtime

SUCCESS, FAILED = "success", "failed"


class DagRunOrder:
    """What a `python_callable` decides about: the run's id, and `payload`, its conf."""

    def __init__(self, run_id: str | None = None, payload: Any = None) -> None:
        self.run_id = run_id
        self.payload = payload

    def __repr__(self) -> str:
        return f"DagRunOrder(run_id={self.run_id!r}, payload={self.payload!r})"


Decide = Callable[[Any, DagRunOrder], Any]


class _StartsRuns(BaseOperator):
    """Starts runs of other DAGs, and may wait for their end without a process."""

    def start_run(
        self, dag_id: str, run_id: str, date: datetime, conf: Any, **how: Any
    ) -> dict[str, Any]:
        """Create a run and return its facts; raises HubflowException if that is refused."""
        if conf is not None and not isinstance(conf, Mapping):
            raise HubflowException(
                f"the conf of a run must be a dict, and {self} gave a {type(conf).__name__}"
            )
        asked = TriggerRun(
            dag_id=dag_id,
            run_id=run_id,
            execution_date=plain_utc(date),
            conf=stored.plain_dumps(dict(conf or {}), f"the conf of a run of {dag_id!r}"),
            **how,
        )
        run: dict[str, Any] = current_runtime().ask(asked)
        self.log.info("Run %s of the DAG %s is %s", run["run_id"], dag_id, run["state"])
        if run.get("is_paused"):
            self.log.warning("The DAG %s is paused: its run waits until it is turned on", dag_id)
        return run

    def wait_for_run(self, run: Mapping[str, Any]) -> NoReturn:
        """Wait for the end of a run that was started with `waits`."""
        self.defer(trigger=RunEndTrigger(run["id"]), method_name="run_ended")

    def run_ended(self, context: MutableMapping[str, Any], event: Mapping[str, Any]) -> Any:
        """Take the outcome of the run as this task's own."""
        if event["state"] != SUCCESS:
            raise HubflowException(
                f"the run {event['run_id']} of the DAG {event['dag_id']!r} has failed; clear its "
                "failed tasks, or this task, to go on"
            )
        self.log.info("The run %s of the DAG %s succeeded", event["run_id"], event["dag_id"])


class TriggerDagRunOperator(_StartsRuns):
    """Start a run of the DAG ``trigger_dag_id``.

    Parameters
    ----------
    python_callable : called with (context, order); the run starts only if it returns the order.
    trigger_run_id, conf, execution_date, logical_date : of the new run.
    reset_dag_run : if there is a run of that id or date, clear it; otherwise that is an error.
    skip_when_already_exists : be skipped instead.
    wait_for_completion : wait, without a process, until the run is over.
    allowed_states, failed_states : of the run, in which this task succeeds or fails then.
    fail_when_dag_is_paused : fail instead of leaving the run to wait.
    """

    template_fields: ClassVar[Iterable[str]] = (
        "trigger_dag_id",
        "trigger_run_id",
        "execution_date",
        "conf",
    )
    ui_color = "#ffefeb"

    def __init__(
        self,
        *,
        trigger_dag_id: str,
        python_callable: Decide | None = None,
        execution_date: datetime | str | None = None,
        logical_date: datetime | str | None = None,
        trigger_run_id: str | None = None,
        conf: Mapping[str, Any] | None = None,
        reset_dag_run: bool = False,
        wait_for_completion: bool = False,
        poke_interval: Any = 60,
        allowed_states: Collection[str] | None = None,
        failed_states: Collection[str] | None = None,
        skip_when_already_exists: bool = False,
        fail_when_dag_is_paused: bool = False,
        deferrable: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.trigger_dag_id = trigger_dag_id
        self.python_callable = _callable_or_none(self, python_callable)
        date = execution_date if logical_date is None else logical_date
        if not isinstance(date, datetime | str | None):
            raise TypeError(f"execution_date must be a datetime or text, not {date!r}")
        self.execution_date = date.isoformat() if isinstance(date, datetime) else date
        self.trigger_run_id = trigger_run_id
        self.conf = conf
        self.reset_dag_run = reset_dag_run
        self.wait_for_completion = wait_for_completion
        allowed = [SUCCESS] if allowed_states is None else allowed_states
        failed = [FAILED] if failed_states is None else failed_states
        self.allowed_states = [str(state) for state in allowed]
        self.failed_states = [str(state) for state in failed]
        self.skip_when_already_exists = skip_when_already_exists
        self.fail_when_dag_is_paused = fail_when_dag_is_paused

    def execute(self, context: MutableMapping[str, Any]) -> None:
        date = site_defaults.parse(self.execution_date) if self.execution_date else utcnow()
        order = DagRunOrder(self.trigger_run_id or f"trig__{isoformat(date)}", self.conf)
        if self.python_callable is not None:
            order = self.python_callable(context, order)
            if not order:
                self.log.info("Criteria not met, moving on")
                return
        self._refuse_paused()
        run = self.start_run(
            self.trigger_dag_id,
            order.run_id or f"trig__{isoformat(date)}",
            date,
            order.payload,
            if_exists=self._if_exists(),
            waits=self.wait_for_completion,
        )
        if not run["created"] and self.skip_when_already_exists:
            raise TaskSkipped(f"the run {run['run_id']} of {self.trigger_dag_id!r} exists already")
        context["ti"].xcom_push("trigger_run_id", run["run_id"])
        if self.wait_for_completion:
            self.wait_for_run(run)

    def run_ended(self, context: MutableMapping[str, Any], event: Mapping[str, Any]) -> None:
        state = event["state"]
        if state in self.failed_states:
            raise HubflowException(f"{event['dag_id']} failed with failed states {state}")
        if state not in self.allowed_states:
            raise HubflowException(
                f"the run {event['run_id']} of {event['dag_id']!r} ended as {state}, which is not "
                f"among the allowed states {', '.join(self.allowed_states)}"
            )
        self.log.info("%s finished with allowed state %s", event["dag_id"], state)

    def _if_exists(self) -> str:
        if self.skip_when_already_exists:
            return "keep"
        return "reset" if self.reset_dag_run else "fail"

    def _refuse_paused(self) -> None:
        if self.fail_when_dag_is_paused:
            known = current_runtime().ask(GetDag(dag_id=self.trigger_dag_id))
            if known is not None and known["is_paused"]:
                raise HubflowException(f"the DAG {self.trigger_dag_id!r} is paused; turn it on")


class DagOperator(_StartsRuns):
    """Run another DAG at the same execution date, wait for it, and take its outcome.

    Parameters
    ----------
    run_dag_id : the DAG; it must be on, or its run waits.
    python_callable : called with (context, order), may set `order.payload`; if it returns nothing,
        the DAG is not run and the task succeeds.
    dag_run_conf : goes over this run's own conf, which goes over the payload.
    """

    template_fields: ClassVar[Iterable[str]] = ("run_dag_id", "dag_run_conf")
    ui_color = "#c6dff2"

    def __init__(
        self,
        *,
        run_dag_id: str,
        python_callable: Decide | None = None,
        dag_run_conf: Mapping[str, Any] | None = None,
        retries: int | None = 0,
        **kwargs: Any,
    ) -> None:
        # A failed child is cleared, not tried again: its own tasks have retries.
        super().__init__(retries=0, **kwargs)
        self.run_dag_id = run_dag_id
        self.python_callable = _callable_or_none(self, python_callable)
        self.dag_run_conf = dag_run_conf

    def execute(self, context: MutableMapping[str, Any]) -> None:
        run = context["dag_run"]
        order = DagRunOrder(f"dag_operator__{isoformat(run.execution_date)}")
        if self.python_callable is not None:
            order = self.python_callable(context, order)
            if not order:
                self.log.info("Criteria not met, moving on")
                return
        if not isinstance(order.payload, Mapping | None):
            raise HubflowException(
                f"payload must be a dict, and {self} set a {type(order.payload).__name__}"
            )
        conf = {**(order.payload or {}), **(run.conf or {}), **(self.dag_run_conf or {})}
        run_id = order.run_id or f"dag_operator__{isoformat(run.execution_date)}"
        self.wait_for_run(
            self.start_run(
                str(self.run_dag_id),
                run_id,
                run.execution_date,
                conf,
                if_exists="join",
                waits=True,
                leads=True,
            )
        )


class SkippableDagOperator(DagOperator):
    """DagOperator that does nothing, successfully, if ``skip_dag`` is true."""

    template_fields: ClassVar[Iterable[str]] = (*DagOperator.template_fields, "skip_dag")

    def __init__(self, *, skip_dag: bool | str = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.skip_dag = skip_dag

    def execute(self, context: MutableMapping[str, Any]) -> None:
        if _is_true(self.skip_dag):
            self.log.info("Skipped this, moving on")
            return
        super().execute(context)


class SubDagOperator(_StartsRuns):
    """Run ``subdag`` at the same execution date, wait for it, and take its outcome.

    Its id must be `<id of the DAG>.<task_id>`; its own schedule counts for nothing.
    """

    ui_color = "#555"
    ui_fgcolor = "#fff"

    def __init__(
        self, *, subdag: Any, executor: Any = None, conf: Any = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        if not self.has_dag():
            raise InvalidDag("Please pass in the `dag` param or call within a DAG context manager")
        expected = f"{self.dag.dag_id}.{self.task_id}"
        if subdag.dag_id != expected:
            raise InvalidDag(
                "The subdag's dag_id should have the form '{parent_dag_id}.{this_task_id}'. "
                f"Expected '{expected}'; received '{subdag.dag_id}'."
            )
        self.subdag = subdag
        self.conf = conf
        self.run_dag_id = subdag.dag_id
        subdag.parent_dag = self.dag

    def execute(self, context: MutableMapping[str, Any]) -> None:
        run = context["dag_run"]
        conf = {**(run.conf or {}), **(self.conf or {})}
        run_id = f"backfill_{isoformat(run.execution_date)}"
        self.wait_for_run(
            self.start_run(
                self.subdag.dag_id, run_id, run.execution_date, conf, if_exists="join", waits=True
            )
        )


def _callable_or_none(task: BaseOperator, given: Decide | None) -> Decide | None:
    if given is not None and not callable(given):
        raise InvalidDag(f"{task}: `python_callable` param must be callable")
    return given


def _is_true(value: Any) -> bool:
    """Read a flag that may come out of a template as text."""
    if isinstance(value, str):
        return value.strip().lower() in {"true", "1", "yes", "on"}
    return bool(value)
