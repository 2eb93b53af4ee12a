"""Run a command in its own process group, stream its lines, and end the whole group."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

GRACE_S = 5.0


class CommandResult(NamedTuple):
    """`last_line` is the last line of output, stripped; empty if there was no output."""

    exit_code: int
    last_line: str


class CommandRunner:
    """Runs one command at a time; `terminate` may be called while it runs, from a signal too."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def run(
        self,
        argv: Sequence[str],
        *,
        env: Mapping[str, str] | None,
        cwd: str,
        on_line: Callable[[str], None],
        encoding: str = "utf-8",
    ) -> CommandResult:
        """Run ``argv`` to its end, handing on each line of stdout and stderr as it comes.

        ``env`` None inherits this process's environment. However this is left, nothing of the
        command's process group goes on running.
        """
        last_line = ""
        with subprocess.Popen(
            argv,
            env=env,
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            process_group=0,
        ) as process:
            self._process = process
            try:
                assert process.stdout is not None
                for raw in process.stdout:
                    last_line = raw.decode(encoding, "backslashreplace").rstrip()
                    on_line(last_line)
                exit_code = process.wait()
            except BaseException:
                self.terminate()
                raise
            finally:
                self._process = None
        return CommandResult(exit_code, last_line.strip())

    def terminate(self, grace_s: float = GRACE_S) -> None:
        """Send SIGTERM to the group, and SIGKILL to what is left of it after ``grace_s``."""
        process = self._process
        if process is None:
            return
        _signal_group(process.pid, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(grace_s)
        _signal_group(process.pid, signal.SIGKILL)


def _signal_group(group: int, signum: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signum)
