"""Answers `import airflow…` with hubflow's own classes, in parse and task processes only.

`install` puts the finder first, so that it also wins over a really installed Airflow, which is
never touched: in every other process, and on disk, it stays what it is. Modules are made from the
table in `names`; what they name is imported when it is first looked at.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

from hubflow.compat import names, plugins
from hubflow.sdk import places

# Tuples, as `str.startswith` takes them.
EXAMPLES = (f"{names.ROOT}.example_dags", f"{names.ROOT}.contrib.example_dags")
_ADVICE = (
    "call the service's own client library in a PythonOperator, or see "
    "docs/reference/airflow-names.md for the names that hubflow has"
)
_PACKAGED = f"{names.ROOT}.providers."


class NameUnknown(ModuleNotFoundError):
    """Airflow has this module, or a provider of it does, and hubflow does not."""


class AirflowModule(ModuleType):
    """A module of Airflow as far as hubflow has it: names are resolved on first use."""

    def __init__(self, name: str, rows: Mapping[str, str]) -> None:
        super().__init__(name, f"{name}, as hubflow answers it.")
        self.__dict__["_rows"] = rows
        self.__path__: list[str] = []
        self.__all__ = sorted(name for name in rows if name != "*")

    def __getattr__(self, name: str) -> Any:
        value = self._find(name)
        # The next look finds it without us.
        self.__dict__[name] = value
        return value

    def __dir__(self) -> list[str]:
        return sorted({*self.__dict__, *self.__all__})

    def _find(self, name: str) -> Any:
        rows: Mapping[str, str] = self.__dict__["_rows"]
        if name in rows:
            return _resolve(rows[name])
        if f"{self.__name__}.{name}" in names.modules():
            return importlib.import_module(f"{self.__name__}.{name}")
        if not name.startswith("__"):
            if "*" in rows and hasattr(module := _module_of(rows["*"]), name):
                return getattr(module, name)
            if (found := plugins.find(self.__name__, name)) is not None:
                return found
        raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")


class AirflowFinder(MetaPathFinder, Loader):
    """Finds and makes the modules."""

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        if fullname != names.ROOT and not fullname.startswith(f"{names.ROOT}."):
            return None
        if fullname in names.modules() or plugins.contents(fullname):
            return ModuleSpec(fullname, self, origin="hubflow", is_package=True)
        if fullname.rpartition(".")[0].startswith(EXAMPLES):
            return PathFinder.find_spec(fullname, path)
        raise NameUnknown(_why_unknown(fullname), name=fullname)

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        rows = names.modules().get(spec.name)
        if rows is not None:
            return AirflowModule(spec.name, rows)
        module = AirflowModule(spec.name, {})
        module.__dict__.update(plugins.contents(spec.name))
        module.__all__ = sorted(plugins.contents(spec.name))
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Everything is there already. Copies of Airflow's examples are found beside DAG files."""
        if module.__name__ in EXAMPLES:
            module.__path__ = _example_folders(module.__name__)


_finder = AirflowFinder()


def install() -> None:
    """Answer `airflow` from now on in this process; a module imported before is forgotten."""
    if _finder in sys.meta_path:
        return
    for name in [name for name in sys.modules if name.partition(".")[0] == names.ROOT]:
        del sys.modules[name]
    sys.meta_path.insert(0, _finder)
    plugins.connect()
    names.modules()  # Here, so that children of this process find the table made.


def remove() -> None:
    """Undo `install`, for tests that run in this process."""
    if _finder in sys.meta_path:
        sys.meta_path.remove(_finder)
    forget()


def forget() -> None:
    """Make the modules of Airflow anew, for plugins that were loaded anew."""
    for name in [n for n, m in sys.modules.items() if isinstance(m, AirflowModule)]:
        del sys.modules[name]


def hint(error: BaseException) -> str | None:
    """Return what to do about a name of Airflow that hubflow does not have; None for others."""
    if not isinstance(error, ImportError):
        return None
    if broken := plugins.problems():
        return "; ".join(broken)
    if isinstance(error, NameUnknown):
        return None
    module = error.name or ""
    if module != names.ROOT and not module.startswith(f"{names.ROOT}."):
        return None
    return f"hubflow has {module}, but not this name of it; {_ADVICE}"


def _resolve(target: str) -> Any:
    module, _, attribute = target.partition(":")
    found = importlib.import_module(module)
    return found if attribute == "*" else getattr(found, attribute)


def _module_of(target: str) -> ModuleType:
    return importlib.import_module(target.partition(":")[0])


def _example_folders(package: str) -> list[str]:
    """Return where a team may have put its copy of Airflow's own example DAGs."""
    folder = places.dags_folder()
    if folder is None:
        return []
    inside = "/".join(package.split(".")[1:])
    return [str(path) for path in (folder / inside, folder / "example_dags", folder)]


def _why_unknown(fullname: str) -> str:
    """Say that a module is missing here, and what its user can do."""
    if fullname.startswith(_PACKAGED):
        provider = fullname.removeprefix(_PACKAGED).split(".")[0]
        what = f"the Airflow provider {provider!r} ({fullname}) is not part of hubflow"
    elif ".contrib." in fullname:
        what = f"{fullname} of Airflow 1.10 is not part of hubflow"
    else:
        what = f"hubflow has no {fullname}"
    return f"{what}; {_ADVICE}"
