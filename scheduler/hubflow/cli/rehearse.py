"""The process behind `hubflow dags test`: runs a DAG's tasks one after another.

It imports user code, so it is a process of its own that never had the database's address.
"""

from __future__ import annotations

import logging
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from hubflow.clock import isoformat, utcnow
from hubflow.compat import finder
from hubflow.config import Paths, scrubbed_environment
from hubflow.errors import DagImportError, DagNotFound
from hubflow.execution.question_channel import AskingChannel, answer_until_hangup
from hubflow.questions import Question
from hubflow.rules.readiness import Readiness, count, readiness
from hubflow.rules.run_outcome import run_outcome
from hubflow.sdk import archives, secrets
from hubflow.sdk.dag import DAG
from hubflow.sdk.dag_run import DagRun
from hubflow.sdk.loader import load_source
from hubflow.sdk.run_task import TryInfo, run_task
from hubflow.sdk.runtime import LoadingRuntime, LocalRuntime, XComStore, use_runtime
from hubflow.states import RunEvent, TaskState

_TEXT_LIMIT = 4 * 1024 * 1024
_VERDICTS = {
    Readiness.SKIP: TaskState.SKIPPED,
    Readiness.UPSTREAM_FAILED: TaskState.UPSTREAM_FAILED,
}


class Order(msgspec.Struct):
    """What the child process is told on its standard input.

    It asks for variables and connections through the descriptor `questions`.
    """

    questions: int
    home: str
    path: str
    dag_id: str
    execution_date: datetime
    conf: dict[str, Any]


def run(
    paths: Paths,
    path: str,
    dag_id: str,
    execution_date: datetime | None,
    conf: dict[str, Any],
    answer: Callable[[Question], Any],
) -> int:
    """Test the DAG in a child process, answering what it asks; returns its exit status."""
    ours, theirs = socket.socketpair()
    home = str(paths.home)
    order = Order(theirs.fileno(), home, path, dag_id, execution_date or utcnow(), conf)
    with ours:
        with theirs:
            child = subprocess.Popen(
                [sys.executable, "-P", "-B", "-m", "hubflow.cli.rehearse"],
                stdin=subprocess.PIPE,
                env=scrubbed_environment({"HUBFLOW_HOME": home, "AIRFLOW_HOME": home}),
                pass_fds=[theirs.fileno()],
            )
        answering = threading.Thread(target=answer_until_hangup, args=(ours, answer))
        answering.start()
        child.communicate(msgspec.json.encode(order))
        # What it left running may hold its side open, and asks for nobody any more.
        ours.shutdown(socket.SHUT_RDWR)
        answering.join()
    return child.returncode


def main() -> int:
    """Read the order, run the DAG, print a line for each task."""
    logging.basicConfig(level=logging.INFO, format="[%(asctime)s] %(levelname)s - %(message)s")
    secrets.cover_output()
    order = msgspec.json.decode(sys.stdin.buffer.read(), type=Order)
    questions = AskingChannel(order.questions)
    finder.install()
    dags = Paths(Path(order.home)).dags
    try:
        source = _text(dags, order.path)
        with use_runtime(LoadingRuntime(questions.ask)):
            found = load_source(order.path, source, dags, duplicate_dependency="warn")
        loaded = {dag.dag_id: dag for dag in found}
        if order.dag_id not in loaded:
            raise DagNotFound(order.dag_id)
    except DagImportError as exc:
        print(exc.stacktrace, file=sys.stderr)
        return 1
    except (OSError, archives.ArchiveUnreadable, DagNotFound) as exc:
        print(f"hubflow: {exc}", file=sys.stderr)
        return 1
    states = _run_all(loaded[order.dag_id], order, questions)
    for task_id, state in states.items():
        print(f"{task_id}: {state}")
    leaves = [states[task.task_id] for task in loaded[order.dag_id].leaves]
    return 0 if run_outcome(0, leaves) is RunEvent.SUCCEEDED else 1


def _text(dags: Path, path: str) -> str:
    inside = archives.split(path)
    if inside is None:
        return (dags / path).read_text(encoding="utf-8")
    return archives.read(dags / inside[0], inside[1], _TEXT_LIMIT).decode()


def _run_all(dag: DAG, order: Order, questions: AskingChannel) -> dict[str, TaskState]:
    store = XComStore()
    result: dict[str, TaskState] = {}
    dag_run = DagRun(
        dag_id=dag.dag_id,
        run_id=f"test__{isoformat(order.execution_date)}",
        execution_date=order.execution_date,
        data_interval_start=order.execution_date,
        data_interval_end=order.execution_date,
        conf=order.conf,
    )
    for task in dag.topological_sort():
        upstream = [result[task_id] for task_id in task.upstream_task_ids]
        verdict = readiness(task.trigger_rule, count(upstream))
        if verdict is Readiness.RUN:
            runtime = LocalRuntime(store, task.task_id, order.execution_date, answer=questions.ask)
            attempt = TryInfo(test_mode=True)
            outcome = run_task(dag, task.task_id, dag_run, attempt, runtime)
            state = TaskState.FAILED if outcome.state == "fail_now" else TaskState(outcome.state)
        else:
            state = _VERDICTS[verdict]
        result[task.task_id] = state
    return result


if __name__ == "__main__":
    sys.exit(main())
