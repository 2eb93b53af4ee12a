"""DAG files on disk become DAGs in the database; broken ones never stop good ones."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest
from sqlalchemy.orm import Session

from hubflow.config import Dags
from hubflow.db import orm
from hubflow.db.engine import Database
from hubflow.errors import DatabaseUnusable
from hubflow.parsing import processor, second_chances
from hubflow.parsing.processor import Processor
from hubflow.serialization.model import SerializedDag
from hubflow.services import parse_requests
from hubflow.services.access import ALL, Actor
from hubflow.services.unit import Backend
from integration.parsing.indexed_folder import Stage
from waiting import until

DAG_FILES = Path(__file__).parents[2] / "dags"


def dag_text(dag_id: str, extra: str = "", **options: object) -> str:
    arguments = "".join(f", {name}={value!r}" for name, value in options.items())
    return (
        "from hubflow import DAG\n"
        "from hubflow.operators import BashOperator, PythonOperator\n"
        f"{extra}\n"
        f"with DAG({dag_id!r}, schedule=None{arguments}) as dag:\n"
        "    BashOperator(task_id='one', bash_command='true')\n"
    )


def follow(stage: Stage, story: Callable[[], Awaitable[None]]) -> None:
    async def run() -> None:
        async with stage.processor() as processor:
            await processor.started.wait()
            await processor.settled()
            await story()

    asyncio.run(run())


def test_good_file_is_stored_with_its_first_version(stage: Stage) -> None:
    shutil.copy(DAG_FILES / "good.py", stage.folder)
    stage.index()
    dag = stage.dags()["good"]
    assert (dag.is_active, dag.is_paused, dag.owners) == (True, True, "ada")
    assert (dag.schedule_text, dag.tags, dag.kind) == ("0 6 * * *", ["test"], "dag")
    assert stage.versions("good") == [1]
    assert stage.events() == [("dag", "good", "added")]
    assert dag.change_id == 1
    assert stage.pokes == 1


def test_stored_version_is_the_serialized_dag(stage: Stage) -> None:
    shutil.copy(DAG_FILES / "good.py", stage.folder)
    stage.index()
    with stage.database.read() as session:
        data, source = (
            session.connection()
            .exec_driver_sql(
                "select data, text from dag_version join source on source.id = source_id"
            )
            .one()
        )
    dag = msgspec.json.decode(data, type=SerializedDag)
    assert [task.task_id for task in dag.tasks] == ["start", "hello", "shout"]
    assert source == (DAG_FILES / "good.py").read_text()


@pytest.mark.parametrize(
    ("name", "message", "line"),
    [
        ("syntax_error.py", "'(' was never closed", 4),
        ("cycle.py", "Cycle detected in DAG. Faulty task: c to a (a >> b >> c >> a)", 4),
        ("endless_loop.py", "took longer than 1 s", None),
        ("stubborn_loop.py", "took longer than 1 s and did not react", None),
        ("os_exit.py", "ended its process with exit status 0", None),
        ("two_gigabytes.py", "took more than 512 MB of memory", 4),
        ("bad_cron.py", "61 is no minute (0 to 59)", 5),
        ("bad_import.py", "No module named 'no_such_module'", 3),
        ("duplicate_task.py", "Task id 'same' has already been added", 6),
    ],
)
def test_broken_file_is_reported_and_stops_nobody(
    stage: Stage, name: str, message: str, line: int | None
) -> None:
    stage.settings = Dags(import_timeout_s=1.0, import_memory_mb=512)
    shutil.copy(DAG_FILES / "broken" / name, stage.folder)
    shutil.copy(DAG_FILES / "good.py", stage.folder)
    stage.index()
    failure = stage.failures()[name]
    assert message in failure.message
    assert failure.stacktrace
    if line is not None:
        assert failure.line == line
    assert stage.active() == {"good"}
    assert ("import", name, True) in stage.events()


ODD = """
from datetime import datetime
from hubflow import DAG
from hubflow.operators import DummyOperator

dag = DAG("odd", start_date=datetime(2026, 1, 1))
DummyOperator(task_id="t", dag=dag).%s = %s
"""


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("owner", 5, r"Expected `str`, got `int` - at `$.tasks[0].owner`"),
        ("retry_delay", "None", "AttributeError: 'NoneType' object has no attribute"),
    ],
)
def test_a_dag_that_cannot_be_stored_is_an_import_error(
    stage: Stage, name: str, value: object, message: str
) -> None:
    (stage.folder / "odd.py").write_text(ODD % (name, value))
    stage.index()
    failure = stage.failures()["odd.py"]
    assert failure.message.startswith("the DAG 'odd' cannot be stored: ")
    assert message in failure.message
    assert failure.line == 6


DAEMON = """
import os
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        with open({pid_file!r}, "w") as file:
            file.write(str(os.getpid()))
        while True:
            pass
    os._exit(0)
os.wait()
while not os.path.exists({pid_file!r}) or not os.path.getsize({pid_file!r}):
    pass
"""


def test_file_leaves_no_process_behind(stage: Stage) -> None:
    pid_file = stage.core.paths.home / "pid"
    stage.write("a.py", dag_text("a", DAEMON.format(pid_file=str(pid_file))))

    async def story() -> None:
        assert stage.active() == {"a"}
        await until(lambda: not Path(f"/proc/{pid_file.read_text()}").exists())

    follow(stage, story)


def test_all_broken_files_together_leave_the_good_one(stage: Stage) -> None:
    stage.settings = Dags(import_timeout_s=1.0, import_memory_mb=512)
    for file in (*DAG_FILES.glob("broken/*.py"), DAG_FILES / "good.py"):
        shutil.copy(file, stage.folder)
    stage.index()
    assert set(stage.failures()) == {file.name for file in DAG_FILES.glob("broken/*.py")}
    assert stage.active() == {"good"}


def test_saved_file_is_seen_without_a_scan(stage: Stage) -> None:
    async def story() -> None:
        stage.write("sub/new.py", dag_text("new"))
        await until(lambda: "new" in stage.active())
        stage.write("sub/new.py", dag_text("renamed"))
        await until(lambda: stage.active() == {"renamed"})

    follow(stage, story)
    assert stage.events() == [
        ("dag", "new", "added"),
        ("dag", "renamed", "added"),
        ("dag", "new", "removed"),
    ]


def test_comment_makes_no_version_and_changed_body_does(stage: Stage) -> None:
    body = "def f():\n    return {}\n"
    stage.write("a.py", dag_text("a", body.format(1)))
    stage.index()
    stage.write("a.py", "# new comment\n" + dag_text("a", body.format(1)) + "\n\n")
    stage.index()
    assert stage.versions("a") == [1]
    assert stage.events() == [("dag", "a", "added")]
    stage.write("a.py", dag_text("a", body.format(2)))
    stage.index()
    assert stage.versions("a") == [1, 2]
    assert stage.events()[-1] == ("dag", "a", "changed")


def test_going_back_to_an_old_meaning_makes_no_new_version(stage: Stage) -> None:
    for description in ("x", "y", "x"):
        stage.write("a.py", dag_text("a", description=description))
        stage.index()
    assert stage.versions("a") == [1, 2]
    assert stage.dags()["a"].description == "x"


def test_mended_file_loses_its_import_error(stage: Stage) -> None:
    async def story() -> None:
        stage.write("a.py", dag_text("a"))
        await until(lambda: "a" in stage.active())
        stage.write("a.py", dag_text("a") + "oops(\n")
        await until(lambda: "a.py" in stage.failures())
        assert stage.active() == {"a"}
        stage.write("a.py", dag_text("a"))
        await until(lambda: not stage.failures())

    follow(stage, story)
    assert stage.events()[1:] == [("import", "a.py", True), ("import", "a.py", False)]


def test_same_dag_id_in_two_files_names_both(stage: Stage) -> None:
    async def story() -> None:
        stage.write("first.py", dag_text("same"))
        await until(lambda: "same" in stage.active())
        stage.write("second.py", dag_text("same", description="other"))
        await until(lambda: "second.py" in stage.failures())
        message = stage.failures()["second.py"].message
        assert "first.py" in message
        assert "second.py" in message
        assert stage.dags()["same"].description is None
        # Once the first one lets go of the id, the second has it without being touched.
        (stage.folder / "first.py").unlink()
        await until(lambda: stage.dags()["same"].description == "other")
        assert not stage.failures()

    follow(stage, story)


def test_two_dags_of_one_file_with_the_same_id_are_refused(stage: Stage) -> None:
    stage.write("a.py", dag_text("same") + "other = DAG('same', schedule=None)\n")
    stage.index()
    assert "two DAGs in this file have the id 'same' (lines 4 and 6)" in (
        stage.failures()["a.py"].message
    )


def test_deleted_file_makes_its_dags_inactive_and_keeps_their_versions(stage: Stage) -> None:
    async def story() -> None:
        stage.write("a.py", dag_text("a"))
        await until(lambda: "a" in stage.active())
        (stage.folder / "a.py").unlink()
        await until(lambda: not stage.active())

    follow(stage, story)
    assert stage.events()[-1] == ("dag", "a", "removed")
    assert stage.versions("a") == [1]
    stage.write("a.py", dag_text("a"))
    stage.index()
    assert stage.active() == {"a"}
    assert stage.versions("a") == [1]


def test_file_deleted_while_nobody_looked_is_noticed_at_start(stage: Stage) -> None:
    stage.write("a.py", dag_text("a"))
    stage.index()
    (stage.folder / "a.py").unlink()
    stage.index()
    assert stage.active() == set()


def test_unchanged_files_are_not_imported_again(stage: Stage) -> None:
    log = stage.core.paths.home / "imports.log"
    stage.write("a.py", dag_text("a", f"open({str(log)!r}, 'a').write('x')"))
    stage.index()
    stage.index()
    assert log.read_text() == "x"


def test_unchanged_files_are_read_anew_once_with_other_settings(stage: Stage) -> None:
    log = stage.core.paths.home / "imports.log"
    stage.write("a.py", dag_text("a", f"open({str(log)!r}, 'a').write('x')"))
    stage.index()
    stage.settings = Dags(default_timezone="Europe/Berlin", default_concurrency=3)
    stage.index()
    stage.index()
    assert log.read_text() == "xx"
    assert stage.versions("a") == [1, 2]
    with stage.database.read() as session:
        newest = session.query(orm.DagVersion).order_by(orm.DagVersion.number.desc()).first()
        assert newest is not None
        assert msgspec.json.decode(newest.data, type=SerializedDag).concurrency == 3


def test_without_safe_mode_every_python_file_is_read(stage: Stage) -> None:
    factory = "from hubflow import DAG\ndef make(name):\n    return DAG(name, schedule=None)\n"
    stage.write("factory.py", factory)
    stage.write("jobs.py", "from factory import make\nx = make('x')\n")
    stage.index()
    assert stage.active() == set()
    stage.settings = Dags(safe_mode=False)
    stage.index()
    assert stage.active() == {"x"}


def test_changed_helper_module_reparses_its_users(stage: Stage) -> None:
    async def story() -> None:
        await until(lambda: stage.dags()["a"].description == "one")
        stage.write("common/names.py", "NAME = 'two'\n")
        await until(lambda: stage.dags()["a"].description == "two")

    stage.write("common/names.py", "NAME = 'one'\n")
    stage.write(
        "a.py",
        "from hubflow import DAG\nfrom common.names import NAME\n"
        "dag = DAG('a', description=NAME, schedule=None)\n",
    )
    follow(stage, story)


def test_new_dags_start_as_the_settings_or_the_dag_say(stage: Stage) -> None:
    stage.settings = Dags(are_paused_at_creation=False)
    stage.write("a.py", dag_text("a"))
    stage.write("b.py", dag_text("b", is_paused_upon_creation=True))
    stage.index()
    assert {dag_id: dag.is_paused for dag_id, dag in stage.dags().items()} == {
        "a": False,
        "b": True,
    }


def test_file_that_is_no_text_is_an_import_error(stage: Stage) -> None:
    (stage.folder / "binary.py").write_bytes(b"import hubflow # dag\n\0\0")
    (stage.folder / "latin.py").write_bytes(b"# hubflow dag \xff\n")
    stage.index()
    assert "NUL bytes" in stage.failures()["binary.py"].message
    assert "not text in the encoding" in stage.failures()["latin.py"].message


class FlakyDatabase(Database):
    """A database whose disk is full at first."""

    refusals = 3

    @contextmanager
    def write(self) -> Iterator[Session]:
        if self.refusals:
            self.refusals -= 1
            raise DatabaseUnusable("disk is full")
        with super().write() as session:
            yield session


def test_result_that_could_not_be_stored_is_stored_later(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story() -> None:
        await until(lambda: "a" in stage.active())

    monkeypatch.setattr(Processor, "retry_s", 0.05)
    stage.database = FlakyDatabase(stage.core)
    stage.write("a.py", dag_text("a"))
    follow(stage, story)
    stage.database.dispose()
    assert stage.versions("a") == [1]


def test_secrets_do_not_reach_a_dag_file(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUBFLOW_DATABASE_URL", "sqlite:///secret")
    seen = "import os\nseen = os.environ.get('HUBFLOW_DATABASE_URL', 'nothing')"
    stage.write("a.py", dag_text("a", seen).replace("schedule=None", "seen, schedule=None"))
    stage.index()
    assert stage.dags()["a"].description == "nothing"


def test_file_is_read_again_when_somebody_asks(stage: Stage) -> None:
    stage.write("a.py", dag_text("a"))

    async def story() -> None:
        before = stage.file("a.py").parsed_at
        backend = Backend(stage.database, stage.core.paths)
        parse_requests.ask(backend, Actor("ada", ALL), str(stage.file("a.py").id))
        await until(lambda: stage.file("a.py").parsed_at != before)

    follow(stage, story)


def test_broken_file_gets_another_chance(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(second_chances, "FIRST_PAUSE_S", 0.01)
    monkeypatch.setattr(processor, "HEARTBEAT_S", 0.05)
    monkeypatch.setattr(processor, "REREAD_S", 0.05)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=os.pathsep)
    stage.write("a.py", dag_text("a", "import installed_later"))

    async def story() -> None:
        assert "installed_later" in stage.failures()["a.py"].message
        (tmp_path / "installed_later.py").touch()
        await until(lambda: "a" in stage.active())

    follow(stage, story)
    assert stage.failures() == {}
