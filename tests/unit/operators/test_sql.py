"""SQL operators on a real SQLite file, and what they say where a driver is missing."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from hubflow.hooks.databases import PostgresHook, SqliteHook, hook_for
from hubflow.hooks.sql_text import statements
from hubflow.operators import (
    BranchSQLOperator,
    DummyOperator,
    PythonOperator,
    sql,
    sql_checks,
)
from hubflow.sdk import DAG
from hubflow.sdk.exceptions import InvalidDag
from unit.operators.connected import Connected
from unit.sdk.bench import make_dag


@pytest.fixture
def dag() -> DAG:
    return make_dag()


@pytest.fixture
def tasks(dag: DAG, tmp_path: Path) -> Connected:
    file = tmp_path / "data.db"
    with sqlite3.connect(file) as connection:
        connection.executescript(
            "create table sales (ds text, amount integer);"
            "insert into sales values ('2018-10-02', 30), ('2018-10-02', 20), ('2018-09-25', 10);"
        )
    return Connected(
        dag,
        sqlite_default={"conn_type": "sqlite", "host": str(file)},
        other={"conn_type": "sqlite", "host": str(tmp_path / "other.db")},
        pg={"conn_type": "postgres", "host": "nowhere", "login": "u", "password": "p@ss"},
        ora={"conn_type": "oracle", "host": "nowhere"},
        fs={"conn_type": "fs"},
    )


def test_rows_of_a_query_are_the_result(dag: DAG, tasks: Connected) -> None:
    sql.SQLExecuteQueryOperator(
        task_id="q",
        conn_id="sqlite_default",
        sql="select amount from sales where ds = '{{ ds }}' and amount > :low order by 1",
        parameters={"low": 5},
        dag=dag,
    )
    assert tasks.result("q") == [(20,), (30,)]


def test_operators_of_1_10_push_nothing_and_split_scripts(dag: DAG, tasks: Connected) -> None:
    script = "create table t (x); insert into t values ('a;b'); -- done;\ninsert into t values (2);"
    sql.SqliteOperator(task_id="write", sql=script, dag=dag)
    sql.SQLExecuteQueryOperator(
        task_id="read", conn_id="sqlite_default", sql="select x from t", dag=dag
    )
    assert tasks.result("write") is None
    assert tasks.result("read") == [("a;b",), (2,)]


def test_failing_statement_leaves_nothing_behind(dag: DAG, tasks: Connected) -> None:
    sql.SqliteOperator(task_id="w", sql=["delete from sales", "no sql"], dag=dag)
    sql.SQLExecuteQueryOperator(
        task_id="read", conn_id="sqlite_default", sql="select count(*) from sales", dag=dag
    )
    assert tasks.run("w").state == "failed"
    assert tasks.result("read") == [(3,)]


def test_with_autocommit_what_was_done_before_a_failure_stays(dag: DAG, tasks: Connected) -> None:
    sql.SqliteOperator(task_id="w", sql=["delete from sales", "no sql"], autocommit=True, dag=dag)
    sql.SQLExecuteQueryOperator(
        task_id="read", conn_id="sqlite_default", sql="select count(*) from sales", dag=dag
    )
    assert "syntax error" in str(tasks.run("w").error)
    assert tasks.result("read") == [(0,)]


def test_transfer_copies_rows(dag: DAG, tasks: Connected) -> None:
    sql.GenericTransfer(
        task_id="copy",
        sql="select ds, amount from sales where amount > 10",
        source_conn_id="sqlite_default",
        destination_conn_id="other",
        destination_table="copied",
        preoperator="create table copied (ds, amount)",
        dag=dag,
    )
    sql.SQLExecuteQueryOperator(
        task_id="read", conn_id="other", sql="select count(*) from copied", dag=dag
    )
    assert tasks.run("copy").state == "success"
    assert tasks.result("read") == [(2,)]


@pytest.mark.parametrize(
    ("make", "state"),
    [
        (lambda **k: sql_checks.CheckOperator(sql="select 1, 'x'", **k), "success"),
        (lambda **k: sql_checks.CheckOperator(sql="select 1, 0", **k), "failed"),
        (lambda **k: sql_checks.CheckOperator(sql="select 1 where 0", **k), "failed"),
        (lambda **k: sql_checks.ValueCheckOperator(sql="select 5", pass_value=5, **k), "success"),
        (
            lambda **k: sql_checks.ValueCheckOperator(sql="select 'a'", pass_value="a", **k),
            "success",
        ),
        (
            lambda **k: sql_checks.ValueCheckOperator(
                sql="select 95", pass_value=100, tolerance=0.1, **k
            ),
            "success",
        ),
        (
            lambda **k: sql_checks.ValueCheckOperator(
                sql="select 80", pass_value=100, tolerance=0.1, **k
            ),
            "failed",
        ),
        (
            lambda **k: sql_checks.ThresholdCheckOperator(
                sql="select 5", min_threshold="select 4", max_threshold=6, **k
            ),
            "success",
        ),
        (
            lambda **k: sql_checks.ThresholdCheckOperator(
                sql="select 7", min_threshold=4, max_threshold=6, **k
            ),
            "failed",
        ),
        # 50 on the day, 10 a week before.
        (
            lambda **k: sql_checks.IntervalCheckOperator(
                table="sales", metrics_thresholds={"sum(amount)": 6}, **k
            ),
            "success",
        ),
        (
            lambda **k: sql_checks.IntervalCheckOperator(
                table="sales", metrics_thresholds={"sum(amount)": 4}, days_back=7, **k
            ),
            "failed",
        ),
    ],
)
def test_checks(dag: DAG, tasks: Connected, make: Any, state: str) -> None:
    make(task_id="check", conn_id="sqlite_default", dag=dag)
    assert tasks.run("check").state == state


def test_unknown_formula_is_an_import_error(dag: DAG) -> None:
    with pytest.raises(InvalidDag, match="max_over_min, relative_diff"):
        sql_checks.IntervalCheckOperator(
            task_id="t", table="x", metrics_thresholds={}, ratio_formula="guess", dag=dag
        )


@pytest.mark.parametrize(
    ("operator", "words"),
    [
        (
            lambda **k: sql.OracleOperator(oracle_conn_id="ora", **k),
            "OracleHook needs the Python package oracledb or cx_Oracle; run `pip install oracledb`",
        ),
        (lambda **k: sql.SQLExecuteQueryOperator(conn_id="fs", **k), "Unknown hook type fs"),
        (
            lambda **k: sql.SqliteOperator(sqlite_conn_id="no", **k),
            "The conn_id `no` isn't defined",
        ),
    ],
)
def test_what_is_missing_is_named(dag: DAG, tasks: Connected, operator: Any, words: str) -> None:
    operator(task_id="t", sql="select 1", dag=dag)
    outcome = tasks.run("t")
    assert outcome.state == "failed"
    assert words in (outcome.error or "")


def test_hooks_read_and_write_in_a_python_task(dag: DAG, tasks: Connected) -> None:
    found: dict[str, Any] = {}

    def use() -> None:
        hook = SqliteHook(sqlite_conn_id="sqlite_default")
        hook.insert_rows("sales", [("x", 1), ("y", 2)], ["ds", "amount"], commit_every=1)
        found["first"] = hook.get_first("select sum(amount) from sales")
        found["frame"] = hook.get_pandas_df("select ds from sales where amount < 3").ds.tolist()
        found["engine"] = hook.get_sqlalchemy_engine().dialect.name
        found["uri"] = PostgresHook("pg", schema="db").get_uri()
        found["type"] = type(hook_for("sqlite_default")).__name__
        found["answers"] = hook.test_connection()[0]

    PythonOperator(task_id="t", python_callable=use, dag=dag)
    assert tasks.run("t").state == "success"
    assert found == {
        "first": (63,),
        "frame": ["x", "y"],
        "engine": "sqlite",
        "uri": "postgresql://u:p%40ss@nowhere/db",
        "type": "SqliteHook",
        "answers": True,
    }


@pytest.mark.parametrize(
    ("script", "found"),
    [
        ("select 1; select 2 ;", ["select 1", "select 2"]),
        ("select ';' ;\n-- no; thing\n", ["select ';'"]),
        ("select 'it''s; fine'; /* ; */ select 2", ["select 'it''s; fine'", "/* ; */ select 2"]),
        ("do $x$ begin; end $x$; select 1", ["do $x$ begin; end $x$", "select 1"]),
        ("select 'open; quote", ["select 'open", "quote"]),
        (" ; ", []),
    ],
)
def test_scripts_are_split_at_semicolons_that_count(script: str, found: list[str]) -> None:
    assert statements(script) == found


@pytest.mark.parametrize(
    ("cell", "followed"),
    [("1", "yes"), ("0", "no"), ("'true'", "yes"), ("'Off'", "no"), ("null", None)],
)
def test_first_cell_decides_which_branch_is_followed(
    dag: DAG, tasks: Connected, cell: str, followed: str | None
) -> None:
    branch = BranchSQLOperator(
        task_id="branch",
        conn_id="sqlite_default",
        sql=f"select {cell}",
        follow_task_ids_if_true="yes",
        follow_task_ids_if_false=["no"],
        dag=dag,
    )
    branch >> [DummyOperator(task_id=task_id, dag=dag) for task_id in ("yes", "no")]
    outcome = tasks.run("branch")
    if followed is None:
        assert "is neither true nor false" in (outcome.error or "")
    else:
        assert set(outcome.rules_out) == {"yes", "no"} - {followed}
