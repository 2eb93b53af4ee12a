"""What a new home starts with: example DAGs and notebooks."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import hubflow
from hubflow.config import Paths

INSTALLED = Path(sys.prefix, "share", "hubflow", "examples")
MARK = ".examples_copied"
STARTED = ".first_run_started"
# JupyterLab would ask every new user about news from the Internet, over what they came to see.
LAB_DEFAULTS = {"@jupyterlab/apputils-extension:notification": {"fetchNews": "false"}}


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


def lab_environment(paths: Paths) -> dict[str, str]:
    """Write what JupyterLab starts with here; return the variable by which it finds that."""
    folder = paths.home / "lab_defaults"
    file = folder / "labconfig" / "default_setting_overrides.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(LAB_DEFAULTS, indent=2))
    return {"JUPYTER_CONFIG_PATH": str(folder)}


def examples() -> Path:
    """Return the folder of examples: that of the checkout, or as installed."""
    checkout = Path(hubflow.__file__).parents[2] / "examples"
    return checkout if checkout.is_dir() else INSTALLED


def _copy_new(source: str, target: str) -> str:
    """Copy a file unless one is there."""
    if not Path(target).exists():
        shutil.copyfile(source, target)
    return target
