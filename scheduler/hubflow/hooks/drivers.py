"""Optional libraries: imported when a hook first needs one, with advice if it is missing."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from typing import Any

from hubflow.sdk.unavailable import NotAvailable


def load(who: str, *modules: str, install: str) -> Any:
    """Import and return the first of ``modules`` that is there.

    Raises NotAvailable that says who needs it, and what `pip install` brings it.
    """
    for name in modules:
        try:
            return importlib.import_module(name)
        except ModuleNotFoundError as exc:
            if exc.name != name.partition(".")[0] and exc.name != name:
                raise
    raise NotAvailable(
        f"{who} needs the Python package {_listed(modules)}; run `pip install {install}` where "
        "the worker runs"
    )


def _listed(modules: Sequence[str]) -> str:
    return " or ".join(name.partition(".")[0] for name in modules)
