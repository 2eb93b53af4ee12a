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

from hubflow.cli.stand_in import StandIn
from hubflow.compat import finder
from hubflow.config import Dags, Paths, authors_environment
from hubflow.errors import DagImportError, NotFound
from hubflow.execution.question_channel import AskingChannel, answer_until_hangup
from hubflow.questions import Question
from hubflow.rules.run_outcome import run_outcome
from hubflow.sdk import secrets
from hubflow.sdk.archives import ArchiveUnreadable
from hubflow.sdk.dag import DAG
from hubflow.sdk.exceptions import TaskNotFound
from hubflow.sdk.run_task import error_line
from hubflow.states import RunEvent, TaskState

GOOD = (TaskState.SUCCESS, TaskState.SKIPPED)


class Order(msgspec.Struct):
    """What the child process is told on its standard input.

    It asks for variables and connections through the descriptor `questions`. `paths` says in which
    files other DAGs are, for tasks that run these.
    """

    home: str
    path: str
    dag_id: str
    execution_date: datetime
    conf: dict[str, Any]
    paths: dict[str, str] = {}
    task_id: str | None = None
    """Only this task, whatever it depends on."""
    map_index: int = -1
    renders: bool = False
    """Show what the task's template fields become instead of running it."""
    questions: int = -1


def run(order: Order, dags: Dags, answer: Callable[[Question], Any]) -> int:
    """Carry an order out in a child process, answering what it asks; returns its exit status."""
    ours, theirs = socket.socketpair()
    order = msgspec.structs.replace(order, questions=theirs.fileno())
    with ours:
        with theirs:
            child = subprocess.Popen(
                [sys.executable, "-P", "-B", "-m", "hubflow.cli.rehearse"],
                stdin=subprocess.PIPE,
                env=authors_environment(order.home, dags),
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
    paths = {**order.paths, order.dag_id: order.path}
    questions = AskingChannel(order.questions)
    finder.install()
    stand_in = StandIn(Paths(Path(order.home)).dags, paths, questions.ask)
    try:
        dag = stand_in.load(order.dag_id)
        return _run_task(stand_in, dag, order) if order.task_id else _run_dag(stand_in, dag, order)
    except DagImportError as exc:
        print(exc.stacktrace, file=sys.stderr)
        return 1
    except (OSError, ArchiveUnreadable, NotFound, TaskNotFound) as exc:
        print(f"hubflow: {exc}", file=sys.stderr)
        return 1


def _run_task(stand_in: StandIn, dag: DAG, order: Order) -> int:
    which = (dag, order.task_id or "", order.execution_date, order.conf, order.map_index)
    if not order.renders:
        return 0 if stand_in.run_task(*which) in GOOD else 1
    try:
        fields = stand_in.render(*which)
    except Exception as exc:
        print(f"hubflow: {error_line(exc)}", file=sys.stderr)
        return 1
    for name, text in fields.items():
        print(f"# {name}\n{secrets.masked(text)}\n")
    return 0


def _run_dag(stand_in: StandIn, dag: DAG, order: Order) -> int:
    states = stand_in.run(dag, order.execution_date, order.conf)
    leaves = [states[task.task_id] for task in dag.leaves]
    return 0 if run_outcome(0, leaves) is RunEvent.SUCCEEDED else 1


if __name__ == "__main__":
    sys.exit(main())
