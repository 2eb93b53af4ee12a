"""The process behind `hubflow dags test`: runs a DAG's tasks one after another.

It imports user code, so it is a process of its own that never had the database's address.
"""

from __future__ import annotations

import logging
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from hubflow.cli.stand_in import StandIn
from hubflow.clock import utcnow
from hubflow.config import Paths, scrubbed_environment
from hubflow.errors import DagImportError, DagNotFound
from hubflow.rules.run_outcome import run_outcome
from hubflow.states import RunEvent


class Order(msgspec.Struct):
    """What the child process is told on its standard input.

    `paths` says in which files other DAGs are, for tasks that run these.
    """

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
    others: dict[str, str] | None = None,
) -> int:
    """Test the DAG in a child process; returns its exit status."""
    order = Order(str(paths.home), path, dag_id, execution_date or utcnow(), conf, others or {})
    child = subprocess.run(
        [sys.executable, "-P", "-B", "-m", "hubflow.cli.rehearse"],
        input=msgspec.json.encode(order),
        env=scrubbed_environment({"HUBFLOW_HOME": str(paths.home)}),
        check=False,
    )
    return child.returncode


def main() -> int:
    """Read the order, run the DAG, print a line for each task."""
    logging.basicConfig(level=logging.INFO, format="[%(asctime)s] %(levelname)s - %(message)s")
    order = msgspec.json.decode(sys.stdin.buffer.read(), type=Order)
    stand_in = StandIn(Paths(Path(order.home)).dags, {**order.paths, order.dag_id: order.path})
    try:
        dag = stand_in.load(order.dag_id)
    except DagImportError as exc:
        print(exc.stacktrace, file=sys.stderr)
        return 1
    except (OSError, DagNotFound) as exc:
        print(f"hubflow: {exc}", file=sys.stderr)
        return 1
    states = stand_in.run(dag, order.execution_date, order.conf)
    leaves = [states[task.task_id] for task in dag.leaves]
    return 0 if run_outcome(0, leaves) is RunEvent.SUCCEEDED else 1


if __name__ == "__main__":
    sys.exit(main())
