"""`airflow.configuration`: its functions, which are those of `conf`."""

from __future__ import annotations

from hubflow.sdk.configuration import conf as conf

get = conf.get
getboolean = conf.getboolean
getfloat = conf.getfloat
getint = conf.getint
has_option = conf.has_option
getsection = conf.getsection


def get_airflow_home() -> str:
    """Return the folder that holds the DAG folder."""
    return str(conf.get("core", "airflow_home"))


def __getattr__(name: str) -> str:
    if name == "AIRFLOW_HOME":
        return get_airflow_home()
    raise AttributeError(f"module 'airflow.configuration' has no attribute {name!r}")
