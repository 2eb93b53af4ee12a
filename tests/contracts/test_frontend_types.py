"""The front end's types are the ones that the server sends."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

LABEXTENSION = Path(__file__).parents[2] / "labextension"


def test_typescript_types_are_written_from_the_shapes_of_the_server() -> None:
    written = subprocess.run(
        [sys.executable, LABEXTENSION / "scripts" / "dto_types.py"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    kept = (LABEXTENSION / "src" / "api" / "types.ts").read_text(encoding="utf-8")
    assert kept == written, "run `npm run types` in the folder labextension"
