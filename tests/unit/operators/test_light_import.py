"""Importing what authors import stays quick: nothing heavy comes with it."""

from __future__ import annotations

import subprocess
import sys

HEAVY = {"jinja2", "pendulum", "nbformat", "jsonschema", "sqlalchemy", "tornado", "traitlets"}


def test_sdk_and_operators_import_nothing_heavy() -> None:
    program = (
        "import sys; from hubflow import DAG; from hubflow.operators import BashOperator, "
        "PythonOperator, DummyOperator; print(*sys.modules)"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not HEAVY.intersection(loaded)
