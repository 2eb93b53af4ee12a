"""Hooks and operators for SQL against real servers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hubflow.hooks.databases import hook_for
from hubflow.hooks.sql import DbApiHook
from hubflow.operators import PythonOperator, sql
from hubflow.sdk import DAG
from servers.daemon import Address
from unit.operators.connected import Connected
from unit.sdk.bench import make_dag

CONN_TYPES = {"postgresql+psycopg": "postgres", "mysql+pymysql": "mysql"}


@pytest.fixture(params=["postgres_server", "mariadb_server"])
def address(request: pytest.FixtureRequest) -> Iterator[Address]:
    """A database of its own on each kind of server."""
    server = request.getfixturevalue(request.param)
    address = server.create()
    yield address
    server.drop(address)


@pytest.fixture
def dag() -> DAG:
    return make_dag()


@pytest.fixture
def tasks(dag: DAG, address: Address) -> Connected:
    """Tasks that know the database by TCP, by socket, and with a wrong password."""
    common = {
        "conn_type": CONN_TYPES[address.scheme],
        "login": address.user,
        "password": address.password,
        "schema": address.database,
    }
    tcp = {**common, "host": address.host, "port": address.port}
    socket = (
        {**tcp, "host": address.socket}
        if common["conn_type"] == "postgres"
        else {**common, "extra": f'{{"unix_socket": "{address.socket}"}}'}
    )
    return Connected(
        dag,
        tcp={**tcp, "extra": '{"local_infile": true}' if common["conn_type"] == "mysql" else ""},
        socket=socket,
        wrong={**tcp, "password": "guess"},
    )


def in_a_task(tasks: Connected, work: Callable[[DbApiHook], Any], conn_id: str = "tcp") -> Any:
    """Return what ``work`` returns for the hook of a connection, within a task."""
    task_id = f"t{len(tasks.dag.task_ids)}"
    PythonOperator(task_id=task_id, python_callable=lambda: work(hook_for(conn_id)), dag=tasks.dag)
    return tasks.result(task_id)


def query(dag: DAG, text: str | list[str], conn_id: str = "tcp", **options: Any) -> str:
    """Add a task that runs SQL; returns its id."""
    task_id = f"q{len(dag.task_ids)}"
    sql.SQLExecuteQueryOperator(task_id=task_id, conn_id=conn_id, sql=text, dag=dag, **options)
    return task_id


def test_operator_writes_and_reads_with_parameters(dag: DAG, tasks: Connected) -> None:
    tasks.result(query(dag, "create table t (ds varchar(10), n integer)"))
    tasks.result(
        query(dag, "insert into t values (%(ds)s, 1), ('x', 2)", parameters={"ds": "{{ ds }}"})
    )
    read = query(dag, "select n from t where ds = '{{ ds }}'", conn_id="socket")
    assert [list(row) for row in tasks.result(read)] == [[1]]


def test_failing_script_leaves_nothing_behind(dag: DAG, tasks: Connected) -> None:
    engine = " engine=innodb" if tasks.connections["tcp"]["conn_type"] == "mysql" else ""
    tasks.result(query(dag, f"create table t (n integer){engine}"))
    assert tasks.run(query(dag, ["insert into t values (1)", "no sql"])).state == "failed"
    kept = query(dag, ["insert into t values (2)", "no sql"], autocommit=True)
    assert tasks.run(kept).state == "failed"
    assert in_a_task(tasks, lambda hook: list(hook.get_first("select n from t"))) == [2]


def test_rows_are_inserted_replaced_and_read_as_a_frame(tasks: Connected) -> None:
    def work(hook: DbApiHook) -> list[list[Any]]:
        hook.run("create table t (k integer primary key, v varchar(9))")
        hook.insert_rows("t", [(1, "a"), (2, "b")], ["k", "v"])
        hook.insert_rows("t", [(2, "new"), (3, "ü")], ["k", "v"], replace=True, replace_index=["k"])
        frame = hook.get_pandas_df("select * from t where k > %s order by k", parameters=(1,))
        return [list(frame.columns), frame.v.tolist()]

    assert in_a_task(tasks, work) == [["k", "v"], ["new", "ü"]]


def test_files_are_loaded_in_bulk(tasks: Connected, tmp_path: Path) -> None:
    file = tmp_path / "rows.tsv"
    file.write_text("1\tone\n2\ttwo\n")

    def work(hook: DbApiHook) -> Any:
        hook.run("create table t (k integer, v varchar(9))")
        hook.bulk_load("t", str(file))
        return list(hook.get_first("select count(*), max(v) from t"))

    assert in_a_task(tasks, work) == [2, "two"]


def test_table_is_dumped_in_bulk(tasks: Connected, address: Address, tmp_path: Path) -> None:
    # MariaDB's server writes the file itself: it must be able to.
    is_mariadb = address.scheme.startswith("mysql")
    file = (Path(address.socket).parent if is_mariadb else tmp_path) / "dump.tsv"

    def work(hook: DbApiHook) -> None:
        hook.run(["create table t (k integer, v varchar(9))", "insert into t values (1, 'one')"])
        hook.bulk_dump("t", str(file))

    in_a_task(tasks, work)
    assert file.read_text() == "1\tone\n"


def test_sqlalchemy_and_the_connection_test_reach_the_server(tasks: Connected) -> None:
    def work(hook: DbApiHook) -> Any:
        engine = hook.get_sqlalchemy_engine()
        with engine.connect() as connection:
            found = connection.exec_driver_sql("select 42").scalar()
        engine.dispose()
        return [found, *hook.test_connection()]

    assert in_a_task(tasks, work) == [42, True, "Connection successfully tested"]
    works, why = in_a_task(tasks, lambda hook: hook.test_connection(), conn_id="wrong")
    assert not works
    assert "hubflow" in why
    assert "guess" not in why
