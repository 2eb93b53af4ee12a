"""`airflow.settings`: where things lie, and sessions that refuse to work."""

from __future__ import annotations

from typing import Any

from hubflow.compat.session import NoSession
from hubflow.sdk import places, site_defaults

TIMEZONE = site_defaults.timezone()
engine: Any = NoSession()


def Session(*args: Any, **kwargs: Any) -> NoSession:
    """Return a session that refuses to work."""
    return NoSession()


def __getattr__(name: str) -> Any:
    folder = places.dags_folder()
    if folder is not None and name in ("AIRFLOW_HOME", "DAGS_FOLDER", "PLUGINS_FOLDER"):
        found = {
            "AIRFLOW_HOME": folder.parent,
            "DAGS_FOLDER": folder,
            "PLUGINS_FOLDER": folder.parent / places.PLUGINS,
        }
        return str(found[name])
    raise AttributeError(f"module 'airflow.settings' has no attribute {name!r}")
