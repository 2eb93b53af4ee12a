"""What `import airflow…` gives in a parse or task process, and that it does so only there."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

from hubflow.compat import finder
from hubflow.errors import DagImportError
from hubflow.sdk import DAG
from hubflow.sdk.loader import load_source


def load(text: str, folder: Path, path: str = "file.py") -> list[DAG]:
    return load_source(path, text, folder)


def test_class_is_the_same_under_all_its_names(tmp_path: Path) -> None:
    text = """
from airflow.operators import BashOperator
from airflow.operators.bash_operator import BashOperator as Old
from airflow.operators.bash import BashOperator as New
from airflow.operators.dummy import DummyOperator
from airflow.operators.empty import EmptyOperator
from hubflow.operators import BashOperator as Ours
assert BashOperator is Old is New is Ours
assert DummyOperator is EmptyOperator
"""
    assert load(text, tmp_path) == []


def test_attributes_are_reached_without_importing_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUBFLOW_HOME", str(tmp_path))
    text = """
import airflow
assert airflow.__version__ == "1.10.10+hubflow"
assert airflow.version.version[0] == "1"
dag = airflow.models.DAG("d", start_date=airflow.utils.dates.days_ago(2), schedule_interval=None)
assert airflow.macros.ds_add("2020-01-01", 1) == "2020-01-02"
assert callable(airflow.utils.helpers.chain)
assert airflow.settings.DAGS_FOLDER == airflow.configuration.conf.get("core", "dags_folder")
"""
    assert [dag.dag_id for dag in load(text, tmp_path / "dags")] == ["d"]


def test_module_of_a_provider_that_is_not_here_says_so(tmp_path: Path) -> None:
    text = "from airflow.providers.amazon.aws.hooks.s3 import S3Hook\n"
    with pytest.raises(DagImportError, match=r"the Airflow provider 'amazon' .* is not part of"):
        load(text, tmp_path)


def test_unknown_module_and_name_can_be_caught(tmp_path: Path) -> None:
    text = """
try:
    from airflow.providers.google.cloud.operators import bigquery
except ImportError:
    bigquery = None
try:
    from airflow.operators import NoSuchOperator
except ImportError:
    NoSuchOperator = None
assert bigquery is NoSuchOperator is None
import airflow.operators
assert not hasattr(airflow.operators, "NoSuchOperator")
"""
    assert load(text, tmp_path) == []


def test_unknown_name_comes_with_advice(tmp_path: Path) -> None:
    with pytest.raises(DagImportError) as raised:
        load("from airflow.operators import NoSuchOperator\n", tmp_path)
    assert raised.value.__cause__ is not None
    assert "airflow.operators, but not this name" in (finder.hint(raised.value.__cause__) or "")
    assert finder.hint(ImportError("x", name="numpy")) is None


def test_copies_of_airflows_examples_import_each_other(tmp_path: Path) -> None:
    (tmp_path / "example_dags/libs").mkdir(parents=True)
    (tmp_path / "example_dags/libs/own_helper.py").write_text("NAME = 'mine'\n")
    text = """
from airflow import DAG
from airflow.example_dags.libs.own_helper import NAME
from airflow.example_dags.subdags.subdag import subdag
dag = DAG(NAME, schedule_interval=None)
"""
    assert [dag.dag_id for dag in load(text, tmp_path)] == ["mine"]


def test_installed_airflow_gives_way_here_and_stays_as_it_is_elsewhere(tmp_path: Path) -> None:
    """A fake distribution: what counts is that it is found by the usual finders."""
    (tmp_path / "airflow").mkdir()
    (tmp_path / "airflow/__init__.py").write_text("__version__ = 'really installed'\n")
    program = """
import airflow
before = airflow.__version__
from hubflow.compat import finder
finder.install()
import airflow
print(before, "|", airflow.__version__)
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONPATH": str(tmp_path), "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "really installed | 1.10.10+hubflow"


def test_processes_that_decide_never_see_it() -> None:
    program = (
        "import sys, importlib.util, hubflow.scheduler.loop, hubflow.services.dag_runs, "
        "hubflow.parsing.processor; "
        "sys.exit(any(type(f).__name__ == 'AirflowFinder' for f in sys.meta_path) "
        "or 'hubflow.compat.finder' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


@pytest.mark.parametrize("module", ["airflow.operators", "airflow.sdk", "airflow.utils.state"])
def test_star_import_and_dir_show_the_names(module: str) -> None:
    found = importlib.import_module(module)
    assert set(found.__all__) <= set(dir(found))


def test_duplicate_edge_is_a_warning_in_files_for_airflow_only(tmp_path: Path) -> None:
    text = """
from {package} import DAG
from hubflow.operators import DummyOperator
with DAG("d", schedule_interval=None) as dag:
    a, b = DummyOperator(task_id="a"), DummyOperator(task_id="b")
    a >> b
    a >> b
"""
    (dag,) = load(text.format(package="airflow"), tmp_path)
    assert dag.warnings == ["the edge from a to b is declared twice"]
    with pytest.raises(DagImportError, match="already registered"):
        load(text.format(package="hubflow"), tmp_path)
    strict, lenient = text.format(package="airflow"), text.format(package="hubflow")
    with pytest.raises(DagImportError):
        load_source("file.py", strict, tmp_path, duplicate_dependency="raise")
    assert load_source("file.py", lenient, tmp_path, duplicate_dependency="warn")
