"""Which files count, what changed, and who uses what changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from hubflow.parsing import finder


def lay_out(folder: Path, *paths: str) -> None:
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text("x")


def test_scan_skips_hidden_caches_and_ignored(tmp_path: Path) -> None:
    lay_out(
        tmp_path,
        "a.py",
        "b.sql",
        ".hidden.py",
        ".git/c.py",
        "__pycache__/a.py",
        "sub/d.py",
        "sub/old/e.py",
        "sub/skip_me.py",
    )
    (tmp_path / "sub/.airflowignore").write_text("# old things\nold\nskip_.*\\.py  # and this\n(\n")
    assert list(finder.scan(tmp_path)) == ["a.py", "b.sql", "sub/d.py"]


def test_a_line_that_is_no_pattern_is_told_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    lay_out(tmp_path, "a.py")
    (tmp_path / ".airflowignore").write_text("*.py\n")
    for _ in range(2):
        assert list(finder.scan(tmp_path)) == ["a.py"]
    (told,) = caplog.messages
    assert told.startswith(f"'*.py' in {tmp_path}/.airflowignore is no regular expression")


def test_links_are_followed_and_circles_end(tmp_path: Path) -> None:
    dags, elsewhere = tmp_path / "dags", tmp_path / "elsewhere"
    lay_out(dags, "a.py")
    lay_out(elsewhere, "b.py")
    (dags / "linked").symlink_to(elsewhere)
    (elsewhere / "back").symlink_to(dags)
    (dags / "broken.py").symlink_to(tmp_path / "nowhere")
    assert list(finder.scan(dags)) == ["a.py", "linked/b.py"]


@pytest.mark.parametrize(
    ("path", "text", "is_dag"),
    [
        ("a.py", "from hubflow import DAG", True),
        ("a.py", "from airflow.decorators import dag", True),
        ("a.py", "from hubflow import operators", False),
        ("a.py", "DAG = 1", False),
        ("a.txt", "from hubflow import DAG", False),
    ],
)
def test_safe_mode(path: str, text: str, is_dag: bool) -> None:
    assert finder.is_dag_file(path, text) is is_dag


def test_changed_names_new_gone_and_different() -> None:
    one, other = finder.Stamp(1, 1, 1), finder.Stamp(2, 1, 1)
    before = {"same": one, "gone": one, "edited": one}
    after = {"same": one, "edited": other, "new": one}
    assert finder.changed(before, after) == {"gone", "edited", "new"}


@pytest.mark.parametrize(
    ("changed", "users"),
    [
        ("common/names.py", {"a.py", "common/more.py", "b.py"}),
        ("common/__init__.py", {"a.py", "b.py"}),
        ("query.sql", {"c.py"}),
        ("c.py", set()),
    ],
)
def test_dependents_are_found_through_others(changed: str, users: set[str]) -> None:
    texts = {
        "a.py": "from common.names import X\n",
        "b.py": "if True:\n    from common import more\n",
        "c.py": "bash_command='query.sql'  # names\n",
        "common/more.py": "from .names import X\n",
    }
    assert finder.dependents(texts, [changed]) == users
