"""hubflow: a workflow orchestrator inside JupyterHub.

Names for DAG authors are resolved on first use, so that `import hubflow.db` loads no SDK.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hubflow.operators.decorators import setup as setup
    from hubflow.operators.decorators import task as task
    from hubflow.operators.decorators import teardown as teardown
    from hubflow.sdk import DAG as DAG
    from hubflow.sdk import Connection as Connection
    from hubflow.sdk import Label as Label
    from hubflow.sdk import TaskGroup as TaskGroup
    from hubflow.sdk import Variable as Variable
    from hubflow.sdk import chain as chain
    from hubflow.sdk import cross_downstream as cross_downstream
    from hubflow.sdk.dag_decorator import dag as dag
    from hubflow.sdk.task_group_decorator import task_group as task_group

__version__ = "0.1.0"
__all__ = [
    "DAG",
    "Connection",
    "Label",
    "TaskGroup",
    "Variable",
    "__version__",
    "chain",
    "cross_downstream",
    "dag",
    "setup",
    "task",
    "task_group",
    "teardown",
]

_LAZY = {
    "Connection": "hubflow.sdk",
    "DAG": "hubflow.sdk",
    "Label": "hubflow.sdk",
    "TaskGroup": "hubflow.sdk",
    "Variable": "hubflow.sdk",
    "chain": "hubflow.sdk",
    "cross_downstream": "hubflow.sdk",
    "dag": "hubflow.sdk.dag_decorator",
    "setup": "hubflow.operators.decorators",
    "task": "hubflow.operators.decorators",
    "task_group": "hubflow.sdk.task_group_decorator",
    "teardown": "hubflow.operators.decorators",
}


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module 'hubflow' has no attribute {name!r}")
    return getattr(importlib.import_module(_LAZY[name]), name)
