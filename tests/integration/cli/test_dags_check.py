"""`hubflow dags check`: one row a file, in isolated processes, without a database."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

DAG = """
from airflow import DAG
from airflow.operators.dummy_operator import DummyOperator
{more}
dag = DAG({dag_id!r}, schedule_interval=None)
DummyOperator(task_id="t", dag=dag)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "team"
    (folder / "common").mkdir(parents=True)
    (folder / "common/names.py").write_text("NAME = 'from common'\n")
    return folder


def write(folder: Path, name: str, dag_id: str, more: str = "") -> None:
    (folder / name).write_text(DAG.format(dag_id=dag_id, more=more))


def check(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "hubflow", "dags", "check", *words],
        env={**os.environ, "HUBFLOW_HOME": str(home / "home")},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def rows(done: subprocess.CompletedProcess[str]) -> dict[str, dict[str, Any]]:
    return {row.pop("file"): row for row in json.loads(done.stdout)}


def test_folder_is_reported_file_by_file(folder: Path, tmp_path: Path) -> None:
    write(folder, "good.py", "good", "from common.names import NAME")
    write(folder, "broken.py", "broken", "1 / 0")
    write(folder, "missing.py", "missing", "import no_such_package.part")
    write(folder, "aws.py", "aws", "from airflow.providers.amazon.aws.hooks import s3")
    write(folder, "twin.py", "good")
    (folder / "os_exit.py").write_text("import os, airflow  # dag\nos._exit(3)\n")
    (folder / "docker.py").write_text(
        DAG.format(dag_id="docker", more="from airflow.operators.docker_operator import *")
        + "DockerOperator(task_id='box', image='x', dag=dag)\n"
    )
    done = check(tmp_path, str(folder), "-o", "json")
    found = rows(done)
    assert done.returncode == 1
    assert list(found) == sorted(found)
    assert found["good.py"] == {
        "status": "ok",
        "needs": [],
        "line": None,
        "message": None,
        "dags": ["good"],
    }
    broken = found["broken.py"]
    assert (broken["status"], broken["line"]) == ("error", 4)
    assert broken["message"] == "ZeroDivisionError: division by zero"
    assert found["missing.py"]["needs"] == ["the Python package no_such_package"]
    assert found["aws.py"]["needs"] == ["airflow.providers.amazon"]
    assert (found["aws.py"]["status"], found["aws.py"]["line"]) == ("needs", 4)
    docker = found["docker.py"]
    assert (docker["status"], docker["dags"]) == ("needs", ["docker"])
    assert docker["needs"] == ["a Docker engine and the Python package docker"]
    assert "defined in good.py and in twin.py" in found["twin.py"]["message"]
    assert "exit status 3" in found["os_exit.py"]["message"]
    assert not (tmp_path / "home/hubflow.db").exists()


def test_one_good_file_is_status_zero(folder: Path, tmp_path: Path) -> None:
    write(folder, "good.py", "good")
    write(folder, "broken.py", "broken", "1 / 0")
    done = check(tmp_path, str(folder / "good.py"), "-o", "yaml")
    assert done.returncode == 0
    assert [row["file"] for row in yaml.safe_load(done.stdout)] == ["good.py"]


def test_part_of_the_dag_folder_imports_from_the_whole(tmp_path: Path) -> None:
    dags = tmp_path / "home/dags"
    (dags / "team").mkdir(parents=True)
    (dags / "shared_names.py").write_text("NAME = 'x'\n")
    write(dags / "team", "a.py", "a", "from shared_names import NAME")
    write(dags, "b.py", "b")
    done = check(tmp_path, str(dags / "team"), "-o", "json")
    assert (done.returncode, list(rows(done))) == (0, ["team/a.py"])
    table = check(tmp_path)
    assert table.returncode == 0
    assert [line.split()[:2] for line in table.stdout.splitlines()] == [
        ["file", "status"],
        ["b.py", "ok"],
        ["team/a.py", "ok"],
    ]


def test_limits_hold(folder: Path, tmp_path: Path) -> None:
    write(folder, "slow.py", "slow", "import time; time.sleep(60)")
    done = check(tmp_path, str(folder), "-o", "json", "--Dags.import_timeout_s=0.5")
    assert "took longer than 0.5 s" in rows(done)["slow.py"]["message"]


@pytest.mark.parametrize("words", [["/no/such/folder"], ["a", "b"]])
def test_wrong_words_are_one_line(tmp_path: Path, words: list[str]) -> None:
    done = check(tmp_path, *words)
    assert done.returncode == len(words)
    assert done.stderr.startswith("hubflow")
    assert len(done.stderr.splitlines()) == 1
