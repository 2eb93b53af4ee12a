"""Names and versions that others rely on."""

import json
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

import hubflow
import hubflow.operators

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", hubflow.__all__)
def test_the_package_keeps_its_public_names(name: str) -> None:
    assert getattr(hubflow, name) is not None


@pytest.mark.parametrize(
    "name", ["BashOperator", "CoutureJupyterOperator", "DummyOperator", "PythonOperator"]
)
def test_operators_are_reached_by_their_package(name: str) -> None:
    assert getattr(hubflow.operators, name).__name__ == name


def test_one_version_everywhere() -> None:
    package = json.loads((ROOT / "labextension" / "package.json").read_text())
    assert package["version"] == hubflow.__version__


@pytest.mark.parametrize(
    ("group", "name"),
    [
        ("console_scripts", "hubflow"),
        ("console_scripts", "hubflow-service"),
        ("jupyter_client.kernel_provisioners", "hubflow-warm"),
    ],
)
def test_entry_points_load(group: str, name: str) -> None:
    (found,) = entry_points(group=group, name=name)
    assert callable(found.load())


def test_lock_files_name_no_host() -> None:
    assert "://" not in (ROOT / "requirements" / "lock.txt").read_text()
    lock = json.loads((ROOT / "labextension" / "package-lock.json").read_text())
    assert not [name for name, entry in lock["packages"].items() if "resolved" in entry]


def test_importing_the_database_loads_no_sdk() -> None:
    code = "import sys, hubflow.db.orm; sys.exit('hubflow.sdk' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
