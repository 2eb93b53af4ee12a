"""`hubflow engine`: scheduler, processor and worker of one machine under one supervisor."""

from __future__ import annotations

import sys

from traitlets.config import Config

from hubflow.cli.base import HubflowApp, ProcessLock, serve
from hubflow.cli.supervise import Child, Supervisor
from hubflow.config import Core, full_environment, options_of, variables_of, without_secrets
from hubflow.config import Scheduler as Settings
from hubflow.db import migrate

GRACE_S = 15.0


class EngineApp(HubflowApp):
    """Run scheduler, DAG processor and worker. One per HUBFLOW_HOME."""

    description = __doc__

    def run(self) -> None:
        paths = self.core.paths
        paths.make()
        self._lock = ProcessLock(paths.engine_lock, "engine")
        migrate.upgrade(self.database)
        self.database.dispose()
        schedulers = Settings(config=self.config).processes
        processes = children(self.core, self.cli_config, schedulers)
        serve(Supervisor(processes, paths.logs, GRACE_S).run)


def children(core: Core, given: Config, schedulers: int = 1) -> list[Child]:
    """Return the processes of an engine, with the settings that its command line gave.

    Only the worker runs user code: it gets no secret.
    """
    variables = variables_of(core)

    def command(name: str) -> list[str]:
        options = options_of(given, secrets=name != "worker")
        return [sys.executable, "-P", "-m", "hubflow", name, *options]

    full = full_environment(variables)
    standbys = [f"scheduler-{number}" for number in range(2, schedulers + 1)]
    return [
        *(Child(name, command("scheduler"), full) for name in ["scheduler", *standbys]),
        Child("processor", command("processor"), full),
        Child("worker", command("worker"), without_secrets(full)),
    ]
