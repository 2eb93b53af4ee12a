"""Files written for Airflow, plugins beside the DAG folder, and zip archives in it."""

from __future__ import annotations

import asyncio
import stat
import zipfile
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import select

from hubflow.db import orm
from hubflow.serialization.model import SerializedDag
from integration.parsing.indexed_folder import Stage
from waiting import until

AIRFLOW = """
from airflow import DAG
from airflow.operators.bash_operator import BashOperator
from airflow.utils.dates import days_ago
{more}
dag = DAG({dag_id!r}, start_date=days_ago(2), schedule_interval=None)
one = BashOperator(task_id="one", bash_command="true", dag=dag)
"""
PLUGIN = """
from airflow.models import BaseOperator
from airflow.plugins_manager import AirflowPlugin
class {name}(BaseOperator):
    pass
class Plugin(AirflowPlugin):
    name = "mine"
    operators = [{name}]
"""


def text(dag_id: str, more: str = "") -> str:
    return AIRFLOW.format(dag_id=dag_id, more=more)


def follow(stage: Stage, story: Callable[[], Awaitable[None]]) -> None:
    async def run() -> None:
        async with stage.processor() as processor:
            await processor.started.wait()
            await processor.settled()
            await story()

    asyncio.run(run())


def warnings_of(stage: Stage, dag_id: str) -> tuple[str, ...]:
    with stage.database.read() as session:
        data = session.scalar(
            select(orm.DagVersion.data)
            .join(orm.Dag, orm.Dag.id == orm.DagVersion.dag_id)
            .where(orm.Dag.dag_id == dag_id)
            .order_by(orm.DagVersion.number.desc())
        )
    return msgspec.json.decode(data, type=SerializedDag).warnings


def add_plugin(stage: Stage, name: str, content: str) -> None:
    stage.core.paths.plugins.mkdir(exist_ok=True)
    (stage.core.paths.plugins / name).write_text(content)


def pack(file: Path, members: dict[str, str]) -> None:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def test_file_for_airflow_is_stored(stage: Stage) -> None:
    stage.write("a.py", text("a", "import airflow.utils.helpers\n"))
    stage.index()
    assert stage.active() == {"a"}
    assert stage.failures() == {}


def test_operator_that_cannot_run_is_a_warning_and_no_error(stage: Stage) -> None:
    more = "from airflow.operators.docker_operator import DockerOperator\n"
    task = 'DockerOperator(task_id="box", image="x", command="y", dag=dag) << one\n'
    stage.write("a.py", text("a", more) + task)
    stage.index()
    (warning,) = warnings_of(stage, "a")
    assert warning == (
        "Task 'box': DockerOperator needs a Docker engine and the Python package docker, "
        "and will fail"
    )


def test_missing_name_of_airflow_comes_with_advice(stage: Stage) -> None:
    stage.write("a.py", text("a", "from airflow.operators import NoSuchOperator\n"))
    stage.write("b.py", text("b", "from airflow.providers.google.cloud import bigquery\n"))
    stage.index()
    found = stage.failures()
    assert "docs/reference/airflow-names.md" in found["a.py"].message
    assert "unknown location" not in found["a.py"].message
    assert "the Airflow provider 'google'" in found["b.py"].message
    assert (found["a.py"].line, found["b.py"].line) == (5, 5)


def test_duplicate_edge_is_refused_where_the_site_says_so(stage: Stage) -> None:
    twice = text("a") + 'two = BashOperator(task_id="two", bash_command="x", dag=dag)\n'
    stage.write("a.py", twice + "one >> two\none >> two\n")
    stage.index()
    assert warnings_of(stage, "a") == ("the edge from one to two is declared twice",)
    stage.settings.duplicate_dependency = "raise"
    stage.write("a.py", twice + "one >> two\none >> two  # again\n")
    stage.index()
    assert "already registered" in stage.failures()["a.py"].message


def test_new_plugin_heals_the_files_that_want_it(stage: Stage) -> None:
    stage.write("a.py", text("a", "from airflow.operators.mine import LoudOperator\n"))

    async def story() -> None:
        assert "a.py" in stage.failures()
        add_plugin(stage, "loud.py", PLUGIN.format(name="LoudOperator"))
        await until(lambda: stage.active() == {"a"} and not stage.failures())

    follow(stage, story)


def test_broken_plugin_is_shown_until_it_is_repaired(stage: Stage) -> None:
    add_plugin(stage, "bad.py", "1 / 0\n")

    async def story() -> None:
        found = stage.failures()["../plugins/bad.py"].message
        assert found == "Broken plugin: ZeroDivisionError: division by zero"
        add_plugin(stage, "bad.py", "x = 1\n")
        await until(lambda: not stage.failures())

    follow(stage, story)


def test_plugin_repaired_while_nobody_looked_is_fine(stage: Stage) -> None:
    add_plugin(stage, "bad.py", "1 / 0\n")
    stage.index()
    assert list(stage.failures()) == ["../plugins/bad.py"]
    (stage.core.paths.plugins / "bad.py").unlink()
    stage.index()
    assert stage.failures() == {}


def test_files_at_the_top_of_an_archive_are_dag_files(stage: Stage) -> None:
    pack(
        stage.folder / "team.zip",
        {
            "one.py": text("one", "from helpers_in_zip.names import NAME\n"),
            "two.py": text("two"),
            "helpers_in_zip/__init__.py": "",
            "helpers_in_zip/names.py": "NAME = 'dag from airflow'\n",
            "readme.txt": "airflow dag",
        },
    )

    async def story() -> None:
        assert stage.active() == {"one", "two"}
        pack(stage.folder / "team.zip", {"two.py": text("two"), "three.py": text("three")})
        await until(lambda: stage.active() == {"two", "three"})
        (stage.folder / "team.zip").unlink()
        await until(lambda: stage.active() == set())

    follow(stage, story)
    assert stage.failures() == {}


def test_broken_archive_is_an_import_error_until_it_is_whole(stage: Stage) -> None:
    (stage.folder / "bad.zip").write_bytes(b"PK but no archive")

    async def story() -> None:
        assert "the file is no zip archive" in stage.failures()["bad.zip"].message
        pack(stage.folder / "bad.zip", {"a.py": text("a")})
        await until(lambda: stage.active() == {"a"} and not stage.failures())

    follow(stage, story)


def test_links_in_an_archive_are_passed_over(stage: Stage) -> None:
    link = zipfile.ZipInfo("link.py")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(stage.folder / "links.zip", "w") as archive:
        archive.writestr(link, "/etc/passwd airflow dag")
    stage.index()
    assert (stage.active(), stage.failures()) == (set(), {})


@pytest.mark.parametrize("name", ["../outside.py", "/tmp/outside.py", "a/../../outside.py"])
def test_an_archive_that_leads_out_of_itself_is_refused(stage: Stage, name: str) -> None:
    pack(stage.folder / "evil.zip", {"good.py": text("good"), name: text("outside")})
    stage.index()
    assert stage.active() == set()
    assert f"names a file outside of itself, {name!r}" in stage.failures()["evil.zip"].message


def test_bomb_in_an_archive_is_refused(stage: Stage) -> None:
    pack(stage.folder / "bomb.zip", {"bomb.py": "# airflow dag\n" + " " * 30_000_000})
    stage.index()
    assert "more than 4,194,304 bytes" in stage.failures()["bomb.zip/bomb.py"].message


@pytest.mark.parametrize("name", ["data.zip", "empty.zip"])
def test_archive_without_python_is_nobodys_business(stage: Stage, name: str) -> None:
    pack(stage.folder / name, {} if name == "empty.zip" else {"data/airflow_dag.csv": "1"})
    stage.index()
    assert (stage.active(), stage.failures()) == (set(), {})
