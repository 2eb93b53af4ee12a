"""Run one try of one task in this process: render, execute, push the result, call back.

The worker's task process and `hubflow dags test` call `run_task`; what the task may ask of the
world is behind the Runtime that they pass in.
"""

from __future__ import annotations

import contextlib
import copy
import logging
import signal
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import FrameType
from typing import Any

from hubflow.clock import plain_utc, utcnow
from hubflow.errors import HubflowError
from hubflow.sdk import context as contexts
from hubflow.sdk import instance_names, rendered, stored, task_environment, xcom
from hubflow.sdk.dag import DAG
from hubflow.sdk.dag_run import DagRun
from hubflow.sdk.exceptions import (
    HubflowException,
    TaskDeferralError,
    TaskDeferralTimeout,
    TaskDeferred,
    TaskFailed,
    TaskKilled,
    TaskRescheduled,
    TaskSkipped,
    TaskTimeout,
)
from hubflow.sdk.forks import handling_sigterm
from hubflow.sdk.operator import BaseOperator
from hubflow.sdk.runtime import Runtime, current_runtime, use_runtime
from hubflow.sdk.taskinstance import TaskInstance
from hubflow.sdk.templating import RENDERING
from hubflow.sdk.triggers import Deferring, Resuming, deferring

log = logging.getLogger("hubflow.task")

SUCCESS, FAILED, SKIPPED, FAIL_NOW = "success", "failed", "skipped", "fail_now"
RESCHEDULED, DEFERRED = "rescheduled", "deferred"
UP_FOR_RETRY = "up_for_retry"
CLEARED = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class TryInfo:
    """Which try this is. `max_tries` is the number of tries after which the task fails.

    `began_at`, `leg` and `resume` are for one that goes on after it gave its process back: when
    it began, how often that was, and what a deferred one waited for. `state_set` says which state
    the instance got from somebody else meanwhile: "success", "failed", "skipped", "none" if it was
    cleared, None if nobody set any.
    """

    try_number: int = 1
    max_tries: int = 1
    test_mode: bool = False
    log_path: str | None = None
    map_index: int = -1
    began_at: datetime | None = None
    leg: int = 0
    resume: Resuming | None = None
    state_set: Callable[[], str | None] = lambda: None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a try ended.

    state : "success", "failed", "skipped", "fail_now" (failed, and no retry may follow),
        "rescheduled" or "deferred".
    error : one line that says what went wrong; None on success.
    stacktrace : without our own frames; None if there is none to show.
    error_detail : what the exception tells about itself (attribute `error_detail`), if anything.
    rules_out : tasks that this one decided to skip.
    code_at : when the task's own code began; None if it never did.
    reschedule_at, deferral : when, or on what, the try goes on.
    callback_error : what a callback of the task raised, in one line; it changes nothing else.
    error_text : what went wrong in all of its lines, where they are more than that of `error`.
    """

    state: str
    error: str | None = None
    stacktrace: str | None = None
    error_detail: dict[str, Any] | None = None
    exception: BaseException | None = field(default=None, compare=False, repr=False)
    rules_out: tuple[str, ...] = ()
    code_at: datetime | None = None
    reschedule_at: datetime | None = None
    deferral: Deferring | None = None
    callback_error: str | None = None
    error_text: str | None = None


def run_task(
    dag: DAG, task_id: str, dag_run: DagRun, attempt: TryInfo, runtime: Runtime
) -> Outcome:
    """Run one try and say how it ended; never raises for what the task does.

    The task is a copy, so that a DAG may be used for several tries. Time limits and SIGTERM are
    handled by signals when called in the main thread. Callbacks run last; what they raise is
    only logged. Raises TaskNotFound if the DAG has no such task.
    """
    task = copy.copy(dag.get_task(task_id))
    ti = TaskInstance(
        task,
        dag_run,
        try_number=attempt.try_number,
        max_tries=attempt.max_tries - 1,
        test_mode=attempt.test_mode,
        log_path=attempt.log_path,
        map_index=attempt.map_index,
        began_at=attempt.began_at,
        leg=attempt.leg,
    )
    context = contexts.build(ti)
    with use_runtime(runtime), task_environment.task_variables(ti):
        if task.is_mapped:
            try:
                task = ti.task = context["task"] = task.unmap(context, attempt.map_index)
            except Exception as exc:
                outcome = _failure(FAILED, exc)
                if isinstance(exc, HubflowException):
                    outcome = replace(outcome, stacktrace="")  # its words say all
                report(outcome)
                return outcome
        return _run(task, ti, context, attempt)


def render_task(
    dag: DAG, task_id: str, dag_run: DagRun, attempt: TryInfo, runtime: Runtime
) -> dict[str, str]:
    """Return what the template fields of a task become, as text, without running it.

    Raises what rendering raises, and TaskNotFound.
    """
    task = copy.copy(dag.get_task(task_id))
    ti = TaskInstance(task, dag_run, test_mode=True, map_index=attempt.map_index)
    context = contexts.build(ti)
    with use_runtime(runtime), task_environment.task_variables(ti):
        if task.is_mapped:
            task = ti.task = context["task"] = task.unmap(context, attempt.map_index)
        task.prepare_template()
        task.render_template_fields(context)
        return rendered.texts(task)


def _run(
    task: BaseOperator, ti: TaskInstance, context: contexts.Context, attempt: TryInfo
) -> Outcome:
    with _ended_by_sigterm(task):
        contexts.set_current_context(context)
        try:
            outcome = outcome_of(lambda: _execute(task, context, ti, attempt.resume))
            outcome = replace(outcome, rules_out=tuple(sorted(ti.rules_out)), code_at=ti.code_at)
            if (state := attempt.state_set()) is not None:
                _call_back_for_others(task, context, ti, state, outcome)
                return replace(outcome, callback_error=ti.callback_error)
            report(outcome)
            if outcome.state in (RESCHEDULED, DEFERRED):
                return replace(outcome, callback_error=ti.callback_error)
            ti.state = _state_after(ti, outcome)
            _call_back(task, context, ti, outcome)
        finally:
            contexts.set_current_context(None)
    return replace(outcome, callback_error=ti.callback_error)


def warm() -> None:
    """Import now what most tasks import later: for a zygote, before it forks."""
    import pendulum  # noqa: F401, PLC0415  (heavy, and only wanted where tasks run)

    import hubflow.sdk.jinja_environment  # noqa: F401, PLC0415  (heavy, as above)


def _execute(
    task: BaseOperator,
    context: MutableMapping[str, Any],
    ti: TaskInstance,
    resume: Resuming | None,
) -> None:
    task.prepare_template()
    written = rendered.texts(task)
    task.render_template_fields(context)
    if (became := rendered.texts(task)) != written:
        current_runtime().show_rendered(became)
    if ti.leg == 0:
        _call_all(task.on_execute_callback, context)
    ti.code_at = utcnow()
    task.pre_execute(context)
    try:
        result = _within_its_time(task, context, ti, resume)
    except Exception:
        with contextlib.suppress(Exception):  # that it failed is what counts
            instance_names.tell(task, context, ti)
        raise
    instance_names.tell(task, context, ti)
    if result is not None and task.do_xcom_push:
        ti.xcom_push(xcom.RETURN_KEY, result)
    task.post_execute(context, result)


def _within_its_time(
    task: BaseOperator,
    context: MutableMapping[str, Any],
    ti: TaskInstance,
    resume: Resuming | None,
) -> Any:
    """Execute, or go on; what was deferred has waited in its own time (SEMANTICS 2.1)."""
    limit = _time_left(task, ti) if resume else task.execution_timeout
    if limit is not None and limit <= timedelta(0):
        task.on_kill()
        raise _too_long(task)
    with _time_limit(task, limit):
        try:
            return _go_on(task, context, resume) if resume else task.execute(context)
        except TaskDeferred as request:
            limits = (request.timeout, _time_left(task, ti))
            request.timeout = min((one for one in limits if one is not None), default=None)
            raise


def _time_left(task: BaseOperator, ti: TaskInstance) -> timedelta | None:
    """Return what is left of the execution_timeout of this try."""
    if task.execution_timeout is None or ti.start_date is None:
        return task.execution_timeout
    return ti.start_date + task.execution_timeout - utcnow()


def _too_long(task: BaseOperator) -> TaskTimeout:
    return TaskTimeout(
        f"the task ran longer than its execution_timeout of {task.execution_timeout}"
    )


def _go_on(task: BaseOperator, context: MutableMapping[str, Any], resume: Resuming) -> Any:
    if resume.error is not None:
        kind = TaskDeferralTimeout if resume.timed_out else TaskDeferralError
        return task.deferral_failed(kind(resume.error), context)
    event = stored.loads(resume.event)
    log.info("Going on with %s after %r", resume.method, event)
    kwargs = {**stored.loads(resume.kwargs), "event": event}
    return task.resume_execution(resume.method, kwargs, context)


def _deferred(request: TaskDeferred) -> Outcome:
    try:
        return Outcome(DEFERRED, deferral=deferring(request))
    except Exception as exc:
        return _failure(FAILED, exc)


def outcome_of(work: Callable[[], None]) -> Outcome:
    """Say how user code ended; raises nothing of it."""
    try:
        work()
    except TaskSkipped as exc:
        return Outcome(SKIPPED, str(exc) or None, exception=exc)
    except TaskDeferred as request:
        return _deferred(request)
    except TaskRescheduled as request:
        return Outcome(RESCHEDULED, reschedule_at=plain_utc(request.reschedule_date))
    except TaskFailed as exc:
        return _failure(FAIL_NOW, exc)
    except (Exception, SystemExit, KeyboardInterrupt) as exc:
        return _failure(FAILED, exc)
    return Outcome(SUCCESS)


def _failure(state: str, exc: BaseException) -> Outcome:
    frames = exc.__traceback__
    while frames is not None and frames.tb_frame.f_globals.get("__name__") == __name__:
        frames = frames.tb_next
    detail = getattr(exc, "error_detail", None)
    stack = "" if _is_our_own(exc) else traceback.format_exception(type(exc), exc, frames)
    line, text = error_line(exc), _error(exc, str(exc).strip())
    return Outcome(
        state,
        line,
        "".join(stack),
        dict(detail) if isinstance(detail, Mapping) else None,
        exc,
        error_text=text if text != line else None,
    )


def error_line(exc: BaseException) -> str:
    """Return the exception as one line: `ValueError: no rows for 2026-01-31`."""
    return _error(exc, next(iter(str(exc).strip().splitlines()), ""))


def _error(exc: BaseException, words: str) -> str:
    name = type(exc).__name__
    notes = [note for note in getattr(exc, "__notes__", ()) if note.startswith(RENDERING)]
    where = f" ({notes[0]})" if notes else ""
    if words and (type(exc) is HubflowException or _is_our_own(exc)):
        return f"{words}{where}"
    return f"{name}: {words}{where}" if words else f"{name}{where}"


def _is_our_own(exc: BaseException) -> bool:
    """Say whether hubflow itself raised it: its message says all, frames of ours say nothing."""
    return isinstance(exc, HubflowError) and not isinstance(exc, HubflowException)


def report(outcome: Outcome) -> None:
    """Log what is worth to be known of an outcome beyond its state."""
    if outcome.state == SKIPPED:
        log.info("Task skipped. %s", outcome.error or "")
    elif outcome.state == RESCHEDULED:
        log.info("The task goes on at %s", outcome.reschedule_at)
    elif outcome.deferral is not None:
        log.info("The task waits for %s, without a process", outcome.deferral.trigger)
    elif outcome.stacktrace is not None:
        log.error("%s", f"Task failed: {outcome.error}\n{outcome.stacktrace}".rstrip())


# ---- time limit and SIGTERM ------------------------------------------------------------------


@contextlib.contextmanager
def _time_limit(task: BaseOperator, limit: timedelta | None) -> Iterator[None]:
    """Raise TaskTimeout inside the task when its time is up."""
    if limit is None or not _in_main_thread():
        yield
        return

    def expire(signum: int, frame: FrameType | None) -> None:
        log.error("Task ran longer than its execution_timeout of %s", task.execution_timeout)
        task.on_kill()
        raise _too_long(task)

    before = signal.signal(signal.SIGALRM, expire)
    signal.setitimer(signal.ITIMER_REAL, limit.total_seconds())
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@contextlib.contextmanager
def _ended_by_sigterm(task: BaseOperator) -> Iterator[None]:
    """Let SIGTERM end what the task has started, then the task."""
    if not _in_main_thread():
        yield
        return

    def end(signum: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        log.error("Task was told to end (SIGTERM)")
        task.on_kill()
        raise TaskKilled("the task was told to end (SIGTERM)")

    with handling_sigterm(end):
        yield


def _in_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()


# ---- callbacks -------------------------------------------------------------------------------


def _state_after(ti: TaskInstance, outcome: Outcome) -> str:
    """Return the state that callbacks see: the one to which the outcome leads."""
    if outcome.state == FAILED and ti.is_eligible_to_retry():
        return UP_FOR_RETRY
    return FAILED if outcome.state == FAIL_NOW else outcome.state


def _call_back(
    task: BaseOperator, context: MutableMapping[str, Any], ti: TaskInstance, outcome: Outcome
) -> None:
    """Call what the author wants called for this outcome; errors there change nothing."""
    callbacks: Any = None
    if outcome.state == SUCCESS:
        callbacks = task.on_success_callback
    elif outcome.state == SKIPPED:
        # Airflow 1.10 tells on_success_callback of skips; 2.x has a callback of its own.
        callbacks = task.on_skipped_callback or task.on_success_callback
    else:
        context["exception"] = outcome.exception
        will_retry = ti.state == UP_FOR_RETRY
        callbacks = task.on_retry_callback if will_retry else task.on_failure_callback
    _call_all(callbacks, context)


def _call_back_for_others(
    task: BaseOperator,
    context: MutableMapping[str, Any],
    ti: TaskInstance,
    state: str,
    outcome: Outcome,
) -> None:
    """Call what the author wants called for the state that somebody else set (SEMANTICS 3.2)."""
    if state == CLEARED:
        log.info("The task was cleared while it ran, or is not wanted any more")
        return
    log.info("The task was set to %s while it ran", state)
    ti.state = state
    if state == FAILED:
        context["exception"] = outcome.exception
    callbacks = {
        SUCCESS: task.on_success_callback,
        FAILED: task.on_failure_callback,
        SKIPPED: task.on_skipped_callback,
    }
    _call_all(callbacks.get(state), context)


def _call_all(callbacks: Any, context: MutableMapping[str, Any]) -> None:
    """Call one callback or each of a list; log what they raise, and go on."""
    if callbacks is None:
        return
    for callback in callbacks if isinstance(callbacks, list | tuple) else [callbacks]:
        try:
            callback(context)
        except Exception as exc:
            context["ti"].callback_error = error_line(exc)
            log.exception("A callback failed: %r", callback)
