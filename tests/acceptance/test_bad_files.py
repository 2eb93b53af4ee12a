"""Broken DAG files: each with a clear error, none stopping the others."""

import json

from engine import Engine
from hubflow.db import orm
from hubflow.states import RunState

HEAD = """
from datetime import datetime
from hubflow import DAG
from hubflow.operators import BashOperator, PythonOperator
"""
DAG = """
with DAG({name!r}, schedule_interval=None, start_date=datetime(2026, 1, 1),
         is_paused_upon_creation=False) as dag:
    a = BashOperator(task_id="a", bash_command="true")
    b = BashOperator(task_id="b", bash_command="true")
    {body}
"""
FILES = {
    "syntax.py": HEAD + "def (:\n",
    "cycle.py": HEAD + DAG.format(name="cycle", body="a >> b >> a"),
    "raises.py": HEAD + "1 / 0\n",
    "cron.py": HEAD
    + DAG.format(name="cron", body="pass").replace(
        "schedule_interval=None", "schedule_interval='61 * * * *'"
    ),
    "exits.py": HEAD + "import os\nos._exit(3)\n",
    "hungry.py": HEAD + "block = bytearray(2 * 1024 ** 3)\n",
    "twin_b.py": HEAD + DAG.format(name="good", body="pass"),
}


def test_each_broken_file_is_named_and_good_ones_run(engine: Engine) -> None:
    engine.write("good.py", HEAD + DAG.format(name="good", body="a >> b"))
    engine.wait_for_dag("good")
    for name, text in FILES.items():
        engine.write(name, text)
    engine.wait_for(
        lambda: len(engine.rows(orm.ImportFailure)) == len(FILES), "an error for each broken file"
    )
    listed = engine.hubflow("dags", "list-import-errors", "-o", "json")
    assert listed.returncode == 1
    errors = {row["filename"]: row for row in json.loads(listed.stdout)}
    assert errors["syntax.py"]["line"] == 5
    assert "ycle" in errors["cycle.py"]["message"]
    assert "a" in errors["cycle.py"]["message"]
    assert "ZeroDivisionError" in errors["raises.py"]["message"]
    assert errors["raises.py"]["line"] == 5
    assert "61" in errors["cron.py"]["message"]
    assert "3" in errors["exits.py"]["message"]
    assert "MB" in errors["hungry.py"]["message"]
    assert "good.py" in errors["twin_b.py"]["message"]
    assert engine.hubflow("dags", "trigger", "good", "--wait").returncode == 0
    assert engine.find(orm.DagRun).state is RunState.SUCCESS


def test_an_endless_loop_is_cut_off(engine: Engine) -> None:
    engine.kill("processor")
    engine.start("processor", "--Dags.import_timeout_s=1")
    engine.write("endless.py", HEAD + "while True:\n    pass\n")
    failure = engine.wait_for(lambda: engine.find(orm.ImportFailure), "the import error")
    assert "1 s" in failure.message
    assert failure.line in (5, 6)


def test_a_mended_file_loses_its_error(engine: Engine) -> None:
    engine.write("good.py", HEAD + "def (:\n")
    engine.wait_for(lambda: engine.find(orm.ImportFailure), "the import error")
    engine.write("good.py", HEAD + DAG.format(name="good", body="a >> b"))
    engine.wait_for_dag("good")
    assert not engine.rows(orm.ImportFailure)


def test_a_version_comes_only_with_a_new_meaning(engine: Engine) -> None:
    source = HEAD + DAG.format(name="good", body="a >> b")
    engine.write("good.py", source)
    engine.wait_for_dag("good")
    engine.write("good.py", source + "\n# only a comment\n")
    engine.wait_for(
        lambda: engine.find(orm.Source, orm.Source.text.contains("only a comment")), "the new text"
    )
    assert len(engine.rows(orm.DagVersion)) == 1
    engine.write("good.py", HEAD + DAG.format(name="good", body="b >> a"))
    engine.wait_for(lambda: len(engine.rows(orm.DagVersion)) == 2, "a second version")
