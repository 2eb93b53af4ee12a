"""`hubflow`: the table of sub-commands. Each is imported only when it is asked for."""

from __future__ import annotations

import errno
import io
import os
import select
import sys
from typing import Any

from hubflow.cli.base import HubflowApp

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EFBIG})


class Main(HubflowApp):
    """hubflow: a workflow orchestrator inside JupyterHub."""

    description = __doc__
    subcommands: dict[str, Any] = {
        "up": ("hubflow.cli.up.UpApp", "Start everything on this machine."),
        "engine": ("hubflow.cli.engine.EngineApp", "Run scheduler, processor and worker."),
        "service": ("hubflow.cli.service.ServiceApp", "Run the web service under JupyterHub."),
        "scheduler": ("hubflow.cli.scheduler.SchedulerApp", "Run the scheduler."),
        "processor": ("hubflow.cli.processor.ProcessorApp", "Run the DAG processor."),
        "worker": ("hubflow.cli.worker.WorkerApp", "Run the worker daemon."),
        "db": ("hubflow.cli.db.DbApp", "Create, check, back up or move the metadata database."),
        "dags": ("hubflow.cli.dags.DagsApp", "List, show, trigger, test and pause DAGs."),
        "runs": ("hubflow.cli.runs.RunsApp", "List, show, mark, clear and delete DAG runs."),
        "tasks": ("hubflow.cli.tasks.TasksApp", "List, show, clear, mark and run tasks."),
        "backfill": ("hubflow.cli.backfill.BackfillApp", "Run a DAG for dates in the past."),
        "variables": ("hubflow.cli.variables.VariablesApp", "Manage variables."),
        "connections": ("hubflow.cli.connections.ConnectionsApp", "Manage connections."),
        "pools": ("hubflow.cli.pools.PoolsApp", "Manage pools."),
        "config": ("hubflow.cli.settings.ConfigApp", "Show settings."),
        "completion": ("hubflow.cli.completion.CompletionApp", "Complete commands in a shell."),
        "doctor": ("hubflow.cli.doctor.DoctorApp", "Check this installation, say what to mend."),
        "info": ("hubflow.cli.about.InfoApp", "Show what is installed and whether it lives."),
        "version": ("hubflow.cli.about.VersionApp", "Print the version."),
    }


def main() -> None:
    """Entry point of the `hubflow` command."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a terminal may know fewer characters
    try:
        try:
            Main.launch_instance()
        finally:
            sys.stdout.flush()
    except BrokenPipeError:
        if not _reader_has_left():
            raise
        # Python flushes once more when it ends, and would complain there.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(1) from None
    except OSError as exc:
        if exc.errno not in _FULL or exc.filename is not None:
            raise
        print(f"hubflow: the output cannot be written: {exc.strerror}", file=sys.stderr)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(1) from None


def _reader_has_left() -> bool:
    """Say whether nobody reads our output any more, as after `| head`."""
    poll = select.poll()
    poll.register(sys.stdout, 0)  # what cannot be written to any more is told unasked
    return bool(poll.poll(0))
