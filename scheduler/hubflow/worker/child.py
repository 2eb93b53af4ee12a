"""Where user code runs: the functions that zygotes call. No database, no keys, no web.

`load` runs once in the zygote of a DAG file version, `main` in the process of each try.
"""

from __future__ import annotations

import functools
import logging
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import msgspec
from msgspec import structs

from hubflow import tasklog
from hubflow.clock import isoformat
from hubflow.errors import DagImportError, HubflowError
from hubflow.execution.messages import Callback, Deferral, Launch
from hubflow.questions import UsedBackend
from hubflow.sdk import backend_lookup, secrets
from hubflow.sdk import run_task as runner
from hubflow.sdk.dag import DAG
from hubflow.sdk.dag_run import DagRun
from hubflow.sdk.loader import load_source
from hubflow.sdk.operator import BaseOperator
from hubflow.sdk.run_callback import CallbackOrder, InstanceFacts, run_callback
from hubflow.sdk.runtime import LoadingRuntime, use_runtime
from hubflow.sdk.triggers import Resuming
from hubflow.worker import channel, fate, imported
from hubflow.worker.become import become
from hubflow.worker.channel_runtime import ChannelRuntime
from hubflow.worker.order import DagSource, Order
from hubflow.worker.result import FAIL_NOW, FAILED

LONGEST_ERROR = 4_000
"""Characters of what a task raised that mails show; its log has all."""
LOG_FORMAT = "[%(asctime)s] {%(filename)s:%(lineno)d} %(levelname)s - %(message)s"

log = logging.getLogger("hubflow.task")

_loaded: dict[str, DAG] = {}
# What the zygote has loaded: the DAG file, and when the modules it imports were last written.
_preloaded: tuple[DagSource, imported.Stamps] | None = None
_decode_source = msgspec.msgpack.Decoder(DagSource).decode
_decode_order = msgspec.msgpack.Decoder(Order).decode


def warm() -> None:
    """Import and set up what tasks use, for a base zygote."""
    runner.warm()
    _log_as_tasks_do()


def load(payload: bytes, fds: tuple[int, ...]) -> None:
    """Import the DAG file in ``payload``, which may ask through ``fds[0]``.

    Raises DagImportError without the secrets that the file was told.
    """
    global _preloaded
    source = _decode_source(payload)
    questions = channel.ChildChannel(fds[0])
    try:
        with use_runtime(LoadingRuntime(questions.ask)):
            _load(source)
        if backend_lookup.has_answered():
            questions.ask(UsedBackend())
    except DagImportError as error:
        if not secrets.are_known():
            raise
        # Its causes would be shown, too, with what they hold.
        raise _without_secrets(error) from None
    finally:
        questions.close()
    _preloaded = (source, imported.stamps(source.folder))


def main(payload: bytes, fds: tuple[int, ...]) -> int:
    """Run the try in ``payload``, tell the supervisor through ``fds[0]`` how it ended."""
    supervisor = channel.ChildChannel(fds[0])
    order = _decode_order(payload)
    runtime = ChannelRuntime(supervisor, order.xcom_limit_bytes)
    _log_as_tasks_do()
    secrets.cover_output()
    outcome = _run(order, runtime, lambda: fate.read(fds[1]))
    supervisor.tell(
        channel.Outcome(
            outcome=outcome.state,
            code_at=outcome.code_at,
            error=outcome.error and secrets.masked(outcome.error),
            error_text=outcome.error_text and _bounded(secrets.masked(outcome.error_text)),
            error_detail=secrets.masked_texts(outcome.error_detail),
            xcoms=runtime.unsent(),
            rules_out=list(outcome.rules_out),
            reschedule_at=outcome.reschedule_at,
            deferral=Deferral(**asdict(outcome.deferral)) if outcome.deferral else None,
            callback_error=outcome.callback_error and secrets.masked(outcome.callback_error),
        )
    )
    return 1 if outcome.state in (FAILED, FAIL_NOW) else 0


def _bounded(text: str) -> str:
    return text if len(text) <= LONGEST_ERROR else f"{text[:LONGEST_ERROR]}…"


def _load(source: DagSource) -> None:
    # Whether it may be in the file was decided when it was parsed.
    dags = load_source(source.path, source.text, Path(source.folder), duplicate_dependency="warn")
    _loaded.update((dag.dag_id, dag) for dag in dags)


def _run(
    order: Order, runtime: ChannelRuntime, state_set: Callable[[], str | None]
) -> runner.Outcome:
    launch = order.launch
    try:
        with use_runtime(LoadingRuntime(runtime.ask)):
            _load_what_is_missing(order)
        dag = _dag(launch)
        task = dag.get_task(launch.task_id)
        if launch.run_as_user:
            become(launch.run_as_user, _folder_of_results(task, launch))
    except HubflowError as error:
        text = error.stacktrace if isinstance(error, DagImportError) else str(error)
        log.error("The task cannot run:\n%s", text)
        return runner.Outcome(FAILED, str(error))
    date = isoformat(launch.context.execution_date)
    attempt = runner.TryInfo(
        try_number=launch.key.try_number,
        max_tries=launch.max_tries,
        log_path=launch.log_path,
        map_index=launch.map_index,
        began_at=launch.began_at,
        leg=launch.key.leg,
        state_set=state_set,
        resume=Resuming(**structs.asdict(launch.resume)) if launch.resume else None,
    )
    if (wanted := launch.callback) is not None:
        log.info("Calling the callback %s of %s, run of %s", wanted.name, launch.dag_id, date)
        return run_callback(
            dag, _callback(wanted), launch.task_id, _dag_run(launch), attempt, runtime
        )
    log.info("Executing %r on %s", task, date)
    return runner.run_task(dag, launch.task_id, _dag_run(launch), attempt, runtime)


def _folder_of_results(task: BaseOperator, launch: Launch) -> Path | None:
    """Return where the executed notebook of a try goes, None if it leaves none."""
    from hubflow.operators import jupyter  # noqa: PLC0415  (wanted by few tasks)

    if not isinstance(task, jupyter.CoutureJupyterOperator):
        return None
    kept = tasklog.notebook_path(
        launch.dag_id,
        launch.task_id,
        launch.context.execution_date,
        launch.key.try_number,
        launch.map_index,
    )
    return (jupyter.workplace().artifacts / kept).parent


def _load_what_is_missing(order: Order) -> None:
    """Import the DAG file here if the zygote did not, or if what it imported has changed since."""
    if order.source is not None:
        _load(order.source)
    elif _preloaded is not None and imported.have_changed(_preloaded[1]):
        imported.forget(_preloaded[0].folder)
        _load(_preloaded[0])


def _without_secrets(error: DagImportError) -> DagImportError:
    """Return the error with its traceback as message: the last line says what went wrong."""
    return DagImportError(error.path, secrets.masked(error.stacktrace).strip(), line=error.line)


def _dag(launch: Launch) -> DAG:
    try:
        return _loaded[launch.dag_id]
    except KeyError:
        raise DagImportError(
            launch.path, f"{launch.path} defines no DAG {launch.dag_id!r} when it runs here"
        ) from None


def _callback(wanted: Callback) -> CallbackOrder:
    facts = InstanceFacts(**structs.asdict(wanted.instance)) if wanted.instance else None
    return CallbackOrder(wanted.name, wanted.reason, wanted.data, facts)


def _dag_run(launch: Launch) -> DagRun:
    context, callback = launch.context, launch.callback
    return DagRun(
        dag_id=launch.dag_id,
        run_id=launch.run_id,
        execution_date=context.execution_date,
        data_interval_start=context.data_interval_start,
        data_interval_end=context.data_interval_end,
        run_type=context.run_type,
        external_trigger=context.external_trigger,
        state=callback.run_state if callback else "running",
        start_date=context.run_start_date,
        end_date=callback.run_end_date if callback else None,
        conf=msgspec.json.decode(context.conf),
        prev_execution_date=context.prev_execution_date,
        next_execution_date=context.next_execution_date,
    )


def _log_as_tasks_do() -> None:
    """Send log records to the try's log, one formatted line each; prints go there as they are."""
    root = logging.getLogger()
    if root.handlers != [_task_handler()]:
        root.handlers = [_task_handler()]
    if root.level != logging.INFO:
        root.setLevel(logging.INFO)


@functools.cache
def _task_handler() -> logging.Handler:
    handler = logging.StreamHandler(sys.stdout)
    formatter = logging.Formatter(LOG_FORMAT)
    formatter.converter = time.gmtime
    handler.setFormatter(formatter)
    return handler
