"""Functions that run in another Python."""

# Such a function imports what it uses by itself.
# ruff: noqa: PLC0415

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from hubflow.operators import (
    BranchExternalPythonOperator,
    DummyOperator,
    ExternalPythonOperator,
    PythonVirtualenvOperator,
)
from hubflow.sdk.exceptions import InvalidDag
from unit.sdk.bench import Bench, make_dag


def test_arguments_context_and_result_travel() -> None:
    def outside(number, ds, more=()):  # type: ignore[no-untyped-def]
        import os
        import sys

        return {"sum": number + sum(more), "ds": ds, "in": sys.executable, "pid": os.getpid()}

    dag = make_dag()
    ExternalPythonOperator(
        task_id="t",
        python=sys.executable,
        python_callable=outside,
        op_args=[1],
        op_kwargs={"more": [2, 3]},
        dag=dag,
    )
    found = Bench(dag).result("t")
    assert (found["sum"], found["ds"], found["in"]) == (6, "2018-10-02", sys.executable)


def test_what_the_function_prints_and_raises_is_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail() -> None:
        print("before")
        raise ValueError("no rows")

    dag = make_dag()
    ExternalPythonOperator(task_id="t", python=sys.executable, python_callable=fail, dag=dag)
    with caplog.at_level("INFO", "hubflow.task"):
        outcome = Bench(dag).run("t")
    assert "its process ended with 1" in (outcome.error or "")
    assert "before" in caplog.text
    assert "ValueError: no rows" in caplog.text


def test_exit_code_may_mean_skipped() -> None:
    def leave() -> None:
        import sys

        sys.exit(42)

    dag = make_dag()
    ExternalPythonOperator(
        task_id="t",
        python=sys.executable,
        python_callable=leave,
        skip_on_exit_code=[42],
        dag=dag,
    )
    assert Bench(dag).run("t").state == "skipped"


def test_environment_is_made_once_where_a_cache_is_named(tmp_path: Path) -> None:
    def where() -> str:
        import sys

        return sys.prefix

    dag = make_dag()
    for task_id in ("one", "other"):
        PythonVirtualenvOperator(
            task_id=task_id, python_callable=where, venv_cache_path=tmp_path / "venvs", dag=dag
        )
    bench = Bench(dag)
    prefix = Path(bench.result("one"))
    assert prefix.parent == tmp_path / "venvs"
    made = (prefix / "ready").stat().st_mtime_ns
    assert Path(bench.result("other")) == prefix
    assert (prefix / "ready").stat().st_mtime_ns == made


def test_lambdas_and_missing_interpreters_are_refused() -> None:
    dag = make_dag()
    with pytest.raises(InvalidDag, match="function made by def"):
        ExternalPythonOperator(
            task_id="l", python=sys.executable, python_callable=lambda: 1, dag=dag
        )

    def nothing() -> None: ...

    ExternalPythonOperator(task_id="t", python="/no/python", python_callable=nothing, dag=dag)
    assert "/no/python is no Python interpreter" in (Bench(dag).run("t").error or "")
    PythonVirtualenvOperator(task_id="v", python_version="9.9", python_callable=nothing, dag=dag)
    assert "there is no python9.9 on PATH" in (Bench(dag).run("v").error or "")


def test_function_elsewhere_may_choose_the_branch() -> None:
    def choose(day: str) -> str:
        return f"on_{day}"

    dag = make_dag()
    branch = BranchExternalPythonOperator(
        task_id="b", python=sys.executable, python_callable=choose, op_args=["monday"], dag=dag
    )
    branch >> [DummyOperator(task_id=f"on_{day}", dag=dag) for day in ("monday", "sunday")]
    outcome = Bench(dag).run("b")
    assert (outcome.state, set(outcome.rules_out)) == ("success", {"on_sunday"})
