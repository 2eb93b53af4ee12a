"""hubflow: a workflow orchestrator inside JupyterHub.

Names for DAG authors are resolved on first use, so that `import hubflow.db` loads no SDK.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hubflow.sdk import DAG as DAG
    from hubflow.sdk import Connection as Connection
    from hubflow.sdk import Variable as Variable

__version__ = "0.1.0"
__all__ = ["DAG", "Connection", "Variable", "__version__"]

_LAZY = {"DAG": "hubflow.sdk", "Connection": "hubflow.sdk", "Variable": "hubflow.sdk"}


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module 'hubflow' has no attribute {name!r}")
    return getattr(importlib.import_module(_LAZY[name]), name)
