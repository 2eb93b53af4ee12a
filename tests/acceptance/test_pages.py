"""Pages that teach are true: a reader who follows them sees what they show."""

from pathlib import Path

from engine import Engine
from walkthrough import Reader

DOCS = Path(__file__).parents[2] / "docs"


def test_tutorial_your_first_dag(engine: Engine, tmp_path: Path) -> None:
    Reader(engine, tmp_path).follow((DOCS / "tutorial" / "your-first-dag.md").read_text())
