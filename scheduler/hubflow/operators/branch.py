"""Operators that decide which of the tasks after them run (SEMANTICS 3.4 and 6.1)."""

from __future__ import annotations

from collections.abc import Collection, MutableMapping
from datetime import UTC, datetime, time, timedelta
from typing import Any

from hubflow.clock import as_utc, utcnow
from hubflow.operators.python import PythonOperator
from hubflow.sdk.exceptions import InvalidDag
from hubflow.sdk.operator import BaseOperator
from hubflow.sdk.skipping import SkipMixin, followed_ids
from hubflow.sdk.weekday import WeekDay, week_days

Ids = str | Collection[str]


class BaseBranchOperator(SkipMixin, BaseOperator):
    """Follow the tasks that `choose_branch` names; skip the other direct downstream tasks.

    A task that is also reached from a followed one is not skipped.
    """

    def choose_branch(self, context: MutableMapping[str, Any]) -> Any:
        """Return a task id, several, or None to follow none."""
        raise NotImplementedError(f"{type(self).__name__} has no choose_branch()")

    def execute(self, context: MutableMapping[str, Any]) -> Any:
        chosen = self.choose_branch(context)
        self.skip_all_except(context["ti"], chosen)
        return chosen if isinstance(chosen, str | None) else followed_ids(self, chosen)


class BranchPythonOperator(BaseBranchOperator, PythonOperator):
    """Follow the tasks that ``python_callable`` returns; arguments as PythonOperator."""

    def choose_branch(self, context: MutableMapping[str, Any]) -> Any:
        return self.call(context)


class ShortCircuitOperator(SkipMixin, PythonOperator):
    """Go on only if ``python_callable`` returns something true; else skip all that comes after.

    With ``ignore_downstream_trigger_rules=False`` only the direct downstream tasks are skipped, and
    trigger rules decide about the others.
    """

    def __init__(self, *, ignore_downstream_trigger_rules: bool = True, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.ignore_downstream_trigger_rules = ignore_downstream_trigger_rules

    def execute(self, context: MutableMapping[str, Any]) -> Any:
        condition = self.call(context)
        self.log.info("Condition result is %s", condition)
        if condition:
            self.log.info("Proceeding with downstream tasks...")
        elif self.ignore_downstream_trigger_rules:
            self.rule_out(context, self.get_flat_relative_ids())
        else:
            self.rule_out(context, self.downstream_task_ids)
        return condition


class LatestOnlyOperator(SkipMixin, BaseOperator):
    """Skip all that comes after, unless this run is the latest one of the schedule.

    Runs that were triggered by hand always go on.
    """

    ui_color = "#e9ffdb"

    def execute(self, context: MutableMapping[str, Any]) -> None:
        run = context["dag_run"]
        if run.external_trigger:
            self.log.info("The run was triggered by hand: going on")
            return
        following = self.dag.following_schedule
        left = following(run.execution_date)
        right = None if left is None else following(left)
        now = utcnow()
        self.log.info("Checking latest only with left_window: %s right_window: %s", left, right)
        if left is None or right is None or left < now <= right:
            self.log.info("Latest, allowing execution to proceed.")
            return
        self.log.info("Not latest execution, skipping downstream.")
        self.rule_out(context, self.get_flat_relative_ids())


class _ConditionBranch(BaseBranchOperator):
    """Follows one or another set of tasks."""

    def __init__(
        self,
        *,
        follow_task_ids_if_true: Ids,
        follow_task_ids_if_false: Ids,
        use_task_logical_date: bool = False,
        use_task_execution_date: bool = False,
        use_task_execution_day: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.follow_task_ids_if_true = follow_task_ids_if_true
        self.follow_task_ids_if_false = follow_task_ids_if_false
        self.use_task_logical_date = (
            use_task_logical_date or use_task_execution_date or use_task_execution_day
        )

    def choose_branch(self, context: MutableMapping[str, Any]) -> Any:
        now = as_utc(context["ti"].execution_date) if self.use_task_logical_date else utcnow()
        is_so = self.is_so(now)
        return self.follow_task_ids_if_true if is_so else self.follow_task_ids_if_false

    def is_so(self, now: datetime) -> bool:
        """Say which of the two sets is followed at this time."""
        raise NotImplementedError


class BranchDateTimeOperator(_ConditionBranch):
    """Follow ``follow_task_ids_if_true`` if now lies between the two targets.

    A target is a datetime, or a time of day; one of them may be None. Times of day are those of
    today, and of tomorrow if the upper one is before the lower one.
    """

    def __init__(
        self,
        *,
        target_lower: datetime | time | None,
        target_upper: datetime | time | None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if target_lower is None and target_upper is None:
            raise InvalidDag(f"{self}: give target_lower, target_upper or both")
        self.target_lower = target_lower
        self.target_upper = target_upper

    def is_so(self, now: datetime) -> bool:
        lower, upper = _moment(self.target_lower, now), _moment(self.target_upper, now)
        is_clock = isinstance(self.target_upper, time) and isinstance(self.target_lower, time)
        if is_clock and lower and upper and upper < lower:
            upper += timedelta(days=1)
        return (lower is None or lower <= now) and (upper is None or now <= upper)


class BranchDayOfWeekOperator(_ConditionBranch):
    """Follow ``follow_task_ids_if_true`` on the days ``week_day``: a name, several, or WeekDay."""

    def __init__(self, *, week_day: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.week_day = week_day
        self._days = week_days(week_day)

    def is_so(self, now: datetime) -> bool:
        return WeekDay(now.isoweekday()) in self._days


def _moment(target: datetime | time | None, now: datetime) -> datetime | None:
    if isinstance(target, datetime):
        return as_utc(target)
    if isinstance(target, time):
        return datetime.combine(now.date(), target, target.tzinfo or UTC)
    return target
