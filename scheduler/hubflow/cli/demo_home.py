"""What a new home starts with: example DAGs and notebooks."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import hubflow
from hubflow.config import Paths

INSTALLED = Path(sys.prefix, "share", "hubflow", "examples")
MARK = ".examples_copied"
STARTED = ".first_run_started"


def copy_examples(paths: Paths) -> bool:
    """Copy the examples into a home that never had them; what somebody deletes stays deleted."""
    mark = paths.home / MARK
    if mark.exists():
        return False
    source = examples()
    for part, target in (("dags", paths.dags), ("notebooks", paths.common_workspace / "examples")):
        if (source / part).is_dir():
            shutil.copytree(
                source / part,
                target,
                dirs_exist_ok=True,
                ignore=shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints"),
                copy_function=_copy_new,
            )
    mark.touch()
    return True


def examples() -> Path:
    """Return the folder of examples: that of the checkout, or as installed."""
    checkout = Path(hubflow.__file__).parents[2] / "examples"
    return checkout if checkout.is_dir() else INSTALLED


def _copy_new(source: str, target: str) -> str:
    """Copy a file unless one is there."""
    if not Path(target).exists():
        shutil.copyfile(source, target)
    return target
