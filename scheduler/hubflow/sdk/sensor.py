"""BaseSensorOperator: tasks that wait for something (SEMANTICS 3.10 and 6.4)."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping, MutableMapping
from datetime import timedelta
from typing import Any, NamedTuple, NoReturn

from hubflow.clock import as_utc, utcnow
from hubflow.sdk import secrets, stored, values
from hubflow.sdk.exceptions import (
    CannotDefer,
    HubflowException,
    InvalidDag,
    SensorTimeout,
    TaskDeferralError,
    TaskDeferralTimeout,
    TaskFailed,
    TaskRescheduled,
    TaskSkipped,
    TaskTimeout,
)
from hubflow.sdk.operator import BaseOperator
from hubflow.sdk.skipping import SkipMixin
from hubflow.sdk.triggers import BaseTrigger

MODES = ("poke", "reschedule")
WEEK_S = 7 * 24 * 3600
LONGEST_WAIT = timedelta(days=1)


class PokeReturnValue:
    """What `poke` may return instead of a truth value: also what the sensor pushes."""

    def __init__(self, is_done: bool, xcom_value: Any = None) -> None:
        self.is_done = is_done
        self.xcom_value = xcom_value

    def __bool__(self) -> bool:
        return bool(self.is_done)


class Waits(NamedTuple):
    """How long to wait between two pokes, in seconds.

    seed : set for exponential back-off: the n-th wait lies in [i·2^(n-1), i·2^n), at a place that
        only the seed (the task instance and its try) and n decide.
    """

    interval: float
    seed: str | None = None
    max_wait: float | None = None

    def after(self, pokes: int) -> timedelta:
        """Return how long to wait after that many pokes."""
        seconds = self.interval
        if self.seed is not None:
            base = min(self.interval * 2 ** min(pokes - 1, 40), WEEK_S)
            digest = hashlib.sha256(f"{self.seed}#{pokes}".encode()).digest()
            seconds = base + base * int.from_bytes(digest[:4], "big") / 2**32
        if self.max_wait is not None:
            seconds = min(seconds, self.max_wait)
        wait = timedelta(seconds=seconds)
        return wait if self.seed is None else min(wait, LONGEST_WAIT)


class BaseSensorOperator(SkipMixin, BaseOperator):
    """Call `poke` until it returns something true. Subclasses override `poke`.

    Parameters
    ----------
    poke_interval : seconds or timedelta between two pokes.
    timeout : seconds or timedelta, from the first poke of the try, after which the try fails.
    mode : "poke" holds the slot between two pokes, "reschedule" gives it back.
    deferrable : wait without a process, on a trigger if the sensor has one (`make_trigger`).
    soft_fail : after the timeout of the last try, skip the sensor and all that comes after it.
    exponential_backoff, max_wait : the waits double each time, up to ``max_wait``.
    silent_fail : an exception of `poke` counts as "not yet".
    never_fail : an exception of `poke`, or the timeout, skips the sensor.
    """

    ui_color = "#e6f1f2"

    def __init__(
        self,
        *,
        poke_interval: timedelta | float = 60,
        timeout: timedelta | float = WEEK_S,
        soft_fail: bool = False,
        mode: str = "poke",
        exponential_backoff: bool = False,
        max_wait: timedelta | float | None = None,
        silent_fail: bool = False,
        never_fail: bool = False,
        deferrable: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.poke_interval = _seconds("poke_interval", poke_interval)
        self.timeout = _seconds("timeout", timeout)
        self.soft_fail = soft_fail
        self.mode = values.one_of("mode", mode, MODES)
        self.exponential_backoff = exponential_backoff
        self.max_wait = None if max_wait is None else _seconds("max_wait", max_wait)
        self.silent_fail = silent_fail
        self.never_fail = never_fail
        self.deferrable = deferrable
        if soft_fail and never_fail:
            raise InvalidDag(f"{self}: soft_fail and never_fail exclude each other; choose one")

    # ---- what sensors override -------------------------------------------------------------

    def poke(self, context: MutableMapping[str, Any]) -> Any:
        """Return whether what the sensor waits for has come."""
        raise NotImplementedError(f"{type(self).__name__} has no poke()")

    def make_trigger(self, context: MutableMapping[str, Any]) -> BaseTrigger | None:
        """Return a trigger that fires when `poke` would succeed; None if there is none.

        A deferrable sensor without one pokes again and again, without a process in between. Raise
        CannotDefer to have that, and the reason, in the log.
        """
        return None

    def trigger_fired(self, context: MutableMapping[str, Any], event: Any = None) -> Any:
        """Take the event of the trigger; what this returns is the sensor's result."""
        self.log.info("Success criteria met. Exiting.")

    # ---- waiting ---------------------------------------------------------------------------

    @property
    def reschedule(self) -> bool:
        return self.mode == "reschedule"

    def execute(self, context: MutableMapping[str, Any]) -> Any:
        pokes = int(context["ti"].leg)
        while True:
            found = self._poke(context)
            if found:
                self.log.info("Success criteria met. Exiting.")
                return found.xcom_value if isinstance(found, PokeReturnValue) else None
            pokes += 1
            if self._left(context) < timedelta(0):
                self._time_out(context)
            self._wait(context, self.next_wait(context, pokes))

    def next_wait(self, context: Mapping[str, Any], pokes: int) -> timedelta:
        """Return how long to wait after that many pokes."""
        return self.wait_rule(context).after(pokes)

    def wait_rule(self, context: Mapping[str, Any]) -> Waits:
        """Return how this try waits between two pokes."""
        ti = context["ti"]
        seed = f"{ti.dag_id}#{ti.task_id}#{ti.execution_date}#{ti.try_number}"
        return Waits(self.poke_interval, seed if self.exponential_backoff else None, self.max_wait)

    def deferral_failed(self, error: TaskDeferralError, context: MutableMapping[str, Any]) -> Any:
        if isinstance(error, TaskDeferralTimeout):
            self._time_out(context)
        if self.never_fail:
            raise TaskSkipped(str(error)) from error
        raise error

    def _poke(
        self,
        context: MutableMapping[str, Any],
        poke: Callable[[MutableMapping[str, Any]], Any] | None = None,
    ) -> Any:
        """Poke, and let the options of the sensor decide what an exception means."""
        try:
            if poke is not None:
                return poke(context)
            self.log.info("Poking: %s", self)
            return self.poke(context)
        except (TaskSkipped, TaskRescheduled):
            raise
        except SensorTimeout as exc:
            self._give_up(context, exc)
        except Exception as exc:
            is_final = isinstance(exc, TaskFailed | TaskTimeout)
            if self.silent_fail and not is_final:
                self.log.exception("The poke failed; that counts as not yet")
                return False
            if self.never_fail:
                raise TaskSkipped(f"the poke failed: {exc}") from exc
            raise

    def _wait(self, context: MutableMapping[str, Any], wait: timedelta) -> None:
        if self.deferrable and (trigger := _usable_trigger(self, context)) is not None:
            left = max(self._left(context), timedelta(0))
            self.defer(trigger=trigger, method_name="trigger_fired", timeout=left)
        if self.deferrable or self.mode == "reschedule":
            raise TaskRescheduled(utcnow() + wait)
        time.sleep(wait.total_seconds())

    def _left(self, context: Mapping[str, Any]) -> timedelta:
        began = as_utc(context["ti"].start_date)
        return began + timedelta(seconds=self.timeout) - utcnow()

    def _time_out(self, context: MutableMapping[str, Any]) -> NoReturn:
        text = f"Snap. Time is OUT. {self} waited for longer than its timeout of {self.timeout:g} s"
        self._give_up(context, SensorTimeout(text))

    def _give_up(self, context: MutableMapping[str, Any], error: SensorTimeout) -> NoReturn:
        """Fail, or skip what the author wants skipped instead."""
        if self.never_fail:
            raise TaskSkipped(str(error)) from error
        if self.soft_fail and not context["ti"].is_eligible_to_retry():
            self.rule_out(context, self.get_flat_relative_ids())
            raise TaskSkipped(str(error)) from error
        raise error


def _usable_trigger(
    sensor: BaseSensorOperator, context: MutableMapping[str, Any]
) -> BaseTrigger | None:
    """Return the trigger, if there is one, and if it may be kept and run elsewhere."""
    try:
        trigger = sensor.make_trigger(context)
        if trigger is not None:
            _check(trigger, sensor.run_as_user)
    except CannotDefer as exc:
        sensor.log.info("Rescheduled, not deferred: %s", exc)
        return None
    return trigger


def _check(trigger: BaseTrigger, user: str | None) -> None:
    """Raise CannotDefer for what must not be stored, or must run as somebody else."""
    if trigger.looks_as_user and user is not None:
        raise CannotDefer(f"triggers do not run as the user {user!r}")
    try:
        arguments = stored.loads(stored.dumps(trigger.serialize()[1], "what it waits for"))
    except HubflowException as exc:
        raise CannotDefer(str(exc)) from exc
    if secrets.masked_texts(arguments) != arguments:
        raise CannotDefer("what it waits for holds a secret, which must not be stored")


def _seconds(name: str, value: object) -> float:
    seconds = values.duration(name, value).total_seconds()
    if seconds < 0:
        raise InvalidDag(f"{name} must not be negative, and is {seconds:g} s")
    return seconds
