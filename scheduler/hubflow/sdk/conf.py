"""`conf` of Airflow: options by section and key, as DAG files and templates read them.

Only what makes sense without Airflow's own configuration file has a value; `AIRFLOW__SECTION__KEY`
in the environment sets any option. The database's address is never among them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hubflow import config
from hubflow.sdk import places
from hubflow.sdk.exceptions import HubflowException

_UNSET: Any = object()
_YES = frozenset({"t", "true", "1", "yes", "on"})
_NO = frozenset({"f", "false", "0", "no", "off"})
_DEFAULTS: Mapping[tuple[str, str], str] = {
    ("core", "executor"): "LocalExecutor",
    ("core", "default_timezone"): "utc",
    ("core", "parallelism"): "32",
    ("core", "dag_concurrency"): "16",
    ("core", "max_active_tasks_per_dag"): "16",
    ("core", "max_active_runs_per_dag"): "16",
    ("core", "load_examples"): "False",
    ("core", "dags_are_paused_at_creation"): "True",
    ("core", "default_task_retries"): "0",
    ("operators", "default_owner"): "airflow",
    ("operators", "default_queue"): "default",
    ("operators", "default_deferrable"): "False",
    ("email", "email_backend"): "airflow.utils.email.send_email_smtp",
    ("scheduler", "catchup_by_default"): "True",
    ("webserver", "base_url"): "http://localhost:8080",
    ("kubernetes", "worker_container_repository"): "",
    ("kubernetes", "worker_container_tag"): "",
    ("kubernetes_executor", "worker_container_repository"): "",
    ("kubernetes_executor", "worker_container_tag"): "",
}
_SECRET = frozenset({("core", "sql_alchemy_conn"), ("database", "sql_alchemy_conn")}) | {
    ("core", "fernet_key")
}


class AirflowConfigException(HubflowException):
    """An option is not there, or not what was asked for."""


class AirflowConfigParser:
    """Reads options. What is not there raises AirflowConfigException, or gives the fallback."""

    def get(self, section: str, key: str, *, fallback: Any = _UNSET, **_: Any) -> Any:
        """Return an option as text."""
        value = _find(section.lower(), key.lower())
        if value is not None:
            return value
        if fallback is not _UNSET:
            return fallback
        raise AirflowConfigException(
            f"section/key [{section}/{key}] not found in config; set it with the environment "
            f"variable {config.airflow_variable(section, key)}"
        )

    def getboolean(self, section: str, key: str, *, fallback: Any = _UNSET) -> bool:
        text = str(self.get(section, key, fallback=fallback)).strip().lower()
        if text not in _YES | _NO:
            raise AirflowConfigException(f"[{section}/{key}] is {text!r}, which is no boolean")
        return text in _YES

    def getint(self, section: str, key: str, *, fallback: Any = _UNSET) -> int:
        return int(self._number(section, key, fallback, int))

    def getfloat(self, section: str, key: str, *, fallback: Any = _UNSET) -> float:
        return float(self._number(section, key, fallback, float))

    def has_option(self, section: str, key: str) -> bool:
        return _find(section.lower(), key.lower()) is not None

    def getsection(self, section: str) -> dict[str, str] | None:
        """Return the options of a section that have a value of their own here."""
        found = {key: value for (name, key), value in _DEFAULTS.items() if name == section.lower()}
        return found or None

    def _number(self, section: str, key: str, fallback: Any, kind: type[Any]) -> Any:
        value = self.get(section, key, fallback=fallback)
        try:
            return kind(value)
        except (TypeError, ValueError):
            raise AirflowConfigException(
                f"[{section}/{key}] is {value!r}, which is no {kind.__name__}"
            ) from None


conf = AirflowConfigParser()


def _find(section: str, key: str) -> str | None:
    if (section, key) in _SECRET:
        raise AirflowConfigException(
            f"[{section}/{key}]: tasks never get the address or the key of the database; use "
            "Variables, Connections and XComs"
        )
    if (given := config.airflow_option(section, key)) is not None:
        return given
    if (place := _places().get((section, key))) is not None:
        return place
    return _DEFAULTS.get((section, key))


def _places() -> dict[tuple[str, str], str]:
    folder = places.dags_folder()
    if folder is None:
        return {}
    home = folder.parent
    return {
        ("core", "airflow_home"): str(home),
        ("core", "dags_folder"): str(folder),
        ("core", "plugins_folder"): str(home / places.PLUGINS),
        ("core", "base_log_folder"): str(home / "logs"),
        ("logging", "base_log_folder"): str(home / "logs"),
    }
