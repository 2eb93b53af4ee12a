"""Run a task to its real end in this process, although it waits: for `hubflow dags test`."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from hubflow.clock import isoformat, utcnow
from hubflow.questions import Question
from hubflow.sdk import stored
from hubflow.sdk.dag import DAG
from hubflow.sdk.dag_run import DagRun
from hubflow.sdk.exceptions import HubflowException
from hubflow.sdk.run_task import DEFERRED, RESCHEDULED, Outcome, TryInfo, run_task
from hubflow.sdk.runtime import Runtime, use_async_answers, use_runtime
from hubflow.sdk.triggers import Deferring, Resuming, make_trigger

RunEnd = Callable[[int], Mapping[str, Any]]
"""Run key -> the facts that `scheduler.waiting` tells about the end of a run."""

log = logging.getLogger("hubflow.task")


def _no_runs(key: int) -> Mapping[str, Any]:
    raise HubflowException("no other DAG runs here")


def run_to_end(
    dag: DAG,
    task_id: str,
    dag_run: DagRun,
    attempt: TryInfo,
    runtime: Runtime,
    run_end: RunEnd = _no_runs,
) -> Outcome:
    """Run one try as `run_task` does, and wait here for whatever it waits for."""
    attempt = replace(attempt, began_at=attempt.began_at or utcnow())
    while True:
        outcome = run_task(dag, task_id, dag_run, attempt, runtime)
        if outcome.state == RESCHEDULED and outcome.reschedule_at is not None:
            _sleep_until(outcome.reschedule_at)
            attempt = replace(attempt, leg=attempt.leg + 1, resume=None)
        elif outcome.state == DEFERRED and outcome.deferral is not None:
            resume = _resume(outcome.deferral, runtime, run_end)
            attempt = replace(attempt, leg=attempt.leg + 1, resume=resume)
        else:
            return outcome


def _resume(waits: Deferring, runtime: Runtime, run_end: RunEnd) -> Resuming:
    """Wait for the trigger; whatever goes wrong becomes the error that the task gets."""
    resume = Resuming(method=waits.method, kwargs=waits.kwargs)
    try:
        return replace(resume, event=_event(waits, runtime, run_end))
    except TimeoutError:
        text = "the task was deferred for longer than its timeout"
        return replace(resume, error=text, timed_out=True)
    except Exception as exc:
        log.exception("The trigger %s failed", waits.trigger)
        return replace(resume, error=f"{type(exc).__name__}: {exc}")


def _event(waits: Deferring, runtime: Runtime, run_end: RunEnd) -> bytes:
    if waits.run_key is not None:
        return stored.dumps(dict(run_end(waits.run_key)), "the end of a run")
    if waits.due_at is not None:
        if waits.timeout_at is not None and waits.timeout_at < waits.due_at:
            _sleep_until(waits.timeout_at)
            raise TimeoutError
        _sleep_until(waits.due_at)
        return stored.dumps(isoformat(waits.due_at), "the moment")
    return asyncio.run(_first_event(waits, runtime))


async def _first_event(waits: Deferring, runtime: Runtime) -> bytes:
    async def answer(question: Question) -> Any:
        return runtime.ask(question)

    left = None if waits.timeout_at is None else (waits.timeout_at - utcnow()).total_seconds()
    trigger = make_trigger(waits.trigger, waits.trigger_kwargs)
    with use_runtime(runtime), use_async_answers(answer):
        try:
            async with asyncio.timeout(left):
                async for event in trigger.run():
                    return stored.dumps(event.payload, "the event of the trigger")
        finally:
            with contextlib.suppress(Exception):
                await trigger.cleanup()
    raise HubflowException("the trigger ended without an event")


def _sleep_until(moment: datetime) -> None:
    time.sleep(max(0.0, (moment - utcnow()).total_seconds()))
