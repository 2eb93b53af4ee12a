"""`hubflow`: the table of sub-commands. Each is imported only when it is asked for."""

from __future__ import annotations

from typing import Any

from hubflow.cli.base import HubflowApp


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
        "db": ("hubflow.cli.db.DbApp", "Create, upgrade or check the metadata database."),
        "dags": ("hubflow.cli.dags.DagsApp", "List, show, trigger, test and pause DAGs."),
        "tasks": ("hubflow.cli.tasks.TasksApp", "Say why a task does not run."),
        "runs": ("hubflow.cli.runs.RunsApp", "List DAG runs."),
    }


def main() -> None:
    """Entry point of the `hubflow` command."""
    Main.launch_instance()
