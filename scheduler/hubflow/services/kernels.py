"""Which kernels are installed here."""

from __future__ import annotations

import json
from pathlib import Path

from jupyter_client.kernelspec import KernelSpecManager


def installed() -> dict[str, str]:
    """Return the display name of each installed kernel by its name."""
    found = KernelSpecManager().find_kernel_specs()
    return {name: _display_name(Path(folder), name) for name, folder in found.items()}


def _display_name(folder: Path, name: str) -> str:
    try:
        return str(json.loads((folder / "kernel.json").read_text())["display_name"])
    except (OSError, ValueError, KeyError):
        return name
