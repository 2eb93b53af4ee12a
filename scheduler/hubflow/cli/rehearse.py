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
from hubflow.clock import utcnow
from hubflow.compat import finder
from hubflow.config import Paths, scrubbed_environment
from hubflow.errors import DagImportError, DagNotFound
from hubflow.execution.question_channel import AskingChannel, answer_until_hangup
from hubflow.questions import Question
from hubflow.rules.run_outcome import run_outcome
from hubflow.sdk import secrets
from hubflow.sdk.archives import ArchiveUnreadable
from hubflow.states import RunEvent


class Order(msgspec.Struct):
    """What the child process is told on its standard input.

    It asks for variables and connections through the descriptor `questions`. `paths` says in which
    files other DAGs are, for tasks that run these.
    """

    questions: int
    home: str
    path: str
    dag_id: str
    execution_date: datetime
    conf: dict[str, Any]
    paths: dict[str, str] = {}


def run(
    paths: Paths,
    path: str,
    dag_id: str,
    execution_date: datetime | None,
    conf: dict[str, Any],
    answer: Callable[[Question], Any],
    others: dict[str, str] | None = None,
) -> int:
    """Test the DAG in a child process, answering what it asks; returns its exit status."""
    ours, theirs = socket.socketpair()
    home, date = str(paths.home), execution_date or utcnow()
    order = Order(theirs.fileno(), home, path, dag_id, date, conf, others or {})
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
    paths = {**order.paths, order.dag_id: order.path}
    questions = AskingChannel(order.questions)
    finder.install()
    stand_in = StandIn(Paths(Path(order.home)).dags, paths, questions.ask)
    try:
        dag = stand_in.load(order.dag_id)
    except DagImportError as exc:
        print(exc.stacktrace, file=sys.stderr)
        return 1
    except (OSError, ArchiveUnreadable, DagNotFound) as exc:
        print(f"hubflow: {exc}", file=sys.stderr)
        return 1
    states = stand_in.run(dag, order.execution_date, order.conf)
    leaves = [states[task.task_id] for task in dag.leaves]
    return 0 if run_outcome(0, leaves) is RunEvent.SUCCEEDED else 1


if __name__ == "__main__":
    sys.exit(main())
