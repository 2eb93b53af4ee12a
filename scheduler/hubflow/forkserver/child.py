"""What a freshly forked child does before, and after, it calls its entry function."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import os
import resource
import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from io import TextIOWrapper
from typing import Any, cast

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36

_libc = ctypes.CDLL(None, use_errno=True)


def prctl(option: int, value: int) -> None:
    """Call Linux's prctl; other systems do without what it would add."""
    if sys.platform == "linux":
        _libc.prctl(option, value, 0, 0, 0)


def resolve(entry: str) -> Callable[..., Any]:
    """Import "module:function"."""
    module, _, name = entry.partition(":")
    return cast("Callable[..., Any]", getattr(importlib.import_module(module), name))


def run(
    entry: str, payload: bytes, fds: Sequence[int], limits: dict[str, int], parent: int
) -> None:
    """Become a process of its own, call the entry and exit; never returns.

    The entry is called with the payload and the file descriptors without the log; what it
    returns is the exit status (None is 0). An exception is printed to the log and gives 1.
    """
    code = 1
    try:
        _detach(fds[0], limits, parent)
        code = resolve(entry)(payload, tuple(fds[1:])) or 0
    except SystemExit as request:
        code = _exit_status(request)
    except BaseException:
        traceback.print_exc()
    finally:
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(Exception):
                stream.flush()
        # Not sys.exit: the zygote's own frames and exit handlers are not ours to run.
        os._exit(code & 0xFF)


def _exit_status(request: SystemExit) -> int:
    if request.code is None or isinstance(request.code, int):
        return request.code or 0
    print(request.code, file=sys.stderr)
    return 1


def _detach(log: int, limits: dict[str, int], parent: int) -> None:
    os.setsid()
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)  # The zygote died before the line above could take effect.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    use_as_output(log)
    for name, value in limits.items():
        resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (value, value))
    _reseed()
    gc.enable()


def use_as_output(log: int) -> None:
    """Make ``log`` stdout and stderr; lines appear as soon as they are complete."""
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.close(log)
    for stream in (sys.stdout, sys.stderr):
        cast("TextIOWrapper", stream).reconfigure(
            encoding="utf-8", errors="backslashreplace", line_buffering=True
        )


def _reseed() -> None:
    """Give the child its own random numbers where the library does not do so by itself."""
    if numpy_random := sys.modules.get("numpy.random"):
        numpy_random.seed()
