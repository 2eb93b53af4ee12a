"""Every setting, as traitlets. The only module that reads the environment.

`HUBFLOW_HOME` names the folder with everything hubflow keeps; `hubflow_config.py` in it, if
present, is Python that sets traits (`c.Scheduler.parallelism = 64`), as everywhere in Jupyter.
Environment variables `HUBFLOW_HOME`, `HUBFLOW_DATABASE_URL` and `HUBFLOW_FERNET_KEY` win over the
file, the command line over both.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from traitlets import (
    Bool,
    Enum,
    Float,
    Int,
    TraitError,
    TraitType,
    Unicode,
    default,
    validate,
)
from traitlets.config import Config, Configurable
from traitlets.config.loader import PyFileConfigLoader

from hubflow.errors import HomeUnusable

CONFIG_FILE = "hubflow_config.py"
# Variables and connections that tasks find in their environment (SEMANTICS 5.2, 5.3).
GIVEN_PREFIXES = ("AIRFLOW_VAR_", "AIRFLOW_CONN_")
PERSONAL_VARIABLES = frozenset({"HOME", "USER", "LOGNAME", "SHELL", "TZ", "TMPDIR"})
# A parse or task process gets none of these.
SECRET_VARIABLES = frozenset(
    {
        "HUBFLOW_DATABASE_URL",
        "HUBFLOW_FERNET_KEY",
        "HUBFLOW_SMTP_PASSWORD",
        "JUPYTERHUB_API_TOKEN",
        "JPY_API_TOKEN",
        "CONFIGPROXY_AUTH_TOKEN",
        "JUPYTERHUB_CRYPT_KEY",
    }
)


class Paths(NamedTuple):
    """The folders inside HUBFLOW_HOME."""

    home: Path

    @property
    def database(self) -> Path:
        return self.home / "hubflow.db"

    @property
    def dags(self) -> Path:
        return self.home / "dags"

    @property
    def plugins(self) -> Path:
        """Beside the DAG folder: code of Airflow plugins, which DAG files import."""
        return self.home / "plugins"

    @property
    def common_workspace(self) -> Path:
        return self.home / "common_workspace"

    @property
    def artifacts(self) -> Path:
        return self.home / "artifacts"

    @property
    def logs(self) -> Path:
        return self.home / "logs"

    @property
    def keys(self) -> Path:
        return self.home / "keys"

    @property
    def run(self) -> Path:
        """Sockets, locks and journals of running processes."""
        return self.home / "run"

    @property
    def scheduler_socket(self) -> Path:
        return self.run / "scheduler.sock"

    @property
    def engine_lock(self) -> Path:
        return self.run / "engine.lock"

    @property
    def kernel_pool_socket(self) -> Path:
        return self.run / "kernels.sock"

    def make(self) -> None:
        """Create the folders; `keys` and `run` are private to the user. Raises HomeUnusable."""
        try:
            for folder in (
                self.dags,
                self.plugins,
                self.common_workspace,
                self.artifacts,
                self.logs,
            ):
                folder.mkdir(parents=True, exist_ok=True)
            for folder in (self.keys, self.run):
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as exc:
            raise HomeUnusable(self.home, exc) from exc


class Core(Configurable):
    """Settings that every process shares."""

    home = Unicode(help="Folder with everything hubflow keeps. Environment: HUBFLOW_HOME.").tag(
        config=True
    )
    database_url = Unicode(
        help="SQLAlchemy URL of the metadata database; empty means SQLite in `home`. "
        "Environment: HUBFLOW_DATABASE_URL."
    ).tag(config=True)
    sqlite_synchronous = Unicode(
        "NORMAL",
        help="SQLite PRAGMA synchronous. NORMAL survives a killed process; FULL also survives "
        "a power cut and costs one disk flush per commit.",
    ).tag(config=True)
    log_format = Enum(
        ("text", "json"),
        "text",
        help="How processes log: lines for people, or one JSON object on each line; both with ids.",
    ).tag(config=True)
    fernet_key = Unicode(
        help="Fernet keys that encrypt variables and connections, separated by commas: the first "
        "encrypts, all decrypt. Empty means the key file in `home`. Environment: "
        "HUBFLOW_FERNET_KEY."
    ).tag(config=True, secret=True)

    @default("home")
    def _default_home(self) -> str:
        return str(Path.home() / ".local" / "share" / "hubflow")

    @validate("sqlite_synchronous")
    def _check_synchronous(self, proposal: dict[str, str]) -> str:
        value = proposal["value"].upper()
        if value not in {"NORMAL", "FULL"}:
            raise TraitError(f"Core.sqlite_synchronous must be NORMAL or FULL, not {value!r}")
        return value

    @property
    def paths(self) -> Paths:
        return Paths(Path(self.home).expanduser().resolve())


AUTHORS_OPTIONS = {
    "default_timezone": "CORE__DEFAULT_TIMEZONE",
    "default_concurrency": "CORE__MAX_ACTIVE_TASKS_PER_DAG",
    "default_max_active_runs": "CORE__MAX_ACTIVE_RUNS_PER_DAG",
    "default_max_consecutive_failed_dag_runs": "CORE__MAX_CONSECUTIVE_FAILED_DAG_RUNS_PER_DAG",
    "default_owner": "OPERATORS__DEFAULT_OWNER",
    "default_retries": "CORE__DEFAULT_TASK_RETRIES",
}
"""Settings of `Dags` -> the options of Airflow under which user code asks for them."""


class Dags(Configurable):
    """How DAG files are found and read."""

    import_timeout_s = Float(
        30.0, min=0.1, help="Seconds that importing one DAG file may take."
    ).tag(config=True)
    import_memory_mb = Int(
        1024, min=64, help="Memory in MiB that importing one DAG file may take."
    ).tag(config=True)
    are_paused_at_creation = Bool(
        True, help="Whether a DAG seen for the first time starts paused."
    ).tag(config=True)
    catchup_by_default = Bool(
        True, help="`catchup` of DAGs that do not say: create every missed run since start_date."
    ).tag(config=True)
    default_timezone = Unicode(
        "UTC",
        help="Time zone of dates in DAG files that have none, and of the schedules of DAGs whose "
        "start_date has none: an IANA name.",
    ).tag(config=True)
    default_concurrency = Int(
        16, min=1, help="`concurrency` (`max_active_tasks`) of DAGs that do not say."
    ).tag(config=True)
    default_max_active_runs = Int(16, min=1, help="`max_active_runs` of DAGs that do not say.").tag(
        config=True
    )
    default_max_consecutive_failed_dag_runs = Int(
        0,
        min=0,
        help="`max_consecutive_failed_dag_runs` of DAGs that do not say: after so many failed runs "
        "in a row a DAG is switched off; 0 for never.",
    ).tag(config=True)
    default_owner = Unicode("airflow", help="`owner` of tasks that do not say.").tag(config=True)
    default_retries = Int(0, min=0, help="`retries` of tasks that do not say.").tag(config=True)
    safe_mode = Bool(
        True,
        help="Whether only files are imported in which `dag` stands, and `airflow` or `hubflow`; "
        "otherwise every Python file is.",
    ).tag(config=True)
    duplicate_dependency = Enum(
        ("auto", "raise", "warn"),
        "auto",
        help="What happens when a DAG file declares the same edge twice. raise: the file is "
        "broken. warn: the DAG shows a warning. auto: warn in files that import airflow, raise in "
        "others.",
    ).tag(config=True)

    @validate("default_timezone")
    def _check_timezone(self, proposal: dict[str, str]) -> str:
        name = proposal["value"]
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError) as exc:
            raise TraitError(
                f"Dags.default_timezone must be an IANA name such as Europe/Berlin, not {name!r}"
            ) from exc
        return name

    def for_authors(self) -> dict[str, str]:
        """Return the environment variables through which user code knows what was set here."""
        traits = self.traits(config=True)
        return {
            f"HUBFLOW__{option}": str(getattr(self, name))
            for name, option in AUTHORS_OPTIONS.items()
            if getattr(self, name) != traits[name].default_value
        }

    def fingerprint(self, version: str) -> str:
        """Return a text that changes when what is stored of an unchanged DAG file may."""
        shaping = ("catchup_by_default", "duplicate_dependency", "safe_mode", *AUTHORS_OPTIONS)
        options = (*AUTHORS_OPTIONS.values(), "CORE__DAG_CONCURRENCY")
        names = [f"{brand}__{option}" for option in options for brand in ("HUBFLOW", "AIRFLOW")]
        given = [f"{name}={os.environ[name]}" for name in names if name in os.environ]
        return " ".join([version, *(f"{name}={getattr(self, name)}" for name in shaping), *given])


class Scheduler(Configurable):
    """How runs are created and tasks are handed out."""

    parallelism = Int(
        32, min=1, help="Tries that may be queued or running at once, over everything."
    ).tag(config=True)
    creates_scheduled_runs = Bool(
        True,
        help="Whether schedules start runs. Off, runs start only by hand, through the API and from "
        "other DAGs: for trying out a folder of DAGs before it takes over.",
    ).tag(config=True)
    safety_poll_s = Float(
        1.0,
        min=0.05,
        help="Seconds after which the scheduler looks at the database although nobody woke it. "
        "Only a safety net: every change wakes it at once.",
    ).tag(config=True)
    worker_lost_after_s = Float(
        30.0,
        min=1.0,
        help="Seconds without a connected worker after which its running tries count as lost "
        "and are retried or failed.",
    ).tag(config=True)
    max_map_length = Int(
        1024, min=1, help="Instances into which one mapped task may expand in a run."
    ).tag(config=True)
    event_retention_days = Float(
        7.0,
        min=0.01,
        help="Days for which events are kept; a page that was away longer loads afresh.",
    ).tag(config=True)
    processes = Int(
        1,
        min=1,
        max=5,
        help="Schedulers that `hubflow engine` keeps running on this machine: one leads, the "
        "others take over within seconds when it dies or hangs.",
    ).tag(config=True)
    lease_s = Float(
        3.0,
        min=1.5,
        help="Seconds without a sign of life after which another scheduler takes over from the one "
        "that leads. It gives one every second.",
    ).tag(config=True)
    heartbeat_s = Float(5.0, min=0.5, help="Seconds between heartbeats in the database.").tag(
        config=True
    )


class Worker(Configurable):
    """How tries run on this machine."""

    slots = Int(min=1, help="Tries that run at once here; default 4 for each CPU, at least 8.").tag(
        config=True
    )
    zygote_idle_s = Float(
        300.0, min=1.0, help="Seconds after which a zygote that forked nothing is ended."
    ).tag(config=True)
    max_zygotes = Int(
        16, min=1, help="Zygotes (one for each DAG file version) kept at once; oldest go first."
    ).tag(config=True)
    task_memory_mb = Int(
        0,
        min=0,
        help="Address space limit of a task process, and of a notebook's kernel, in MiB; 0 means "
        "no limit.",
    ).tag(config=True)
    queues = Unicode(
        "", help="Queues whose tasks run here, comma separated; empty means all of them."
    ).tag(config=True)
    xcom_limit_mb = Float(
        16.0, min=0.001, help="Size in MiB that one XCom of a Python task may have."
    ).tag(config=True)
    kill_grace_s = Float(
        10.0, min=0.0, help="Seconds between SIGTERM and SIGKILL when a try is ended."
    ).tag(config=True)
    trigger_block_s = Float(
        10.0,
        min=0.1,
        help="Seconds for which a trigger may hold up the event loop that all triggers share; then "
        "it is ended, and its task fails or is retried.",
    ).tag(config=True)
    trigger_checks = Int(
        16, min=1, help="Checks of deferred sensors that run at once beside the event loop."
    ).tag(config=True)
    trigger_check_s = Float(
        60.0,
        min=0.1,
        help="Seconds that one such check may take; a longer one goes on in a process of its task.",
    ).tag(config=True)
    warm_kernels = Int(
        1,
        min=0,
        help="Started kernels kept ready for notebook runs, from the first DAG file on that has "
        "any; 0 turns the pool off.",
    ).tag(config=True)

    @default("slots")
    def _default_slots(self) -> int:
        return max(8, 4 * (os.cpu_count() or 1))


class Service(Configurable):
    """The web service."""

    host = Unicode("127.0.0.1", help="Address on which the service listens.").tag(config=True)
    port = Int(9777, min=1, max=65535, help="Port on which the service listens.").tag(config=True)
    writer_groups = Unicode(
        "hubflow-admins,hubflow-developers",
        help="Hub groups, comma separated, whose members may change things.",
    ).tag(config=True)
    notebook_timeout_s = Int(
        0, min=0, help="Default time limit in seconds of a scheduled notebook; 0 means none."
    ).tag(config=True)
    hide_sensitive_variables = Bool(
        True,
        help="Whether values of variables whose key holds a word such as password or secret are "
        "shown as asterisks.",
    ).tag(config=True)
    expose_config = Bool(
        False,
        help="Whether the API shows settings, without the secret ones, to whoever may see them.",
    ).tag(config=True)
    connection_test_s = Float(
        10.0,
        min=0.0,
        help="Seconds that testing a connection may take; 0 switches such tests off.",
    ).tag(config=True)


class Email(Configurable):
    """The mail server, and the mails about failures, retries and missed SLAs."""

    smtp_host = Unicode(
        "", help="Mail server; empty means that no mail can be sent, and that alerts say so."
    ).tag(config=True)
    smtp_port = Int(25, min=1, max=65535, help="Port of the mail server.").tag(config=True)
    smtp_starttls = Bool(False, help="Encrypt by STARTTLS after connecting.").tag(config=True)
    smtp_ssl = Bool(False, help="Encrypt from the first byte (SMTPS).").tag(config=True)
    smtp_user = Unicode("", help="User name at the mail server; empty means no login.").tag(
        config=True
    )
    smtp_password = Unicode(
        help="Password at the mail server. Environment: HUBFLOW_SMTP_PASSWORD."
    ).tag(config=True, secret=True)
    smtp_timeout_s = Float(30.0, min=0.1, help="Seconds for each answer of the server.").tag(
        config=True
    )
    mail_from = Unicode("hubflow@localhost", help="Sender of every mail.").tag(config=True)
    max_attempts = Int(
        8,
        min=1,
        help="Attempts to send a mail before it is shown as unsent: after 10 s, 40 s, "
        "3 minutes, 11 minutes, 43 minutes, then every hour.",
    ).tag(config=True)
    public_url = Unicode(
        "http://127.0.0.1:8000/services/hubflow/",
        help="Address of the Hub's hubflow page, or without a Hub of JupyterLab (`…/lab`), for "
        "links in mails and logs.",
    ).tag(config=True)
    subject_template = Unicode(
        "",
        help="File with a Jinja template for subjects of failure and retry mails; "
        "docs/howto/mails.md has the names that it may use.",
    ).tag(config=True)
    html_content_template = Unicode(
        "", help="File with a Jinja template for bodies of failure and retry mails, in HTML."
    ).tag(config=True)
    check_slas = Bool(True, help="Whether missed SLAs are recorded and alerted.").tag(config=True)
    sla_alert_max_age_h = Float(
        24.0,
        min=0.0,
        help="Hours after a deadline within which its miss is alerted; an older one, as of a run "
        "that is caught up, is only recorded.",
    ).tag(config=True)

    @default("smtp_password")
    def _default_password(self) -> str:
        return os.environ.get("HUBFLOW_SMTP_PASSWORD", "")


class Retention(Configurable):
    """How long the past is kept. A DAG may say otherwise for its runs: keep_days, keep_runs."""

    run_days = Float(
        365.0, min=0.0, help="Days after its end for which a run is kept; 0 means for ever."
    ).tag(config=True)
    details_days = Float(
        90.0,
        min=0.0,
        help="Days after its end for which a run keeps its logs, executed notebooks, XComs and "
        "rendered fields; 0 means as long as the run.",
    ).tag(config=True)
    most_runs = Int(
        10_000, min=0, help="Runs of one DAG that are kept, the newest; 0 means all."
    ).tag(config=True)
    least_runs = Int(
        5, min=1, help="Runs of one DAG that stay whatever their age, the newest."
    ).tag(config=True)
    audit_days = Float(
        730.0, min=0.0, help="Days for which the audit log is kept; 0 means for ever."
    ).tag(config=True)
    every_s = Float(3600.0, min=1.0, help="Seconds between two looks for what is too old.").tag(
        config=True
    )


CLASSES: list[type[Configurable]] = [Core, Dags, Scheduler, Worker, Service, Email, Retention]


def settings(config: Config) -> Iterator[tuple[Configurable, str, TraitType[Any, Any], Any]]:
    """Yield (section, name, trait, value) of every setting."""
    for kind in CLASSES:
        section = kind(config=config)
        for name, trait in sorted(section.traits(config=True).items()):
            yield section, name, trait, getattr(section, name)


def options_of(given: Config, *, secrets: bool) -> list[str]:
    """Return ``given``, what a command line set, as options for the children of the command.

    Not home and database, which they have from `variables_of`; without ``secrets`` no secret.
    """
    found = []
    for section, name, trait, _ in settings(Config()):
        kind = type(section).__name__
        is_wanted = secrets or not trait.metadata.get("secret")
        if name in given.get(kind, {}) and name not in ("home", "database_url") and is_wanted:
            found.append(f"--{kind}.{name}={given[kind][name]}")
    return found


def without_secret_ones(config: Config) -> dict[str, dict[str, str]]:
    """Return section -> name -> value of the settings that may be shown, as text."""
    shown: dict[str, dict[str, str]] = {}
    for section, name, trait, value in settings(config):
        if not trait.metadata.get("secret") and name != "database_url":
            shown.setdefault(type(section).__name__, {})[name] = str(value)
    return shown


def home_from_environment() -> str | None:
    """Return HUBFLOW_HOME, or None."""
    return os.environ.get("HUBFLOW_HOME") or None


def own_variables() -> dict[str, str]:
    """Return what our processes need of the environment, for those that the Hub starts.

    JupyterHub hands on PATH and a few others by itself, but no HOME, which tasks rely on.
    """
    return {
        key: value
        for key, value in os.environ.items()
        if key.startswith(("HUBFLOW_", *GIVEN_PREFIXES)) or key in PERSONAL_VARIABLES
    }


def variables_of(core: Core) -> dict[str, str]:
    """Return the environment variables that make a child process use the same home and database."""
    variables = {"HUBFLOW_HOME": str(core.paths.home)}
    return variables | ({"HUBFLOW_DATABASE_URL": core.database_url} if core.database_url else {})


class RelayTarget(NamedTuple):
    """Where a user's Jupyter server finds the hubflow service, and the token it shows there.

    `url` is empty when the Hub does not say.
    """

    url: str
    token: str


def find_relay_target() -> RelayTarget | None:
    """Return the target in a server that a Hub started, else None."""
    token = os.environ.get("JUPYTERHUB_API_TOKEN")
    return RelayTarget(os.environ.get("HUBFLOW_URL", "").rstrip("/"), token) if token else None


def load(overrides: Config | None = None) -> Config:
    """Read the file in the home, then the environment, which wins over it; ``overrides``, the
    command line, win over both.

    Raises whatever the file raises: a broken configuration stops the process that reads it.
    """
    config = _from_environment()
    if overrides is not None:
        config.merge(overrides)
    core = Core(config=config)
    file = core.paths.home / CONFIG_FILE
    if file.exists():
        from_file = PyFileConfigLoader(file.name, path=str(file.parent)).load_config()
        from_file.merge(config)
        config = from_file
    return config


def _from_environment() -> Config:
    config = Config()
    if home := home_from_environment():
        config.Core.home = home
    if url := os.environ.get("HUBFLOW_DATABASE_URL"):
        config.Core.database_url = url
    if keys := os.environ.get("HUBFLOW_FERNET_KEY"):
        config.Core.fernet_key = keys
    return config


def without_secrets(environment: Mapping[str, str]) -> dict[str, str]:
    """Return a copy of an environment without its secrets, for processes that run user code."""
    return {key: value for key, value in environment.items() if key not in SECRET_VARIABLES}


def scrubbed_environment(extra: dict[str, str] | None = None) -> dict[str, str]:
    """Return a copy of our environment without secrets, and with ``extra``."""
    return {**without_secrets(os.environ), **(extra or {})}


def authors_environment(home: str, dags: Dags) -> dict[str, str]:
    """Return the environment of processes that run user code: no secrets, but the home.

    It also goes by the name that scripts written for Airflow know.
    """
    return scrubbed_environment({"HUBFLOW_HOME": home, "AIRFLOW_HOME": home, **dags.for_authors()})


def full_environment(extra: dict[str, str]) -> dict[str, str]:
    """Return the whole environment plus ``extra``, for our own child processes."""
    return {**os.environ, **extra}
