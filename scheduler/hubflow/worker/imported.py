"""Modules of the DAG and plugins folders that a DAG file imports: a zygote has them as they were
when it loaded the file, and they may have been written since.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Iterator, Mapping

from hubflow.compat import finder, plugins
from hubflow.sdk import archives, backend_lookup, places
from hubflow.sdk.loader import MODULE_PREFIX

Stamps = Mapping[str, tuple[int, int] | None]


def stamps(folder: str) -> Stamps:
    """Return the file of each imported module below ``folder``, with its time and size.

    What lies in the plugins folder beside it counts, too.
    """
    return {file: _stamp(file) for _, file in _modules(folder)}


def have_changed(before: Stamps) -> bool:
    """Say whether any of the files was written or removed."""
    return any(_stamp(file) != stamp for file, stamp in before.items())


def forget(folder: str) -> None:
    """Let the next import of a module below ``folder`` read its file again."""
    for name, _ in list(_modules(folder)):
        del sys.modules[name]
    plugins.forget()
    finder.forget()
    backend_lookup.forget()
    importlib.invalidate_caches()


def _modules(folder: str) -> Iterator[tuple[str, str]]:
    roots = (folder + os.sep, os.path.join(os.path.dirname(folder), places.PLUGINS) + os.sep)
    for name, module in tuple(sys.modules.items()):
        # DAG files themselves are no imports: their text comes from the database.
        file = None if name.startswith(MODULE_PREFIX) else getattr(module, "__file__", None)
        if isinstance(file, str) and file.startswith(roots):
            yield name, file


def _stamp(file: str) -> tuple[int, int] | None:
    archive, is_inside, _ = file.partition(f"{archives.SUFFIX}{os.sep}")
    try:
        found = os.stat(f"{archive}{archives.SUFFIX}" if is_inside else file)
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size
