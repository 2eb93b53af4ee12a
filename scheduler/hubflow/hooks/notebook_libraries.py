"""The notebook libraries, imported without their most expensive dependency.

jsonschema, which nbformat wants, imports `rfc3987_syntax` for the formats "iri" and
"iri-reference" alone, and that builds a grammar for 1.7 s. jsonschema does without it where it
is not installed; notebooks use neither format. Only processes of our own do this.
"""

from __future__ import annotations

import importlib
import sys

MODULES = (
    "nbformat",
    "nbclient.client",
    "papermill.parameterize",
    "papermill.iorw",
    "jupyter_client.asynchronous.client",
    "jupyter_client.kernelspec",
    "jupyter_client.manager",
    "hubflow_kernels.provisioner",
    "hubflow.hooks.notebook_run",
    "hubflow.operators.jupyter",
)


def without_iri_formats() -> None:
    """Make `import rfc3987_syntax` fail fast, if nobody has imported it yet."""
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]


def load() -> None:
    """Import everything that a notebook run needs: for a zygote, before it forks."""
    without_iri_formats()
    for name in MODULES:
        importlib.import_module(name)
    importlib.import_module("hubflow.hooks.notebook_file").warm_up()
