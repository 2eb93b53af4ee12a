"""BashOperator: a command or script for bash (SEMANTICS 6.1)."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Mapping, MutableMapping
from pathlib import Path
from typing import Any, ClassVar

from hubflow.hooks.process import CommandResult, CommandRunner
from hubflow.sdk import environment, task_environment
from hubflow.sdk.exceptions import HubflowException, TaskSkipped
from hubflow.sdk.operator import BaseOperator, PlainCommand
from hubflow.sdk.templating import is_template

DEFAULT_SKIP_CODE = 99


class BashOperator(BaseOperator):
    """Run a bash command; its last line of output is the result.

    Parameters
    ----------
    bash_command : a command, or the name of a template file if it ends with `.sh` or `.bash`
        (a space at the end keeps it a command).
    env : replaces the environment of the command, unless ``append_env``.
    xcom_push : False keeps the last line from being pushed.
    skip_on_exit_code : exit codes that mean "skipped" instead of "failed"; skip_exit_code is an
        older name of it.
    cwd : where to run; by default a fresh folder that is deleted afterwards.
    output_processor : turns the last line into the result.
    """

    template_fields: ClassVar[Iterable[str]] = ("bash_command", "env", "cwd")
    template_ext = (".sh", ".bash")
    ui_color = "#f0ede4"

    def __init__(
        self,
        *,
        bash_command: str,
        env: Mapping[str, str] | None = None,
        xcom_push: bool | None = None,
        output_encoding: str = "utf-8",
        append_env: bool = False,
        cwd: str | None = None,
        skip_on_exit_code: int | Iterable[int] | None = DEFAULT_SKIP_CODE,
        skip_exit_code: int | None = None,
        output_processor: Callable[[str], Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.bash_command = bash_command
        self.env = None if env is None else dict(env)
        self.output_encoding = output_encoding
        self.append_env = append_env
        self.cwd = cwd
        skipping = skip_on_exit_code if skip_exit_code is None else skip_exit_code
        self.skip_on_exit_code = _codes(skipping)
        self.output_processor = output_processor
        if xcom_push is not None:
            self.do_xcom_push = xcom_push
        self._runner = CommandRunner()

    def execute(self, context: MutableMapping[str, Any]) -> Any:
        result = self.run_command(context)
        if result.exit_code in self.skip_on_exit_code:
            raise TaskSkipped(f"the command returned the exit code {result.exit_code}")
        if result.exit_code != 0:
            raise HubflowException(
                "Bash command failed. The command returned a non-zero exit code "
                f"{result.exit_code}."
            )
        if self.output_processor is not None:
            return self.output_processor(result.last_line)
        return result.last_line

    def run_command(self, context: Mapping[str, Any]) -> CommandResult:
        """Run the command to its end, logging its output."""
        if self.cwd is not None and not Path(self.cwd).is_dir():
            raise HubflowException(f"the cwd {self.cwd!r} is not a folder on this worker")
        with tempfile.TemporaryDirectory(prefix="hubflow-bash-") as folder:
            script = Path(folder, "command.sh")
            script.write_text(self.bash_command, encoding="utf-8")
            result = self._runner.run(
                ["bash", str(script)],
                env=self._environment(context),
                cwd=self.cwd or folder,
                on_line=lambda line: self.log.info("%s", line),
                encoding=self.output_encoding,
            )
        self.log.info("Command exited with return code %s", result.exit_code)
        return result

    def plain_command(self) -> PlainCommand | None:
        is_plain = (
            type(self) is BashOperator
            and not self.has_hooks()
            and not self.dag.jinja_environment_kwargs
            and self.cwd is None
            and self.run_as_user is None
            and not self.append_env
            and self.output_processor is None
            and self.output_encoding == "utf-8"
            and self.skip_on_exit_code == {DEFAULT_SKIP_CODE}
            and isinstance(self.bash_command, str)
            and not self.bash_command.endswith(tuple(self.template_ext))
        )
        texts = [self.bash_command, *(self.env or {}), *(self.env or {}).values()]
        if is_plain and all(isinstance(text, str) and not is_template(text) for text in texts):
            return PlainCommand(self.bash_command, self.env)
        return None

    def on_kill(self) -> None:
        self._runner.terminate()

    def _environment(self, context: Mapping[str, Any]) -> dict[str, str] | None:
        """Return what the command sees; None is this process's environment as it is."""
        if self.env is None:
            return None
        inherited = environment.inherited() if self.append_env else {}
        return {**inherited, **self.env, **task_environment.context_variables(context["ti"])}


def _codes(codes: int | Iterable[int] | None) -> frozenset[int]:
    if codes is None:
        return frozenset()
    return frozenset({codes} if isinstance(codes, int) else codes)
