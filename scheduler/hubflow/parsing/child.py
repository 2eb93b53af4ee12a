"""The process that imports one DAG file: runs user code, reports, and ends.

Forked from a zygote that has imported this module and never held a secret.
"""

from __future__ import annotations

import contextlib
import signal
import traceback
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import FrameType

import msgspec

import hubflow.operators.dummy  # noqa: F401  (what nearly every file imports, ready to fork)
from hubflow.compat import finder, plugins
from hubflow.errors import DagImportError
from hubflow.execution.question_channel import AskingChannel
from hubflow.operators.bash import BashOperator
from hubflow.operators.python import PythonOperator
from hubflow.parsing import needs
from hubflow.parsing.report import Failure, ImportOrder, Parsed, ParsedDag, Report
from hubflow.sdk import places, secrets
from hubflow.sdk.dag import DAG
from hubflow.sdk.loader import load_source
from hubflow.sdk.runtime import LoadingRuntime, use_runtime
from hubflow.sdk.unavailable import UnavailableOperator
from hubflow.serialization.decode import decode, to_json
from hubflow.serialization.encode import code_of, encode, meaning_hash
from hubflow.serialization.model import SerializedDag, SerializedTask


class ImportTimeout(Exception):
    """The time for importing is up."""


def warm() -> None:
    """Make a small DAG, for a zygote: what Python looks up for the first one stays known.

    To find out that a type is no `Mapping`, Python walks over all subclasses of that; a child that
    did so would copy the memory of these types, which took longer than the import.
    """
    with DAG(
        "warm",
        schedule_interval="@daily",
        start_date=datetime(2026, 1, 1, tzinfo=UTC),
        default_args={"retries": 1, "retry_delay": timedelta(minutes=1)},
        tags=["warm"],
    ) as dag:
        values = [None, True, 1, 1.5, warm, ImportTimeout, datetime.now(UTC), timedelta(1)]
        python = PythonOperator(task_id="python", python_callable=warm, op_args=values)
        BashOperator(task_id="bash", bash_command="{{ ds }}", env={"A": "b"}) >> python
    order = ImportOrder(
        folder="/", path="", text="", timeout_s=1, memory_mb=1, catchup_by_default=True
    )
    _encoded([dag], order)


def main(payload: bytes, fds: Sequence[int]) -> int:
    """Import as the order says, ask through ``fds[1]``, and write the report to ``fds[0]``."""
    order = msgspec.msgpack.decode(payload, type=ImportOrder)
    questions = AskingChannel(fds[1])
    secrets.cover_output()
    with use_runtime(LoadingRuntime(questions.ask)):
        report = msgspec.msgpack.encode(_import(order))
    questions.close()
    with open(fds[0], "wb", closefd=False) as out:
        out.write(report)
    return 0


def load_plugins(payload: bytes, fds: Sequence[int]) -> int:
    """Load all plugins beside the DAG folder in ``payload``; write which are broken, and why.

    The descriptors are those of `main`.
    """
    places.use(Path(payload.decode()))
    questions = AskingChannel(fds[1])
    secrets.cover_output()
    with use_runtime(LoadingRuntime(questions.ask)):
        broken = plugins.load_all()
    questions.close()
    with open(fds[0], "wb", closefd=False) as out:
        shown = {file: secrets.masked(why) for file, why in broken.items()}
        out.write(msgspec.msgpack.encode(shown))
    return 0


def _import(order: ImportOrder) -> Report:
    try:
        with _alarm(order.timeout_s):
            dags = load_source(
                order.path,
                order.text,
                Path(order.folder),
                duplicate_dependency=order.duplicate_dependency,
            )
            _warn(dags)
        return Parsed(_encoded(dags, order), needs.of_dags(dags))
    except DagImportError as error:
        return Failure(
            secrets.masked(_message(error, order)),
            secrets.masked(error.stacktrace),
            error.line,
            needs.of_error(error.__cause__),
        )


def _warn(dags: list[DAG]) -> None:
    """Say in each DAG what will not work, so that it is seen before it fails."""
    for dag in dags:
        dag.warnings += map(secrets.masked, plugins.problems())
        for task in dag.tasks:
            if isinstance(task, UnavailableOperator):
                dag.warnings.append(
                    f"Task {task.task_id!r}: {task.task_type} needs {task.needs}, and will fail"
                )


def _encoded(dags: list[DAG], order: ImportOrder) -> list[ParsedDag]:
    if not dags:
        return []
    code = code_of(order.text)
    parsed = []
    for dag in dags:
        try:
            found = _without_secrets(
                encode(dag, order.path, catchup_by_default=order.catchup_by_default)
            )
            data = to_json(found)
            decode(data)  # what an author has set to something odd is his error, and nobody's else
        except Exception as exc:
            raise DagImportError(
                order.path,
                f"the DAG {dag.dag_id!r} cannot be stored: {type(exc).__name__}: {exc}",
                line=dag.line,
                stacktrace=traceback.format_exc(),
            ) from exc
        parsed.append(ParsedDag(found.dag_id, meaning_hash(found, code), data))
    return parsed


def _without_secrets(dag: SerializedDag) -> SerializedDag:
    """Take out of a DAG what its file was told in confidence: it is stored, and people see it.

    A plain command with a secret in it goes through Python, which reads the secret when it runs.
    """
    if not secrets.are_known():
        return dag
    tasks = tuple(map(_task_without_secrets, dag.tasks))
    params = secrets.masked_texts(dag.params)
    return msgspec.structs.replace(dag, tasks=tasks, params=params)


def _task_without_secrets(task: SerializedTask) -> SerializedTask:
    fields = secrets.masked_texts(task.fields)
    bash = task.bash
    if bash is not None and secrets.masked_texts([bash.command, bash.env]) != [
        bash.command,
        bash.env,
    ]:
        bash = None
    notebook = task.notebook and msgspec.structs.replace(
        task.notebook, parameters=secrets.masked_texts(task.notebook.parameters)
    )
    return msgspec.structs.replace(task, fields=fields, bash=bash, notebook=notebook)


def _message(error: DagImportError, order: ImportOrder) -> str:
    """Say which limit the file ran into, if it was one."""
    if isinstance(error.__cause__, ImportTimeout):
        return (
            f"importing the file took longer than {order.timeout_s:g} s; move slow work into a task"
        )
    if isinstance(error.__cause__, MemoryError):
        return (
            f"importing the file took more than {order.memory_mb} MB of memory; "
            "move heavy work into a task"
        )
    if error.__cause__ is not None and (hint := finder.hint(error.__cause__)):
        # Python looks for a file of the module, and there is none.
        return f"{error.message.replace(' (unknown location)', '')}: {hint}"
    return error.message


@contextlib.contextmanager
def _alarm(timeout_s: float) -> Iterator[None]:
    """Raise ImportTimeout where the file is then: that line is what people need to know."""

    def expire(signum: int, frame: FrameType | None) -> None:
        # Once more, should the file have caught it; whoever started us ends us soon after.
        signal.setitimer(signal.ITIMER_REAL, 0.1)
        raise ImportTimeout(f"the time limit of {timeout_s:g} s is over")

    signal.signal(signal.SIGALRM, expire)
    signal.setitimer(signal.ITIMER_REAL, timeout_s)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
