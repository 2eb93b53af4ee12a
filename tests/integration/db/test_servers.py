"""PostgreSQL and MariaDB keep what SQLite keeps, and say as clearly what is amiss."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, text

import factories as make
from hubflow.db import dialects, migrate, orm
from hubflow.db.engine import Database
from hubflow.db.queries import event_store, paging, task_moves
from hubflow.errors import BadRequest, DatabaseUnusable, StaleState
from hubflow.states import TaskState
from integration.hub.hub import free_ports
from servers.schemas import Opened, Schemas, Server

AT = datetime(2026, 11, 1, 6, 0, 0, 123_457, tzinfo=UTC)
LARGE = 3_000_000_000


def refusal(url: str) -> str:
    """Return why a database cannot be used."""
    opened = Opened(url)
    with pytest.raises(DatabaseUnusable) as refused:
        migrate.check(opened)
    opened.close()
    return str(refused.value)


def test_a_wrong_password_says_where_the_right_one_belongs(server: Server) -> None:
    said = refusal(server.address.url.replace(":se%2Fcr%40t@", ":wrong@"))
    assert "check user and password in Core.database_url" in said
    assert "wrong@" not in said


def test_a_user_that_is_not_there_is_told_like_a_wrong_password(server: Server) -> None:
    said = refusal(server.address.url.replace("//hubflow:", "//nobody:"))
    assert "check user and password" in said


def test_a_database_that_is_not_there_says_how_to_make_it(server: Server) -> None:
    said = refusal(server.address.url.rpartition("/")[0] + "/absent")
    assert "absent" in said
    assert "create it: `" in said


def test_a_server_that_is_away_is_named(server: Server) -> None:
    (port,) = free_ports(1)
    said = refusal(server.address.url.replace(f":{server.address.port}/", f":{port}/"))
    assert f"{port}" in said
    assert "check that the server runs" in said


def test_a_database_without_tables_says_which_command(schemas: Schemas) -> None:
    with schemas.borrow_bare() as url:
        assert "run `hubflow db upgrade`" in refusal(url)
        opened = Opened(url)
        with pytest.raises(DatabaseUnusable, match="run `hubflow db upgrade` first"):
            opened.write().__enter__()
        opened.close()


def test_a_url_names_no_driver(server: Server) -> None:
    scheme = server.address.scheme.partition("+")[0]
    opened = Opened(server.address.url.replace(f"{server.address.scheme}://", f"{scheme}://"))
    with opened.engine.connect() as connection:
        assert connection.execute(text("SELECT 1")).scalar() == 1
    opened.close()


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("oracle://scott@h/db", "hubflow keeps its data in sqlite, postgresql, mariadb or mysql"),
        ("postgresql+psycopg2://h/db", r"needs psycopg2: pip install 'hubflow\[postgresql\]'"),
        ("mysql+mysqldb://h/db", r"needs MySQLdb: pip install 'hubflow\[mysql\]'"),
        ("nonsense", "is no URL such as"),
    ],
)
def test_a_url_of_something_else_is_refused(url: str, words: str) -> None:
    with pytest.raises(DatabaseUnusable, match=words):
        Opened(url)


def test_the_schema_is_what_the_tables_say_and_can_be_undone(schemas: Schemas) -> None:
    with schemas.borrow_bare() as url:
        opened = Opened(url)
        migrate.upgrade(opened)
        assert migrate.differences(opened) == []
        migrate.downgrade(opened, "base")
        migrate.upgrade(opened)
        migrate.check(opened)
        opened.close()


def test_names_differ_by_case_and_by_a_blank_at_the_end(served: Database) -> None:
    names = ["sales", "Sales", "sales ", "sälés", "sales\u0301"]
    with served.write() as session:
        session.add_all(orm.Variable(key=name, value="x") for name in names)
    with served.read() as session:
        assert sorted(session.scalars(select(orm.Variable.key))) == sorted(names)
        assert session.scalars(select(orm.Variable.id).filter_by(key="Sales")).all()
        found = paging.contains(orm.Variable.key, "SALE")
        assert len(session.scalars(select(orm.Variable).where(*found)).all()) == 4


def test_a_search_takes_signs_as_they_are(served: Database) -> None:
    with served.write() as session:
        session.add_all(orm.Variable(key=key, value="") for key in ("a%b", "a_b", "a\\b", "axb"))
    with served.read() as session:
        for part, found in (("a%", "a%b"), ("a_", "a_b"), ("A\\", "a\\b")):
            query = select(orm.Variable.key).where(*paging.contains(orm.Variable.key, part + "b"))
            assert session.scalars(query).all() == [found]


def test_values_come_back_as_they_were(served: Database) -> None:
    data = bytes(range(256)) * 1_000
    with served.write() as session:
        run = make.make_run(session, make.make_dag(session), tasks={"load": TaskState.SUCCESS})
        instance = session.scalars(select(orm.TaskInstance)).one()
        instance.start_date = AT
        run.conf = {"text": "😀" * 50_000, "n": LARGE}
        run.note = "line\n" * 50_000
        session.add(
            orm.XCom(
                task_instance_id=instance.id,
                key="return_value",
                encoding="pickle",
                data=data,
                text="x",
                at=AT,
            )
        )
    with served.read() as session:
        run, kept = session.scalars(select(orm.DagRun)).one(), session.scalars(select(orm.XCom))
        assert run.conf == {"text": "😀" * 50_000, "n": LARGE}
        assert run.note == "line\n" * 50_000
        assert [(xcom.data, xcom.at) for xcom in kept] == [(data, AT)]
        assert session.scalars(select(orm.TaskInstance.start_date)).one() == AT


def test_a_nul_in_an_error_text_does_not_stop_the_scheduler(served: Database) -> None:
    with served.write() as session:
        make.make_failure(session, message="cut\0off")
    with served.read() as session:
        (kept,) = session.scalars(select(orm.ImportFailure.message))
    assert kept in {"cut\0off", "cut\ufffdoff"}


def test_a_value_that_no_column_can_hold_is_a_bad_request(served: Database) -> None:
    with pytest.raises(BadRequest, match="cannot keep or compare"), served.write() as session:
        session.add(orm.Pool(name="x" * 251, slots=1))
    with pytest.raises(BadRequest), served.write() as session:
        session.add(orm.Pool(name="x", slots=2**70))


def test_ids_go_beyond_32_bits(served: Database) -> None:
    with served.write() as session:
        session.execute(insert(orm.Event).values(id=LARGE, kind="x", dag_id=None, data={}, at=AT))
    with served.read() as session:
        assert event_store.last_id(session) == LARGE


def task_move(row: orm.TaskInstance, **more: Any) -> task_moves.TaskMove:
    """Describe a move of an instance to the state that it has."""
    values = {
        "id_": row.id,
        "expected": row.state,
        "expected_try": row.try_number,
        "state_": row.state,
        "try_": row.try_number,
        "ready_": row.ready_at,
        "queued_": row.queued_at,
        "start_": row.start_date,
        "end_": row.end_date,
        "retry_": row.retry_at,
        "hostname_": row.hostname,
        "pid_": row.pid,
    }
    return task_moves.TaskMove(**{**values, **more})  # type: ignore[typeddict-item]


def test_guarded_moves_count_the_rows_that_they_found(served: Database) -> None:
    """Also rows that do not change: MySQL tells only these apart unless it is asked."""
    with served.write() as session:
        tasks = {f"t{n}": TaskState.SUCCESS for n in range(5)}
        make.make_run(session, make.make_dag(session), tasks=tasks)
    with served.write() as session:
        rows = session.scalars(select(orm.TaskInstance)).all()
        task_moves.move(session, [task_move(row) for row in rows])
    moves = [task_move(row) for row in rows]
    moves[2]["expected"] = TaskState.RUNNING
    with pytest.raises(StaleState, match="1 of 5 task"), served.write() as session:
        task_moves.move(session, moves)


def test_rows_without_a_value_stand_where_sqlite_has_them(served: Database) -> None:
    with served.write() as session:
        dag = make.make_dag(session)
        for n, end in enumerate([AT, None, AT + timedelta(days=1)]):
            run = make.make_run(session, dag, execution_date=AT + timedelta(hours=n))
            run.end_date = end
    with served.read() as session:
        for order, expected in (("end_date", [2, 1, 3]), ("-end_date", [3, 1, 2])):
            query = select(orm.DagRun.id).order_by(*paging.directed(order, orm.DagRun.end_date))
            assert session.scalars(query).all() == expected


def test_the_settings_of_a_connection_are_those_that_hubflow_counts_on(served: Database) -> None:
    wanted = {
        "postgresql": {
            "transaction_isolation": "read committed",
            "idle_in_transaction_session_timeout": "4s",
            "lock_timeout": "30s",
        },
        "mysql": {
            "tx_isolation": "READ-COMMITTED",
            "idle_transaction_timeout": "4",
            "innodb_lock_wait_timeout": "30",
        },
    }[served.backend]
    with served.engine.connect() as connection:
        for name, value in wanted.items():
            show = f"SHOW {name}" if served.backend == "postgresql" else f"SELECT @@{name}"
            found = connection.execute(text(show)).scalar()
            assert str(found) == value, name


def test_only_an_unhurried_transaction_may_rest_for_long(served: Database) -> None:
    query = {
        "postgresql": "SELECT setting FROM pg_settings "
        "WHERE name = 'idle_in_transaction_session_timeout'",
        "mysql": "SELECT @@idle_transaction_timeout",
    }[served.backend]
    limits = []
    with served.engine.connect() as connection:
        with connection.begin(), dialects.unhurried(connection):
            limits.append(int(connection.execute(text(query)).scalar_one()))
        with connection.begin():
            limits.append(int(connection.execute(text(query)).scalar_one()))
    usual = {"postgresql": 1000, "mysql": 1}[served.backend] * dialects.IDLE_TRANSACTION_S
    assert limits == [0, usual]


def test_a_connection_in_use_is_closed_when_it_comes_back_to_an_engine_that_ended(
    served: Opened,
) -> None:
    with served.read() as session:
        session.execute(text("SELECT 1"))
        driver = session.connection().connection.driver_connection
        served.dispose()
        assert driver is not None
    assert not is_open(driver)
    for _ in range(2):
        with served.read() as session:
            late = session.connection().connection.driver_connection
            assert session.execute(text("SELECT 1")).scalar() == 1
        assert not is_open(late)


def is_open(driver: Any) -> bool:
    """Say whether a connection of psycopg or PyMySQL is open."""
    return bool(driver.open) if hasattr(driver, "open") else not driver.closed


def test_a_connection_that_died_while_it_rested_is_replaced_unseen(
    served: Opened, schemas: Schemas, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dialects, "RESTED_S", 0.0)
    with served.read() as session:
        session.execute(text("SELECT 1"))
    (address,) = (found for found in schemas.lent if found.url == served.url)
    schemas.server.disconnect(address)
    with served.read() as session:
        assert session.execute(text("SELECT 1")).scalar() == 1
