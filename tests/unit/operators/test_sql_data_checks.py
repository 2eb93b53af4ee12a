"""Checks of columns and tables on a real SQLite file."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from hubflow.operators import SQLColumnCheckOperator, SQLTableCheckOperator
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
            "create table sales (day text, amount integer);"
            "insert into sales values ('mon', 30), ('mon', 20), ('tue', 10), ('wed', null);"
        )
    return Connected(dag, db={"conn_type": "sqlite", "host": str(file)})


@pytest.mark.parametrize(
    ("mapping", "words"),
    [
        ({"amount": {"min": {"geq_to": 10}, "max": {"less_than": 31}}}, None),
        ({"day": {"distinct_check": {"equal_to": 3}, "unique_check": {"leq_to": 1}}}, None),
        ({"amount": {"max": {"equal_to": 32, "tolerance": 0.1}}}, None),
        ({"amount": {"max": {"greater_than": 30, "tolerance": 0.1}}}, None),
        ({"amount": {"max": {"geq_to": 30.5, "tolerance": 0.1}}}, None),
        ({"amount": {"max": {"leq_to": 29, "tolerance": 0.1}}}, None),
        ({"amount": {"max": {"less_than": 30, "tolerance": 0.1}}}, None),
        ({"amount": {"null_check": {"equal_to": 0, "partition_clause": "day = 'mon'"}}}, None),
        ({"amount": {"max": {"equal_to": 0, "partition_clause": "day = 'sun'"}}}, None),
        ({"amount": {"null_check": {"equal_to": 0}}}, "amount: null_check is 1, and must be"),
        ({"amount": {"max": {"greater_than": 30}}}, "amount: max is 30"),
        ({"day": {"unique_check": {"equal_to": 0}}}, "day: unique_check is 1"),
    ],
)
def test_columns(dag: DAG, tasks: Connected, mapping: Any, words: str | None) -> None:
    SQLColumnCheckOperator(
        task_id="t", table="sales", column_mapping=mapping, conn_id="db", dag=dag
    )
    outcome = tasks.run("t")
    assert outcome.state == ("success" if words is None else "failed"), outcome
    assert words is None or words in (outcome.error or "")


def test_nothing_is_no_number_where_that_is_wanted(dag: DAG, tasks: Connected) -> None:
    SQLColumnCheckOperator(
        task_id="t",
        table="sales",
        column_mapping={"amount": {"max": {"geq_to": 0}}},
        partition_clause="day = 'sun'",
        accept_none=False,
        conn_id="db",
        dag=dag,
    )
    assert "amount: max is None" in (tasks.run("t").error or "")


@pytest.mark.parametrize(
    ("check", "words"),
    [
        ({"check_statement": "COUNT(*) = 4"}, None),
        ({"check_statement": "amount > 5", "partition_clause": "amount is not null"}, None),
        ({"check_statement": "amount > 15"}, "c: amount > 15 does not hold"),
        ({"check_statement": "1 = 1", "partition_clause": "day = 'sun'"}, "c: there is no row"),
    ],
)
def test_rows(dag: DAG, tasks: Connected, check: dict[str, str], words: str | None) -> None:
    SQLTableCheckOperator(task_id="t", table="sales", checks={"c": check}, conn_id="db", dag=dag)
    outcome = tasks.run("t")
    assert outcome.state == ("success" if words is None else "failed"), outcome
    assert words is None or words in (outcome.error or "")


@pytest.mark.parametrize(
    ("mapping", "words"),
    [
        ({"a": {"mode": {"equal_to": 1}}}, "a: there is no check 'mode'; known are null_check"),
        ({"a": {"min": {"above": 1}}}, "a.min: say one of equal_to"),
    ],
)
def test_checks_that_are_not_known_are_refused(dag: DAG, mapping: Any, words: str) -> None:
    with pytest.raises(InvalidDag, match=words):
        SQLColumnCheckOperator(task_id="t", table="x", column_mapping=mapping, dag=dag)
