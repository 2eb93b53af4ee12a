"""Bash commands without Python in between: the daemon itself starts `bash` by posix_spawn.

Only for tasks whose command needs no templates and that have no callbacks; the serializer
decides (`SerializedTask.bash`). Source: SEMANTICS 4.5 and 6.1.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import msgspec

from hubflow.clock import isoformat
from hubflow.execution.messages import Launch
from hubflow.forkserver.sessions import kill_session
from hubflow.questions import XComItem, too_large
from hubflow.serialization.model import BashCommand
from hubflow.worker.processes import LOG_VARIABLE, kill_group
from hubflow.worker.result import FAILED, SKIPPED, SUCCESS, Result, describe_exit
from hubflow.worker.scratch import Scratch
from hubflow.worker.supervisor import Host, Try

SKIP_EXIT_CODE = 99
SUCCEEDED = Result(outcome=SUCCESS, exit_code=0)
# An argument may have 128 KiB (MAX_ARG_STRLEN); a longer command goes through a file.
MAX_ARGUMENT = 100_000
FIRST_TAIL_BYTES = 4096
XCOM_TEXT_LENGTH = 4096
# Python ignores SIGPIPE, and whoever started us may have ignored more; bash must not.
DEFAULT_SIGNALS = [signal.SIGINT, signal.SIGQUIT, signal.SIGPIPE, signal.SIGXFSZ]


class BashEnvironment(NamedTuple):
    """What the commands of one worker share."""

    bash: str
    variables: Mapping[str, str]
    scratch: Scratch
    memory_mb: int
    kill_grace_s: float
    xcom_limit_bytes: int


class BashTry(Try):
    """A try whose process is bash itself, in a fresh working directory."""

    def __init__(self, launch: Launch, command: BashCommand, host: Host, env: BashEnvironment):
        super().__init__(launch, host, env.kill_grace_s)
        self._command = command
        self._env = env
        self._pid = 0
        self._pidfd = -1
        self._output_start = 0
        self._folder = ""

    def _start(self) -> None:
        date = isoformat(self.launch.context.execution_date)
        self.note(f"Executing <Task(BashOperator): {self.launch.task_id}> on {date}")
        self._output_start = os.fstat(self._log).st_size
        self._folder = self._env.scratch.take()
        try:
            self._host.on_starting(self)
            self._pid = self._spawn()
        except (OSError, ValueError):
            self._env.scratch.give_back(self._folder)
            raise
        self._pidfd = os.pidfd_open(self._pid)
        self._loop.add_reader(self._pidfd, self._on_exit)
        self._started(self._pid)

    def _spawn(self) -> int:
        here = os.open(".", os.O_PATH | os.O_CLOEXEC)
        try:
            # posix_spawn cannot change the directory, so we do for a moment: one thread,
            # and nothing else in this process uses a relative path.
            os.chdir(self._folder)
            return os.posix_spawn(
                self._env.bash,
                self._arguments(),
                self._variables(),
                file_actions=[
                    (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                    (os.POSIX_SPAWN_DUP2, self._log, 1),
                    (os.POSIX_SPAWN_DUP2, self._log, 2),
                ],
                setsid=True,
                setsigmask=[],
                setsigdef=DEFAULT_SIGNALS,
            )
        finally:
            os.fchdir(here)
            os.close(here)

    def _arguments(self) -> list[str]:
        command = self._command.command
        if len(command) > MAX_ARGUMENT:
            Path(self._folder, "command.sh").write_text(command, encoding="utf-8")
            command = ". ./command.sh"
        if self._env.memory_mb:
            kib = str(self._env.memory_mb * 1024)
            return ["bash", "-c", 'ulimit -v "$1" && exec bash -c "$2"', "bash", kib, command]
        return ["bash", "-c", command]

    def _variables(self) -> dict[str, str]:
        given = self._command.env
        return {
            **(self._env.variables if given is None else given),
            **context_variables(self.launch),
            LOG_VARIABLE: str(self._host.logs / self.launch.log_path),
        }

    def _signal(self, signum: int) -> None:
        if self._pidfd >= 0:
            kill_group(self._pid, signum)

    def _on_exit(self) -> None:
        self._loop.remove_reader(self._pidfd)
        os.close(self._pidfd)
        self._pidfd = -1
        # The leader is still a zombie, so its number cannot belong to a stranger yet.
        kill_group(self._pid, signal.SIGKILL)
        if self._kill_reason is not None:
            kill_session(self._pid)  # What it started with job control has groups of its own.
        _, status = os.waitpid(self._pid, 0)
        self._env.scratch.give_back(self._folder)
        self._ended(os.waitstatus_to_exitcode(status))

    def _result(self, code: int | None) -> Result:
        if code is None or code < 0:
            return Result(
                outcome=FAILED, exit_code=code, error=describe_exit(code, "the bash command")
            )
        end_of_output = self._last_line()  # before we write more
        self.note(f"Command exited with return code {code}")
        if code == SKIP_EXIT_CODE:
            return Result(outcome=SKIPPED, exit_code=code)
        if code:
            error = f"Bash command failed. The command returned a non-zero exit code {code}."
            return Result(outcome=FAILED, exit_code=code, error=error)
        return self._success(*end_of_output) if self._command.push_output else SUCCEEDED

    def _success(self, line: str, size_bytes: int) -> Result:
        """Return the result with the last line of output, or that it is too long."""
        item = return_value(line)
        limit = self._env.xcom_limit_bytes
        if (size := max(size_bytes, len(item.data))) > limit:
            error = too_large(item.key, size, limit)
            return Result(outcome=FAILED, exit_code=0, error=error)
        return Result(outcome=SUCCESS, exit_code=0, xcoms=[item])

    def _last_line(self) -> tuple[str, int]:
        """Return the last line of output, and how long it is: one over the limit is not read.

        What stands in the log before it is not output.
        """
        start = self._output_start
        end = os.fstat(self._log).st_size
        if end == start:
            return "", 0
        with open(self._host.logs / self.launch.log_path, "rb", buffering=0) as file:
            return last_line(file.fileno(), start, end, self._env.xcom_limit_bytes)


def last_line(fd: int, start: int, end: int, limit_bytes: int) -> tuple[str, int]:
    """Return the last line between two offsets, stripped, and its size in bytes.

    One of more than ``limit_bytes`` is empty, and its size is that of what was looked at.
    """
    size = FIRST_TAIL_BYTES
    while True:
        first = max(start, end - size)
        data = os.pread(fd, end - first, first).removesuffix(b"\n")
        line = data.rpartition(b"\n")[2]
        if len(line) > limit_bytes:
            return "", len(line)
        if len(line) < len(data) or first == start:
            return line.decode("utf-8", "backslashreplace").strip(), len(line)
        size *= 16


def return_value(line: str) -> XComItem:
    """Encode a line as the XCom that a task's result becomes."""
    data = msgspec.json.encode(line)
    text = repr(line)[:XCOM_TEXT_LENGTH]
    return XComItem(key="return_value", encoding="json", data=data, text=text)


def context_variables(launch: Launch) -> dict[str, str]:
    """Return the variables that tell a task's processes which try they belong to."""
    variables = {
        "AIRFLOW_CTX_DAG_ID": launch.dag_id,
        "AIRFLOW_CTX_TASK_ID": launch.task_id,
        "AIRFLOW_CTX_EXECUTION_DATE": isoformat(launch.context.execution_date),
        "AIRFLOW_CTX_DAG_RUN_ID": launch.run_id,
        "AIRFLOW_CTX_TRY_NUMBER": str(launch.key.try_number),
    }
    if launch.context.owner:
        variables["AIRFLOW_CTX_DAG_OWNER"] = launch.context.owner
    return variables
