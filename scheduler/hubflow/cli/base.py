"""What every `hubflow` command shares: settings, logging, clear errors, signals."""

from __future__ import annotations

import asyncio
import fcntl
import os
import signal
import sys
from argparse import SUPPRESS
from collections.abc import Callable, Coroutine, Generator
from pathlib import Path
from typing import Any, NoReturn, cast

from traitlets import TraitError
from traitlets.config import Application, Config, Configurable
from traitlets.config.loader import KVArgParseConfigLoader

from hubflow import __version__, config, logs
from hubflow.cli import airflow_verbs, help, options
from hubflow.cli.options import Misused, StrictLoader
from hubflow.db.engine import Database
from hubflow.errors import AlreadyRunning, HomeUnusable, HubflowError

ALIASES = {
    "home": "Core.home",
    "database-url": "Core.database_url",
    "log-level": "Application.log_level",
}


class HubflowApp(Application):
    """Base of the commands. `core` and `database` are made when they are first used.

    `arguments` are the words that must follow the command, as people call them; `optional` those
    that may follow these.
    """

    arguments: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()

    version = __version__
    name = "hubflow"
    classes: list[type[Configurable]] = config.CLASSES
    aliases: dict[str, str] = ALIASES
    flags: dict[str, Any] = {}

    def initialize(self, argv: list[str] | None = None) -> None:
        """Read the command line, then the file and the environment below it."""
        super().initialize(argv)
        if self.subapp is None:
            try:
                self.config = config.load(self.config)
                log_format = self.core.log_format
            except TraitError as exc:
                self.end(exc, 2)
            logs.set_up(cast(int, self.log_level), log_format)

    def _create_loader(
        self, argv: list[str] | None, aliases: Any, flags: Any, classes: Any
    ) -> KVArgParseConfigLoader:
        subcommands = self.subcommands
        return StrictLoader(
            argv,
            aliases,
            flags,
            classes=classes,
            log=self.log,
            subcommands=subcommands,
            prog=self.command,
            usage=SUPPRESS,
        )

    def emit_help(self, classes: bool = False) -> Generator[str, None, None]:
        """Yield the lines of `--help`; with ``classes``, every setting after them."""
        yield from help.lines(type(self), self.command, ALIASES)
        if classes:
            for kind in self._classes_with_config_traits():
                yield ""
                yield kind.class_get_help()

    def initialize_subcommand(self, subc: str, argv: list[str] | None = None) -> None:
        self._chosen = subc
        super().initialize_subcommand(subc, argv)

    @property
    def command(self) -> str:
        """The words that called this command: `hubflow dags list`."""
        above = self.parent
        return f"{above.command} {above._chosen}" if isinstance(above, HubflowApp) else self.name

    def update_config(self, config: Config) -> None:
        """Take options; ends the command with one line for a value that cannot be."""
        try:
            options.check(self, config)
        except Misused as exc:
            self.end(exc, 2)
        super().update_config(config)

    @property
    def words(self) -> list[str]:
        """What follows the command; raises Misused unless it is as many words as it takes."""
        most = len(self.arguments) + len(self.optional)
        if not len(self.arguments) <= len(self.extra_args) <= most:
            given = " ".join(map(repr, self.extra_args)) or "nothing"
            if not most:
                raise Misused(f"this takes no arguments, not {given}")
            wanted = ", then ".join(self.arguments)
            further = f", and if you like {', then '.join(self.optional)}" if self.optional else ""
            raise Misused(f"name {wanted}{further}, not {given}".replace("name , and", "name"))
        return [str(word) for word in self.extra_args]

    def end(self, exc: Exception, status: int) -> NoReturn:
        """End the command with one line that says why."""
        print(f"{self.command if status == 2 else 'hubflow'}: {exc}", file=sys.stderr)
        raise SystemExit(status) from exc

    @property
    def core(self) -> config.Core:
        if not hasattr(self, "_core"):
            self._core = config.Core(config=self.config)
        return self._core

    @property
    def database(self) -> Database:
        if not hasattr(self, "_database"):
            self._database = Database(self.core)
        return self._database

    def start(self) -> None:
        """Run the sub-command; errors made for people end it with status 1 and one line."""
        try:
            if self.subapp is not None:
                self.subapp.start()
                return
            if not self.subcommands:
                self.words  # noqa: B018  (surplus words end the command before it does anything)
            self.run()
        except (Misused, TraitError) as exc:
            self.end(exc, 2)
        except HubflowError as exc:
            self.end(exc, 1)
        except KeyboardInterrupt:
            raise SystemExit(130) from None
        except BrokenPipeError:
            # Whoever reads our output has seen enough (`| head`), and so has Python at its exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise SystemExit(141) from None
        finally:
            if hasattr(self, "_database"):
                self._database.dispose()

    def run(self) -> None:
        """Do the command's work; a command without sub-command shows its help."""
        if self.extra_args:
            known = ", ".join(self.subcommands)
            words = [*self.command.split()[1:], self.extra_args[0]]
            hint = airflow_verbs.find(" ".join(words)) or f"there are {known}"
            raise Misused(f"no command {self.extra_args[0]!r}; {hint}")
        self.print_help()
        raise SystemExit(2)


def serve(main: Callable[[asyncio.Event], Coroutine[Any, Any, None]]) -> None:
    """Run ``main(stop)`` until SIGINT or SIGTERM sets ``stop``, or it ends by itself.

    Handlers are installed explicitly: a process started in the background by a shell inherits
    SIGINT ignored.
    """

    async def supervised() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop.set)
        await main(stop)

    asyncio.run(supervised())


class ProcessLock:
    """A file lock that says which process serves a home; held until the process ends.

    Raises AlreadyRunning, naming the pid, when another process holds it.
    """

    def __init__(self, path: Path, what: str) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("a+")
        except OSError as exc:
            raise HomeUnusable(path.parent.parent, exc) from exc
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._file.seek(0)
            pid = self._file.read().strip() or "unknown"
            raise AlreadyRunning(
                f"a {what} already serves {path.parent.parent} (pid {pid}); stop it first"
            ) from None
        self._file.truncate(0)
        self._file.write(str(os.getpid()))
        self._file.flush()

    def release(self) -> None:
        """Let go of the lock before this process ends."""
        self._file.close()
