"""What `hubflow doctor` looks at. Each check is one small function that says how things stand."""

from __future__ import annotations

import os
import resource
import shutil
import smtplib
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from importlib import metadata
from pathlib import Path

import msgspec
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_core.paths import jupyter_path
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from hubflow import __version__
from hubflow.cli.local import local_actor
from hubflow.clock import utcnow
from hubflow.config import Core, Email, Scheduler
from hubflow.db import migrate, orm
from hubflow.db.engine import without_password
from hubflow.db.queries import alerts as alert_queries
from hubflow.db.queries import processes
from hubflow.errors import HubflowError
from hubflow.hooks import smtp
from hubflow.services import health, key_rotation
from hubflow.services.unit import Backend

OK, WARNING, FAILED = "ok", "warning", "failed"
LEAST_FREE_BYTES = 200 * 2**20
LITTLE_FREE_BYTES = 2 * 2**30
FILES_FOR_EACH_TRY = 6
PRIVATE = 0o077
LATELY = timedelta(days=7)


class Finding(msgspec.Struct, frozen=True):
    """The answer of one check; `advice` says what to do about it."""

    check: str
    status: str
    message: str
    advice: str = ""


class Patient:
    """What the checks look at."""

    def __init__(self, backend: Backend, core: Core, email: Email, scheduler: Scheduler) -> None:
        self.backend, self.core, self.email, self.scheduler = backend, core, email, scheduler
        self.paths = core.paths
        self.database = backend.database


Check = Callable[[Patient], Iterator[Finding]]


def python(patient: Patient) -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    yield Finding("python", OK, f"Python {version}, hubflow {__version__}")
    for name in ("jupyterlab", "jupyterhub", "jupyter_server"):
        try:
            metadata.version(name)
        except metadata.PackageNotFoundError:
            advice = "pip install hubflow into the same environment again"
            yield Finding("python", FAILED, f"{name} is not installed", advice)


def home(patient: Patient) -> Iterator[Finding]:
    folder = patient.paths.home
    if not os.access(folder, os.W_OK):
        advice = "run as the user who owns it, or name another with --home or HUBFLOW_HOME"
        yield Finding("home", FAILED, f"{folder} is not writable for this user", advice)
        return
    yield Finding("home", OK, str(folder))
    for private in (patient.paths.keys, patient.paths.run):
        if private.exists() and private.stat().st_mode & PRIVATE:
            advice = f"chmod 700 {private}"
            yield Finding("home", WARNING, f"others may enter {private}", advice)


def disk(patient: Patient) -> Iterator[Finding]:
    free = shutil.disk_usage(patient.paths.home).free
    message = f"{free / 2**30:.1f} GiB free below {patient.paths.home}"
    advice = "keep less (docs/howto/keep-less.md), or give it more room"
    if free < LEAST_FREE_BYTES:
        yield Finding("disk", FAILED, message, advice)
    elif free < LITTLE_FREE_BYTES:
        yield Finding("disk", WARNING, message, advice)
    else:
        yield Finding("disk", OK, message)


def database(patient: Patient) -> Iterator[Finding]:
    shown = without_password(patient.database.url)
    try:
        migrate.check(patient.database)
        with patient.database.read() as session:
            runs = session.scalar(select(func.count()).select_from(orm.DagRun))
            if patient.database.is_sqlite:
                state = session.scalar(text("PRAGMA quick_check(1)"))
                if state != "ok":
                    advice = "stop hubflow and restore the last `hubflow db backup`"
                    yield Finding("database", FAILED, f"{shown} is damaged: {state}", advice)
                    return
    except (HubflowError, DBAPIError) as exc:
        yield Finding("database", FAILED, str(exc), "see the message; nothing works without it")
        return
    yield Finding("database", OK, f"{shown}, schema {migrate.head()}, {runs} runs")


def keys(patient: Patient) -> Iterator[Finding]:
    """Look for variables and connections that no key decrypts."""
    if lost := key_rotation.unreadable(patient.backend, local_actor()):
        some = ", ".join(lost[:5]) + (f" and {len(lost) - 5} more" if len(lost) > 5 else "")
        advice = f"bring the key file {patient.paths.keys} back, or set them anew"
        yield Finding("keys", FAILED, f"no key decrypts {some}", advice)
    else:
        yield Finding("keys", OK, "every variable and connection can be read")


def parts(patient: Patient) -> Iterator[Finding]:
    """Look whether scheduler, processor and worker live, and are of one version."""
    alive = health.get(patient.backend)
    advice = "start `hubflow engine`, or look into its logs"
    for name, status in (
        ("scheduler", alive.scheduler.status),
        ("processor", alive.dag_processor.status),
        ("worker", alive.worker.status),
    ):
        if status == "healthy":
            leads = f" ({alive.scheduler.leader} leads)" if name == "scheduler" else ""
            yield Finding(name, OK, f"the {name} lives{leads}")
        else:
            heard = "was not heard of lately" if status else "never ran here"
            yield Finding(name, FAILED, f"the {name} {heard}", advice)
    with patient.database.read() as session:
        running = [
            row
            for kind in ("scheduler", "processor", "worker")
            for row in processes.list_of_kind(session, kind)
            if health.is_alive(row, utcnow())
        ]
    for row in running:
        if row.version != __version__:
            message = f"the {row.kind} with pid {row.pid} runs hubflow {row.version}"
            advice = f"restart it, so that all run {__version__}"
            yield Finding(row.kind, WARNING, message, advice)


def dag_files(patient: Patient) -> Iterator[Finding]:
    with patient.database.read() as session:
        broken = session.scalar(select(func.count()).select_from(orm.ImportFailure)) or 0
        dags = session.scalar(select(func.count()).where(orm.Dag.is_active)) or 0
    if broken:
        advice = "hubflow dags list-import-errors"
        files = "1 DAG file" if broken == 1 else f"{broken} DAG files"
        yield Finding("dag files", WARNING, f"{files} cannot be imported", advice)
    else:
        yield Finding("dag files", OK, f"{dags} DAGs in {patient.paths.dags}")


def kernels(patient: Patient) -> Iterator[Finding]:
    names = sorted(KernelSpecManager().find_kernel_specs())
    if names:
        yield Finding("kernels", OK, ", ".join(names))
    else:
        advice = "python -m ipykernel install --sys-prefix"
        yield Finding("kernels", FAILED, "no kernel is installed: notebooks cannot run", advice)


def front_end(patient: Patient) -> Iterator[Finding]:
    folders = [Path(path, "@hubflow", "lab") for path in jupyter_path("labextensions")]
    if any((folder / "package.json").exists() for folder in folders):
        yield Finding("jupyterlab", OK, "the extension is installed")
    else:
        advice = "pip install hubflow into JupyterLab's environment; in a checkout, make install"
        yield Finding("jupyterlab", WARNING, "JupyterLab finds no hubflow extension", advice)


def mail(patient: Patient) -> Iterator[Finding]:
    settings = patient.email
    if not settings.smtp_host:
        advice = "set Email.smtp_host if tasks shall send mails"
        yield Finding("mail", OK, "no mail server is configured", advice)
        return
    where = f"{settings.smtp_host}:{settings.smtp_port}"
    try:
        with smtp.connected(settings):
            pass
    except (OSError, smtplib.SMTPException) as exc:
        advice = "check Email.smtp_* in hubflow_config.py; alerts are retried meanwhile"
        yield Finding("mail", FAILED, f"{where}: {exc}", advice)
    else:
        yield Finding("mail", OK, f"{where} answers")


def alerts(patient: Patient) -> Iterator[Finding]:
    """Look for mails and callbacks of the last days that were given up."""
    since = utcnow() - LATELY
    with patient.database.read() as session:
        count = alert_queries.count_failed_since(session, since)
        newest = alert_queries.list_failed_since(session, since, 1)
    if not newest:
        yield Finding("alerts", OK, f"none was given up in the last {LATELY.days} days")
        return
    (row,) = newest
    what = f"the newest is {row.alert.kind} {row.alert.id} ({row.alert.reason}) of {row.dag_id}"
    message = f"{count} given up in the last {LATELY.days} days; {what}: {row.alert.error}"
    advice = "mend the cause, then send mails again: docs/howto/mails.md, Mails that did not arrive"
    yield Finding("alerts", WARNING, message, advice)


def limits(patient: Patient) -> Iterator[Finding]:
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 256 + FILES_FOR_EACH_TRY * patient.scheduler.parallelism
    if soft < wanted:
        message = f"{soft} open files are allowed; {patient.scheduler.parallelism} tries at once "
        advice = f"ulimit -n {wanted}, or LimitNOFILE={wanted} in the unit file"
        yield Finding("limits", WARNING, f"{message}may need {wanted}", advice)
    else:
        yield Finding("limits", OK, f"{soft} open files are allowed")


ALWAYS: tuple[Check, ...] = (python, home, disk, database)
WITH_DATABASE: tuple[Check, ...] = (keys, parts, dag_files, alerts)
BESIDE: tuple[Check, ...] = (kernels, front_end, mail, limits)


def examine(patient: Patient) -> Iterator[Finding]:
    """Yield all findings; what needs the database is left out if that is the trouble."""
    has_database = True
    for check in ALWAYS:
        for finding in check(patient):
            has_database &= (finding.check, finding.status) != ("database", FAILED)
            yield finding
    for check in (*(WITH_DATABASE if has_database else ()), *BESIDE):
        yield from check(patient)
