"""One try from its launch to its result: log, time limit, kill, outcome.

What starts the process differs (`bash.BashTry`, `python_task.PythonTry`); everything that all
tries have in common is here. Callbacks only, no coroutine: a try costs the event loop little.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from abc import ABC, abstractmethod
from datetime import datetime
from pathlib import Path
from typing import Protocol

from msgspec import structs

from hubflow import tasklog
from hubflow.clock import utcnow
from hubflow.execution.messages import Launch, Message, TryKey
from hubflow.questions import Question
from hubflow.worker.result import FAILED, SKIPPED, Result, describe_exit, final_words

RULE = "-" * 80


class Host(Protocol):
    """What a try needs of the daemon."""

    logs: Path

    def on_starting(self, attempt: Try) -> None: ...
    def on_started(self, attempt: Try, pid: int) -> None: ...
    def on_finished(self, attempt: Try, result: Result) -> None: ...
    def tell(self, message: Message) -> object: ...
    def ask(self, key: TryKey, body: Question) -> asyncio.Future[object]: ...


class Try(ABC):
    """One try. `begin` is called once; the host hears `on_finished` exactly once."""

    # How much longer than its time limit a try gets from us, if it has a limit of its own too.
    timeout_slack_s = 0.0

    def __init__(self, launch: Launch, host: Host, kill_grace_s: float) -> None:
        self.launch = launch
        self._kill_grace_s = kill_grace_s
        self.key = launch.key
        self._host = host
        self._loop = asyncio.get_running_loop()
        self._log = -1
        self._began_at = utcnow()
        self._timers: list[asyncio.TimerHandle] = []
        self._kill_reason: str | None = None
        self._set_state: str | None = None
        self._has_begun = False
        self._is_over = False

    def begin(self) -> None:
        """Open the log and start the process; whatever goes wrong becomes the try's result."""
        self._has_begun = True
        try:
            self._log = tasklog.open_for_append(self._host.logs, self.launch.log_path)
            self._write_header()
            self._start()
        except (OSError, ValueError) as error:
            why = f"the task could not be started: {error}"
            self._finish(Result(outcome=FAILED, error=why, has_called_back=False))

    def kill(self, reason: str, grace_s: float, state: str | None = None) -> None:
        """End the process group: SIGTERM, and SIGKILL after ``grace_s`` seconds.

        ``state`` is what became of the task instance meanwhile (see `execution.messages.Kill`);
        None where the end of this try is what decides.
        """
        if self._is_over or self._kill_reason is not None:
            return
        self._kill_reason, self._set_state = reason, state
        if not self._has_begun:
            self._finish(Result(outcome=FAILED, error=reason, has_called_back=False))
            return
        self.note(f"Ending the task: {reason}", "WARNING")
        self._signal(signal.SIGTERM)
        self._timers.append(self._loop.call_later(grace_s, self._signal, signal.SIGKILL))

    def note(self, text: str, level: str = "INFO") -> None:
        """Write a line of our own to the try's log."""
        self._write_log(log_line(text, level))

    @abstractmethod
    def _start(self) -> None:
        """Start the process and see to it that `_ended` is called; may raise OSError."""

    @abstractmethod
    def _signal(self, signum: int) -> None:
        """Send a signal to the process group, if it exists (or as soon as it does)."""

    @abstractmethod
    def _result(self, code: int | None) -> Result:
        """Say how a try ended, whoever ended it; ``code`` as in `subprocess`."""

    def _started(self, pid: int) -> None:
        self._host.on_started(self, pid)
        if (limit := self.launch.timeout_s) is not None:
            delay = limit + self.timeout_slack_s
            self._timers.append(self._loop.call_later(delay, self._time_out, limit))

    def _time_out(self, limit: float) -> None:
        reason = f"the task ran longer than its execution_timeout of {limit:g} s"
        self.kill(reason, self._kill_grace_s)

    def _ended(self, code: int | None) -> None:
        """Take the end of the process; the last line of every way that it can go."""
        result = self._result(code)
        if self._kill_reason is not None:
            result = structs.replace(
                result, outcome=FAILED, error=self._kill_reason, error_text=None
            )
        self._finish(result)

    def _finish(self, result: Result) -> None:
        if self._is_over:
            return
        self._is_over = True
        for timer in self._timers:
            timer.cancel()
        self._write_footer(result)
        if self._log >= 0:
            os.close(self._log)
            self._log = -1
        self._host.on_finished(self, result)

    def _write_header(self) -> None:
        launch = self.launch
        attempt = f"Starting attempt {launch.key.try_number} of {launch.max_tries}"
        os.write(self._log, f"{RULE}\n{log_line(attempt)}{RULE}\n".encode())

    def _write_footer(self, result: Result) -> None:
        launch = self.launch
        ending = final_words(
            self._set_state, result.outcome, launch.key.try_number, launch.max_tries
        )
        why, level = (
            result.error_text or result.error,
            "INFO" if result.outcome == SKIPPED else "ERROR",
        )
        lines = [log_line(why, level)] if why else []
        lines.append(
            log_line(
                f"{ending}. dag_id={launch.dag_id}, task_id={launch.task_id}, "
                f"execution_date={compact(launch.context.execution_date)}, "
                f"start_date={compact(self._began_at)}, end_date={compact(utcnow())}"
            )
        )
        if result.exit_code is not None:
            lines.append(log_line(f"Task exited with return code {result.exit_code}"))
        self._write_log("".join(lines))

    def _write_log(self, text: str) -> None:
        # A full disk must not keep the result from being reported.
        if self._log >= 0:
            with contextlib.suppress(OSError):
                os.write(self._log, text.encode("utf-8", "backslashreplace"))


def log_line(text: str, level: str = "INFO") -> str:
    """Format a line as the loggers of tasks do."""
    seconds, _, micros = utcnow().isoformat(" ", "milliseconds").partition(".")
    return f"[{seconds},{micros[:3]}] {{worker}} {level} - {text}\n"


def compact(moment: datetime) -> str:
    """Write an instant as `20261122T060000`, as logs name execution dates."""
    return moment.isoformat("T", "seconds")[:19].replace("-", "").replace(":", "")


def unexpected_end(code: int | None) -> Result:
    """Return the result of a process that told us nothing."""
    return Result(outcome=FAILED, exit_code=code, error=describe_exit(code), has_called_back=False)
