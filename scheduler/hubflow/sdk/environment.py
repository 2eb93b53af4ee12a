"""Environment variables that hold what people call variables, connections and options (SEMANTICS
5.2, 5.3), and those that every process of ours has.

No setting is read from the environment here; that is `config` alone.
"""

from __future__ import annotations

import os
from typing import NamedTuple

_BRANDS = ("HUBFLOW", "AIRFLOW")


class Given(NamedTuple):
    """A value from the environment, and the name under which it was found."""

    name: str
    value: str


def find_variable(key: str) -> Given | None:
    """Return the variable from `HUBFLOW_VAR_<KEY>` or `AIRFLOW_VAR_<KEY>`, or None."""
    return _find("VAR", key)


def find_connection(conn_id: str) -> Given | None:
    """Return the connection from `HUBFLOW_CONN_<ID>` or `AIRFLOW_CONN_<ID>`, or None."""
    return _find("CONN", conn_id)


def find_option(section: str, key: str) -> Given | None:
    """Return the option from `HUBFLOW__<SECTION>__<KEY>` or `AIRFLOW__…`, or None."""
    return _find("", f"_{section}__{key}")


def set_user(name: str, home: str) -> None:
    """Let this process and its children know as whom they run."""
    os.environ.update({"USER": name, "LOGNAME": name, "HOME": home})


def home() -> str:
    """Return HUBFLOW_HOME, as every process of ours has it; empty outside of them."""
    return os.environ.get("HUBFLOW_HOME", "")


def _find(kind: str, name: str) -> Given | None:
    for brand in _BRANDS:
        full = f"{brand}_{kind}_{name.upper()}" if kind else f"{brand}_{name.upper()}"
        if (value := os.environ.get(full)) is not None:
            return Given(full, value)
    return None


def inherited() -> dict[str, str]:
    """Return a copy of this process's environment, for a command to build on."""
    return dict(os.environ)
