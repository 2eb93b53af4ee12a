"""Operators for DAG authors, imported on first use: `from hubflow.operators import …`."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hubflow.operators.bash import BashOperator as BashOperator
    from hubflow.operators.dummy import DummyOperator as DummyOperator
    from hubflow.operators.dummy import EmptyOperator as EmptyOperator
    from hubflow.operators.email import EmailOperator as EmailOperator
    from hubflow.operators.http import HttpOperator as HttpOperator
    from hubflow.operators.jupyter import CoutureJupyterOperator as CoutureJupyterOperator
    from hubflow.operators.papermill import PapermillOperator as PapermillOperator
    from hubflow.operators.python import PythonOperator as PythonOperator
    from hubflow.operators.slack import SlackAPIPostOperator as SlackAPIPostOperator
    from hubflow.operators.slack import SlackWebhookOperator as SlackWebhookOperator
    from hubflow.operators.sql import GenericTransfer as GenericTransfer
    from hubflow.operators.sql import SQLExecuteQueryOperator as SQLExecuteQueryOperator
    from hubflow.operators.sql_checks import SQLCheckOperator as SQLCheckOperator
    from hubflow.operators.sql_checks import SQLIntervalCheckOperator as SQLIntervalCheckOperator
    from hubflow.operators.sql_checks import SQLThresholdCheckOperator as SQLThresholdCheckOperator
    from hubflow.operators.sql_checks import SQLValueCheckOperator as SQLValueCheckOperator
    from hubflow.operators.ssh import SFTPOperator as SFTPOperator
    from hubflow.operators.ssh import SSHOperator as SSHOperator
    from hubflow.operators.virtualenv import ExternalPythonOperator as ExternalPythonOperator
    from hubflow.operators.virtualenv import PythonVirtualenvOperator as PythonVirtualenvOperator

_MODULES = {
    "BashOperator": "bash",
    "CoutureJupyterOperator": "jupyter",
    "DummyOperator": "dummy",
    "EmailOperator": "email",
    "EmptyOperator": "dummy",
    "ExternalPythonOperator": "virtualenv",
    "GenericTransfer": "sql",
    "HttpOperator": "http",
    "PapermillOperator": "papermill",
    "PythonOperator": "python",
    "PythonVirtualenvOperator": "virtualenv",
    "SFTPOperator": "ssh",
    "SQLCheckOperator": "sql_checks",
    "SQLExecuteQueryOperator": "sql",
    "SQLIntervalCheckOperator": "sql_checks",
    "SQLThresholdCheckOperator": "sql_checks",
    "SQLValueCheckOperator": "sql_checks",
    "SSHOperator": "ssh",
    "SlackAPIPostOperator": "slack",
    "SlackWebhookOperator": "slack",
    "SmoothOperator": "dummy",
}
__all__ = [
    "BashOperator",
    "CoutureJupyterOperator",
    "DummyOperator",
    "EmailOperator",
    "EmptyOperator",
    "ExternalPythonOperator",
    "GenericTransfer",
    "HttpOperator",
    "PapermillOperator",
    "PythonOperator",
    "PythonVirtualenvOperator",
    "SFTPOperator",
    "SQLCheckOperator",
    "SQLExecuteQueryOperator",
    "SQLIntervalCheckOperator",
    "SQLThresholdCheckOperator",
    "SQLValueCheckOperator",
    "SSHOperator",
    "SlackAPIPostOperator",
    "SlackWebhookOperator",
]


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module 'hubflow.operators' has no attribute {name!r}")
    return getattr(importlib.import_module(f"hubflow.operators.{_MODULES[name]}"), name)
