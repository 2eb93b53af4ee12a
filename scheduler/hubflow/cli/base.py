"""What every `hubflow` command shares: settings, logging, clear errors, signals."""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
import signal
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, cast

from traitlets.config import Application, Configurable
from traitlets.config.loader import KVArgParseConfigLoader

from hubflow import __version__, config
from hubflow.db.engine import Database
from hubflow.errors import AlreadyRunning, HomeUnusable, HubflowError

ALIASES = {
    "home": "Core.home",
    "database-url": "Core.database_url",
    "log-level": "Application.log_level",
}


class StrictLoader(KVArgParseConfigLoader):
    """Reads a command line; an option that does not exist ends the command instead of nothing."""

    def _handle_unrecognized_alias(self, arg: str) -> None:
        print(f"hubflow: there is no option {arg!r}; --help shows all", file=sys.stderr)
        raise SystemExit(2)


class HubflowApp(Application):
    """Base of the commands. `core` and `database` are made when they are first used."""

    version = __version__
    name = "hubflow"
    classes: list[type[Configurable]] = config.CLASSES
    aliases: dict[str, str] = ALIASES
    flags: dict[str, Any] = {}

    def initialize(self, argv: list[str] | None = None) -> None:
        """Read the command line, then the file and the environment below it."""
        super().initialize(argv)
        if self.subapp is None:
            self.config = config.load(self.config)
            logging.basicConfig(
                level=cast(int, self.log_level),
                format="[%(asctime)s] %(levelname)s %(name)s - %(message)s",
                stream=sys.stderr,
            )
            logging.getLogger("alembic").setLevel(logging.WARNING)
            logging.getLogger("watchfiles").setLevel(logging.WARNING)

    def _create_loader(
        self, argv: list[str] | None, aliases: Any, flags: Any, classes: Any
    ) -> KVArgParseConfigLoader:
        subcommands = self.subcommands
        return StrictLoader(
            argv, aliases, flags, classes=classes, log=self.log, subcommands=subcommands
        )

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
            else:
                self.run()
        except HubflowError as exc:
            print(f"hubflow: {exc}", file=sys.stderr)
            raise SystemExit(1) from exc
        except KeyboardInterrupt:
            raise SystemExit(130) from None
        except BrokenPipeError:
            # Whoever reads our output has seen enough (`| head`), and so has Python at its exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise SystemExit(141) from None

    def run(self) -> None:
        """Do the command's work; a command without sub-command shows its help."""
        if self.extra_args:
            known = ", ".join(self.subcommands)
            print(f"hubflow: no command {self.extra_args[0]!r}; there are {known}", file=sys.stderr)
            raise SystemExit(2)
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
