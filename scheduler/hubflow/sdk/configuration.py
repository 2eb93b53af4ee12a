"""`conf.get(section, key)` as DAG files know it from Airflow.

Tasks know none of hubflow's own settings; what they may ask is a short list, and whatever the
environment says as `HUBFLOW__SECTION__KEY` or `AIRFLOW__SECTION__KEY`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hubflow.sdk import environment
from hubflow.sdk.exceptions import OptionMissing

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
}


class Configuration:
    """Read options by section and key. `conf` is the only one."""

    def get(self, section: str, key: str, fallback: Any = _UNSET, **ignored: Any) -> Any:
        """Return the option as text; raises OptionMissing without one and without fallback."""
        if given := environment.find_option(section, key):
            return given.value
        default = _DEFAULTS.get((section.lower(), key.lower()))
        if default is not None:
            return default.format(home=environment.home())
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

    def has_option(self, section: str, key: str) -> bool:
        """Say whether `get` finds something."""
        return self.get(section, key, None) is not None


conf = Configuration()
