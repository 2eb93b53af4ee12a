"""Pages that teach are true: a reader who follows them sees what they show."""

import shutil
from pathlib import Path

from engine import Engine
from walkthrough import Reader

TESTS = Path(__file__).parents[1]
DOCS = TESTS.parent / "docs"


def test_tutorial_your_first_dag(engine: Engine, tmp_path: Path) -> None:
    Reader(engine, tmp_path).follow((DOCS / "tutorial" / "your-first-dag.md").read_text())


def test_how_to_move_from_airflow(engine: Engine, tmp_path: Path) -> None:
    shutil.copytree(TESTS / "airflow_home", tmp_path / "airflow")
    Reader(engine, tmp_path).follow((DOCS / "howto" / "move-from-airflow.md").read_text())
