"""Operators for DAG authors, imported on first use: `from hubflow.operators import …`."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hubflow.operators.bash import BashOperator as BashOperator
    from hubflow.operators.dummy import DummyOperator as DummyOperator
    from hubflow.operators.dummy import EmptyOperator as EmptyOperator
    from hubflow.operators.email import EmailOperator as EmailOperator
    from hubflow.operators.jupyter import CoutureJupyterOperator as CoutureJupyterOperator
    from hubflow.operators.python import PythonOperator as PythonOperator

_MODULES = {
    "BashOperator": "bash",
    "CoutureJupyterOperator": "jupyter",
    "DummyOperator": "dummy",
    "EmailOperator": "email",
    "EmptyOperator": "dummy",
    "PythonOperator": "python",
}
__all__ = [
    "BashOperator",
    "CoutureJupyterOperator",
    "DummyOperator",
    "EmailOperator",
    "EmptyOperator",
    "PythonOperator",
]


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module 'hubflow.operators' has no attribute {name!r}")
    return getattr(importlib.import_module(f"hubflow.operators.{_MODULES[name]}"), name)
