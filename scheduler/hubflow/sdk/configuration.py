"""`conf.get(section, key)` as DAG files know it from Airflow.

Tasks know none of hubflow's own settings; what they may ask is a short list, and whatever the
environment says as `HUBFLOW__SECTION__KEY` or `AIRFLOW__SECTION__KEY`. `webserver.base_url` is
hubflow's page, which is asked for inside a task and in a DAG file as it loads.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hubflow.questions import GetPublicUrl
from hubflow.sdk import environment
from hubflow.sdk.exceptions import HubflowException, OptionMissing
from hubflow.sdk.runtime import current_runtime

_UNSET: Any = object()
_TRUE = frozenset({"t", "true", "1", "yes", "on"})
_FALSE = frozenset({"f", "false", "0", "no", "off"})
_DEFAULTS: Mapping[tuple[str, str], str] = {
    ("core", "dags_folder"): "{home}/dags",
    ("core", "plugins_folder"): "{home}/plugins",
    ("core", "airflow_home"): "{home}",
    ("core", "base_log_folder"): "{home}/logs",
    ("logging", "base_log_folder"): "{home}/logs",
    ("core", "executor"): "LocalExecutor",
    ("core", "default_timezone"): "utc",
    ("core", "load_examples"): "False",
    ("core", "unit_test_mode"): "False",
    ("core", "parallelism"): "32",
    ("core", "dag_concurrency"): "16",
    ("core", "max_active_tasks_per_dag"): "16",
    ("core", "max_active_runs_per_dag"): "16",
    ("core", "default_task_retries"): "0",
    ("operators", "default_owner"): "airflow",
    ("operators", "default_queue"): "default",
    ("operators", "default_deferrable"): "False",
    ("email", "email_backend"): "airflow.utils.email.send_email",
    ("scheduler", "catchup_by_default"): "True",
    # Files ask for these before they look whether there is a Kubernetes at all.
    ("kubernetes", "worker_container_repository"): "",
    ("kubernetes", "worker_container_tag"): "",
    ("kubernetes_executor", "worker_container_repository"): "",
    ("kubernetes_executor", "worker_container_tag"): "",
}
_BASE_URL = ("webserver", "base_url")
_SECRET = frozenset(
    {("core", "sql_alchemy_conn"), ("database", "sql_alchemy_conn"), ("core", "fernet_key")}
)


class Configuration:
    """Read options by section and key. `conf` is the only one."""

    def get(self, section: str, key: str, fallback: Any = _UNSET, **ignored: Any) -> Any:
        """Return the option as text; raises OptionMissing without one and without fallback."""
        if (section.lower(), key.lower()) in _SECRET:
            raise HubflowException(
                f"[{section}] {key}: tasks never get the address or the keys of the database; use "
                "variables, connections and XComs"
            )
        if given := environment.find_option(section, key):
            return given.value
        default = _DEFAULTS.get((section.lower(), key.lower()))
        if default is not None:
            return default.format(home=environment.home())
        if (section.lower(), key.lower()) == _BASE_URL:
            return str(current_runtime().ask(GetPublicUrl())).rstrip("/")
        if fallback is _UNSET:
            raise OptionMissing(section, key)
        return fallback

    def getboolean(self, section: str, key: str, fallback: Any = _UNSET) -> bool:
        """Return the option as a bool; raises ValueError if it is none."""
        text = str(self.get(section, key, fallback)).strip().lower()
        if text not in _TRUE | _FALSE:
            raise ValueError(f"[{section}] {key} is {text!r}, which is neither true nor false")
        return text in _TRUE

    def getint(self, section: str, key: str, fallback: Any = _UNSET) -> int:
        """Return the option as an int; raises ValueError if it is none."""
        return int(self.get(section, key, fallback))

    def getfloat(self, section: str, key: str, fallback: Any = _UNSET) -> float:
        """Return the option as a float; raises ValueError if it is none."""
        return float(self.get(section, key, fallback))

    def getsection(self, section: str) -> dict[str, str] | None:
        """Return the options of a section that have a value without being given one."""
        return {key: self.get(name, key) for name, key in _DEFAULTS if name == section} or None

    def has_option(self, section: str, key: str) -> bool:
        """Say whether `get` finds something."""
        return self.get(section, key, None) is not None


conf = Configuration()
