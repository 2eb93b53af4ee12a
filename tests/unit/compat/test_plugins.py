"""Operators, hooks and macros that plugins add."""

from __future__ import annotations

from pathlib import Path

import pytest

from hubflow.compat import finder, plugins
from hubflow.errors import DagImportError
from hubflow.sdk import macros
from hubflow.sdk.loader import load_source

PLUGIN = """
from airflow.models import BaseOperator
from airflow.hooks.base_hook import BaseHook
from airflow.plugins_manager import AirflowPlugin
from airflow.sensors.helpers_of_plugin import WORD  # noqa

class LoudOperator(BaseOperator):
    def execute(self, context):
        return WORD

class LoudHook(BaseHook):
    pass

def loud(text):
    return text.upper()

class LoudPlugin(AirflowPlugin):
    name = "loud"
    operators = [LoudOperator]
    hooks = [LoudHook]
    macros = [loud]
""".replace("from airflow.sensors.helpers_of_plugin import WORD  # noqa\n", "WORD = 'HA'\n")


@pytest.fixture
def dags(tmp_path: Path) -> Path:
    (tmp_path / "dags").mkdir()
    (tmp_path / "plugins").mkdir()
    return tmp_path / "dags"


def test_names_are_found_by_class_and_by_plugin(dags: Path) -> None:
    (dags.parent / "plugins/loud_things.py").write_text(PLUGIN)
    text = """
from airflow import DAG
from airflow.operators import LoudOperator
from airflow.operators.loud import LoudOperator as Same
from airflow.hooks.loud import LoudHook
import airflow.operators
from loud_things import LoudOperator as ByModule
assert LoudOperator is Same is airflow.operators.loud.LoudOperator is ByModule
with DAG("d", schedule_interval=None) as dag:
    LoudOperator(task_id="t")
"""
    (dag,) = load_source("file.py", text, dags)
    assert dag.task_ids == ["t"]
    assert macros.loud.loud("hey") == "HEY"
    assert plugins.problems() == []


def test_broken_plugin_is_named_and_breaks_no_other(dags: Path) -> None:
    (dags.parent / "plugins/a_broken.py").write_text("import no_such_module\n")
    (dags.parent / "plugins/b_nameless.py").write_text(
        "from airflow.plugins_manager import AirflowPlugin\nclass P(AirflowPlugin): pass\n"
    )
    (dags.parent / "plugins/c_loud.py").write_text(PLUGIN)
    load_source("file.py", "from airflow.operators import LoudOperator\n", dags)
    first, second = plugins.problems()
    assert first.startswith("Broken plugin: [plugins/a_broken.py] ModuleNotFoundError")
    assert (
        second == "Broken plugin: [plugins/b_nameless.py] PluginInvalid: the plugin P needs a name"
    )
    with pytest.raises(DagImportError) as raised:
        load_source("other.py", "from airflow.operators import QuietOperator\n", dags)
    assert raised.value.__cause__ is not None
    assert "Broken plugin: [plugins/a_broken.py]" in (finder.hint(raised.value.__cause__) or "")


def test_plugin_that_is_not_asked_for_is_not_run(dags: Path) -> None:
    (dags.parent / "plugins/slow.py").write_text("raise SystemExit('was run')\n")
    load_source("file.py", "from airflow.operators import BashOperator\n", dags)
    assert plugins.problems() == []


def test_folders_of_the_dag_folder_are_reached_both_ways(dags: Path) -> None:
    (dags / "common_of_test").mkdir()
    (dags / "common_of_test/names.py").write_text("NAME = 'n'\n")
    text = """
from airflow import DAG
from common_of_test.names import NAME
from dags.common_of_test.names import NAME as SAME
dag = DAG(NAME + SAME, schedule_interval=None)
"""
    assert [dag.dag_id for dag in load_source("file.py", text, dags)] == ["nn"]
