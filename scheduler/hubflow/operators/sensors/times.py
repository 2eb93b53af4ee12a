"""Sensors that wait for a moment. Deferrable ones need no process at all meanwhile."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Mapping, MutableMapping
from datetime import UTC, datetime, time, timedelta
from typing import Any, ClassVar

from hubflow.clock import as_utc, utcnow
from hubflow.operators.triggers import DateTimeTrigger
from hubflow.sdk import site_defaults, values
from hubflow.sdk.exceptions import InvalidDag
from hubflow.sdk.sensor import BaseSensorOperator
from hubflow.sdk.triggers import BaseTrigger
from hubflow.sdk.weekday import WeekDay, week_days


class _MomentSensor(BaseSensorOperator):
    """Waits until `moment` has passed."""

    @abstractmethod
    def moment(self, context: Mapping[str, Any]) -> datetime:
        """Return the moment, aware."""

    def poke(self, context: MutableMapping[str, Any]) -> bool:
        moment = self.moment(context)
        self.log.info("Checking if the time (%s) has come", moment)
        return utcnow() > moment

    def make_trigger(self, context: MutableMapping[str, Any]) -> BaseTrigger:
        return DateTimeTrigger(self.moment(context))


class TimeSensor(_MomentSensor):
    """Wait until today's ``target_time``, in the time zone of the DAG.

    Today is the day on which the try began, so that one that waits over midnight goes on.
    """

    def __init__(self, *, target_time: time, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not isinstance(target_time, time):
            raise InvalidDag(f"target_time must be a datetime.time, not {target_time!r}")
        self.target_time = target_time

    def moment(self, context: Mapping[str, Any]) -> datetime:
        zone = self.target_time.tzinfo or getattr(self.dag, "timezone", UTC)
        today = as_utc(context["ti"].start_date).astimezone(zone).date()
        return datetime.combine(today, self.target_time.replace(tzinfo=None), zone)


class TimeDeltaSensor(_MomentSensor):
    """Wait until ``delta`` after the end of the run's interval."""

    def __init__(self, *, delta: timedelta | float, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.delta = values.duration("delta", delta)

    def moment(self, context: Mapping[str, Any]) -> datetime:
        run = context["dag_run"]
        following = None if run.external_trigger else run.next_execution_date
        return as_utc(following or run.data_interval_end) + self.delta


class DateTimeSensor(_MomentSensor):
    """Wait until ``target_time``, a datetime or text (a template, too)."""

    template_fields: ClassVar[Iterable[str]] = ("target_time",)

    def __init__(self, *, target_time: datetime | str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not isinstance(target_time, datetime | str):
            raise TypeError(
                f"target_time must be a datetime or text, not a {type(target_time).__name__}"
            )
        self.target_time = target_time

    def moment(self, context: Mapping[str, Any]) -> datetime:
        target = self.target_time
        return (
            site_defaults.parse(target)
            if isinstance(target, str)
            else site_defaults.instant(target)
        )


class DayOfWeekSensor(BaseSensorOperator):
    """Wait for one of the days ``week_day``: a name, a `WeekDay`, or several of them.

    ``use_task_execution_day`` looks at the execution date instead of today (UTC).
    """

    def __init__(
        self,
        *,
        week_day: Any,
        use_task_execution_day: bool = False,
        use_task_logical_date: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.week_day = week_day
        self.use_task_execution_day = use_task_execution_day or use_task_logical_date
        self._days = week_days(week_day)

    def poke(self, context: MutableMapping[str, Any]) -> bool:
        day = WeekDay(self._date(context).isoweekday())
        self.log.info(
            "Checking whether %s is among %s", day.name, sorted(d.name for d in self._days)
        )
        return day in self._days

    def make_trigger(self, context: MutableMapping[str, Any]) -> BaseTrigger | None:
        if self.use_task_execution_day:
            return None  # the day never changes: waiting ends with the timeout
        midnight = self._date(context).replace(hour=0, minute=0, second=0, microsecond=0)
        ahead = next(n for n in range(1, 8) if (midnight + timedelta(n)).isoweekday() in self._days)
        return DateTimeTrigger(midnight + timedelta(ahead))

    def _date(self, context: Mapping[str, Any]) -> datetime:
        return as_utc(context["ti"].execution_date) if self.use_task_execution_day else utcnow()


class TimeSensorAsync(TimeSensor):
    """TimeSensor that is deferrable unless told otherwise."""

    def __init__(self, *, deferrable: bool = True, **kwargs: Any) -> None:
        super().__init__(deferrable=deferrable, **kwargs)


class TimeDeltaSensorAsync(TimeDeltaSensor):
    """TimeDeltaSensor that is deferrable unless told otherwise."""

    def __init__(self, *, deferrable: bool = True, **kwargs: Any) -> None:
        super().__init__(deferrable=deferrable, **kwargs)


class DateTimeSensorAsync(DateTimeSensor):
    """DateTimeSensor that is deferrable unless told otherwise."""

    def __init__(self, *, deferrable: bool = True, **kwargs: Any) -> None:
        super().__init__(deferrable=deferrable, **kwargs)
