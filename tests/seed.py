"""Fill a home with something to look at: `python tests/seed.py HOME`.

DAGs in every state, runs with failures, logs, XComs, a notebook that failed, a broken file.
"""

from __future__ import annotations

import json
import sys
from datetime import timedelta
from pathlib import Path

from sqlalchemy.orm import Session
from traitlets.config import Config

import factories as make
from hubflow import tasklog
from hubflow.clock import isoformat, utcnow
from hubflow.config import Core, Paths
from hubflow.db import migrate, orm
from hubflow.db.engine import Database
from hubflow.serialization.model import NotebookSpec, Schedule
from hubflow.states import RunState, RunType, TaskState

SALES_CODE = '''"""Loads yesterday's sales."""
from datetime import datetime

from hubflow import DAG
from hubflow.operators import BashOperator

with DAG("sales_daily", schedule="0 6 * * *", start_date=datetime(2026, 11, 1)) as dag:
    extract = BashOperator(task_id="extract", bash_command="echo extract")
    clean = BashOperator(task_id="clean", bash_command="echo clean")
    join = BashOperator(task_id="join", bash_command="echo join")
    load = BashOperator(task_id="load", bash_command="echo load")
    extract >> [clean, join] >> load
'''
SALES_EDGES = {"extract": ["clean", "join"], "clean": ["load"], "join": ["load"], "load": []}
S = TaskState


def main(home: str) -> None:
    core = Core(config=Config({"Core": {"home": home}}))
    core.paths.make()
    database = Database(core)
    migrate.upgrade(database)
    with database.write() as session:
        fill(session, core.paths)
    write_notebook(core.paths)
    database.dispose()


def fill(session: Session, paths: Paths) -> None:
    _sales(session, paths)
    _notebook(session, paths)
    _manual(session)
    for number in range(60):
        schedule = make.cron("0 * * * *") if number % 2 else Schedule()
        definition = make.serialized(f"team_{number:02d}", schedule=schedule, tags=("team",))
        make.make_dag(session, definition.dag_id, definition=definition, is_paused=number % 3 == 0)
    make.make_failure(session, "reports/broken.py")
    now = utcnow()
    for kind, slots in (("scheduler", None), ("processor", None), ("worker", 8)):
        session.add(
            orm.Process(
                kind=kind, hostname="here", pid=1, version="0.1.0", slots=slots,
                started_at=now, heartbeat_at=now,
            )
        )  # fmt: skip


def _sales(session: Session, paths: Paths) -> None:
    definition = make.serialized(
        "sales_daily",
        SALES_EDGES,
        schedule=make.cron("0 6 * * *", "Europe/Berlin"),
        description="Loads yesterday's sales",
        doc_md="# Sales\n\nOwned by *data*.",
        tags=("sales",),
    )
    today = utcnow().replace(hour=6, minute=0, second=0, microsecond=0)
    dag = make.make_dag(
        session,
        "sales_daily",
        definition=definition,
        text=SALES_CODE,
        next_due_at=today + timedelta(1),
    )
    for days in range(40, 0, -1):
        failed = days in {1, 9, 20}
        run = make.make_run(
            session,
            dag,
            execution_date=today - timedelta(days=days),
            state=RunState.FAILED if failed else RunState.SUCCESS,
            seconds=30 + 7 * (days % 5),
        )
        join = S.FAILED if failed else S.SUCCESS
        states = {"extract": S.SUCCESS, "clean": S.SUCCESS, "join": join}
        states["load"] = S.UPSTREAM_FAILED if failed else S.SUCCESS
        for task_id, state in states.items():
            error = "exit status 1: KeyError: 'price'" if state is S.FAILED else None
            instance = make.make_task_instance(session, run, task_id, state=state, error=error)
            make.make_xcom(session, instance, value={"rows": 1000 + days, "task": task_id})
            _log(
                paths, "sales_daily", task_id, run, f"{task_id} of {isoformat(run.execution_date)}"
            )
        run.task_counts = {
            state: list(states.values()).count(S(state)) for state in set(states.values())
        }


def _notebook(session: Session, paths: Paths) -> None:
    definition = make.serialized(
        "churn",
        {"run_notebook": []},
        path="notebooks/churn.py",
        notebook=NotebookSpec(
            input_notebook="common_workspace/reports/churn.ipynb", parameters={"month": "2026-10"}
        ),
        schedule=make.cron("0 7 * * 1-5"),
        tags=("notebook",),
    )
    dag = make.make_dag(session, "churn", definition=definition, kind="notebook")
    for days, state in ((3, RunState.SUCCESS), (2, RunState.FAILED), (1, RunState.SUCCESS)):
        date = make.EPOCH + timedelta(days=20 - days)
        run = make.make_run(session, dag, execution_date=date, state=state)
        ok = state is RunState.SUCCESS
        kept = f"churn/run_notebook/{isoformat(date)}/1.ipynb"
        detail = {"kind": "cell", "cell": 3, "total": 4, "ename": "KeyError", "evalue": "'price'"}
        make.make_task_instance(
            session,
            run,
            "run_notebook",
            state=S.SUCCESS if ok else S.FAILED,
            error=None if ok else "cell 3 of 4 failed: KeyError: 'price'",
            error_detail=None if ok else detail,
            artifacts={"notebook": kept},
        )
        run.task_counts = {"success" if ok else "failed": 1}
        file = paths.artifacts / kept
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(notebook(executed=True)))
        _log(paths, "churn", "run_notebook", run, "cell 1 of 4\ncell 2 of 4")


def _manual(session: Session) -> None:
    dag = make.make_dag(session, "hello_bash")
    make.make_run(
        session, dag, run_type=RunType.MANUAL, tasks={"extract": S.SUCCESS, "load": S.SUCCESS}
    )
    paused = make.serialized(
        "archive_old", schedule=make.cron("@weekly".replace("@weekly", "0 0 * * 0"))
    )
    make.make_dag(session, "archive_old", definition=paused, is_paused=True)


def _log(paths: Paths, dag_id: str, task_id: str, run: orm.DagRun, text: str) -> None:
    file = paths.logs / tasklog.relative_path(dag_id, task_id, run.execution_date, 1)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"{text}\ndone\n")


def write_notebook(paths: Paths) -> Path:
    """Write the notebook `reports/churn.ipynb` into common_workspace."""
    file = paths.common_workspace / "reports" / "churn.ipynb"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(notebook()))
    return file


def notebook(*, executed: bool = False, kernel: str = "python3") -> dict[str, object]:
    """Build a small notebook with a `parameters` cell."""
    parameters = (
        'month = "2026-11"  # the month to report\ntop_n = 10\nratio = 0.5\nverbose = True\n'
    )
    outputs = [{"output_type": "stream", "name": "stdout", "text": "hello\n"}] if executed else []

    def code(number: int, source: str, tags: list[str], results: list[object]) -> dict[str, object]:
        return {
            "cell_type": "code",
            "id": f"cell-{number}",
            "metadata": {"tags": tags},
            "execution_count": number if executed else None,
            "source": source,
            "outputs": results,
        }

    return {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {
            "kernelspec": {"name": kernel, "display_name": "Python 3", "language": "python"}
        },
        "cells": [
            {"cell_type": "markdown", "id": "title", "metadata": {}, "source": "# Churn"},
            code(1, parameters, ["parameters"], []),
            code(2, "print('hello')", [], list(outputs)),
            code(3, "import os", [], []),
        ],
    }


if __name__ == "__main__":
    main(sys.argv[1])
