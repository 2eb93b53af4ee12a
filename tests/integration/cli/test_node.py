"""Finding a Node.js that dies with its proxy."""

from __future__ import annotations

from pathlib import Path

import pytest

from hubflow.cli import node


def test_a_script_named_node_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("node", "npm"):
        wrapper = tmp_path / name
        wrapper.write_text("#!/bin/sh\necho v99.0.0\n")
        wrapper.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    found = node.find_node()
    assert found.node != tmp_path / "node"
    assert found.node.read_bytes()[:2] != b"#!"
    assert found.npm.name == "npm-cli.js"
