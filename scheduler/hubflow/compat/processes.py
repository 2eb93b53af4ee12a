"""`airflow.utils.process_utils`: commands that a task runs and waits for."""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence

from hubflow.hooks.process import CommandRunner
from hubflow.sdk.exceptions import HubflowException

log = logging.getLogger("hubflow.task")


def execute_in_subprocess(cmd: Sequence[str], cwd: str | None = None) -> None:
    """Run a command, with its output in the log; raises HubflowException if it fails."""
    log.info("Executing cmd: %s", " ".join(cmd))
    done = CommandRunner().run(cmd, env=None, cwd=cwd or os.getcwd(), on_line=log.info)
    if done.exit_code:
        raise HubflowException(f"{cmd[0]} ended with status {done.exit_code}: {done.last_line}")
