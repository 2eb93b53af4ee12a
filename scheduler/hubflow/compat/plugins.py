"""Airflow plugins: files of the plugins folder and `airflow.plugins` entry points.

They are loaded when a name is asked for that nothing else has, in the process that asks: a plugin
is user code. Its operators, sensors, hooks and macros are found as `airflow.operators.<Class>` and
as `airflow.operators.<plugin>.<Class>`. A plugin that cannot be loaded breaks no other one.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar

from hubflow.sdk import macros, places

ENTRY_POINTS = "airflow.plugins"
# Package of Airflow -> the lists of a plugin whose items appear there.
_SHOWN_IN: Mapping[str, tuple[str, ...]] = {
    "airflow.operators": ("operators", "sensors"),
    "airflow.sensors": ("sensors",),
    "airflow.hooks": ("hooks",),
    "airflow.executors": ("executors",),
    "airflow.macros": ("macros",),
}


class AirflowPlugin:
    """Base of plugins. Lists of what they add; views, blueprints and links are not shown."""

    name: ClassVar[str | None] = None
    operators: ClassVar[Sequence[type]] = ()
    sensors: ClassVar[Sequence[type]] = ()
    hooks: ClassVar[Sequence[type]] = ()
    executors: ClassVar[Sequence[type]] = ()
    macros: ClassVar[Sequence[Any]] = ()
    timetables: ClassVar[Sequence[type]] = ()
    listeners: ClassVar[Sequence[Any]] = ()
    priority_weight_strategies: ClassVar[Sequence[type]] = ()
    admin_views: ClassVar[Sequence[Any]] = ()
    flask_blueprints: ClassVar[Sequence[Any]] = ()
    menu_links: ClassVar[Sequence[Any]] = ()
    appbuilder_views: ClassVar[Sequence[Any]] = ()
    appbuilder_menu_items: ClassVar[Sequence[Any]] = ()
    global_operator_extra_links: ClassVar[Sequence[Any]] = ()
    operator_extra_links: ClassVar[Sequence[Any]] = ()

    @classmethod
    def on_load(cls, *args: Any, **kwargs: Any) -> None:
        """Called once the plugin is loaded."""


class PluginInvalid(Exception):
    """A plugin is put together wrongly; the message says how."""


class _Plugins:
    """The plugins of this process, once something has asked for them."""

    def __init__(self) -> None:
        self.plugins: dict[str, type[AirflowPlugin]] = {}
        self.problems: dict[str, str] = {}
        self._state = "unread"

    def loaded(self) -> dict[str, type[AirflowPlugin]]:
        # A plugin that asks for an unknown name must not begin to load plugins.
        if self._state == "unread":
            self._state = "reading"
            self._load_all()
            self._state = "read"
        return self.plugins

    def _load_all(self) -> None:
        folder = places.plugins_folder()
        for file in _files(folder):
            assert folder is not None
            self._load(file.relative_to(folder.parent).as_posix(), lambda f=file: _import(f))
        for point in entry_points(group=ENTRY_POINTS):
            self._load(f"{point.name} ({point.value})", point.load)

    def _load(self, label: str, load: Any) -> None:
        try:
            for plugin in _plugins_in(load()):
                self._add(plugin)
        except (Exception, SystemExit) as exc:
            self.problems[label] = f"{type(exc).__name__}: {exc}"

    def _add(self, plugin: type[AirflowPlugin]) -> None:
        if not plugin.name:
            raise PluginInvalid(f"the plugin {plugin.__qualname__} needs a name")
        if self.plugins.setdefault(plugin.name, plugin) is not plugin:
            raise PluginInvalid(f"there are two plugins named {plugin.name!r}; rename one")
        plugin.on_load()


_found = _Plugins()


def find(module: str, name: str) -> Any:
    """Return what a plugin adds to ``module`` of Airflow under ``name``; None for nothing."""
    kinds = _SHOWN_IN.get(module)
    if kinds is None:
        return None
    plugins = _found.loaded()
    if name in plugins and contents(f"{module}.{name}"):
        return importlib.import_module(f"{module}.{name}")
    for plugin in plugins.values():
        for item in _items(plugin, kinds):
            if item.__name__ == name:
                return item
    return None


def contents(module: str) -> dict[str, Any]:
    """Return the names in `airflow.operators.<plugin>` and its likes; {} for other modules."""
    package, _, name = module.rpartition(".")
    if package not in _SHOWN_IN:
        return {}
    plugin = _found.loaded().get(name)
    items = () if plugin is None else _items(plugin, _SHOWN_IN[package])
    return {item.__name__: item for item in items}


def find_macros(name: str) -> Any:
    """Return `macros.<plugin>` for templates, or None."""
    return find("airflow.macros", name)


def problems() -> list[str]:
    """Return a line for each plugin that could not be loaded, of those that were asked for."""
    return [f"Broken plugin: [{where}] {why}" for where, why in _found.problems.items()]


def load_all() -> dict[str, str]:
    """Load every plugin now; return why those could not be loaded that are broken, by file."""
    _found.loaded()
    return dict(_found.problems)


def forget() -> None:
    """Load plugins anew when one is next asked for."""
    _found.__init__()  # type: ignore[misc]


def connect() -> None:
    """Let templates find macros of plugins."""
    macros.find_more = find_macros


def _files(folder: Path | None) -> Iterator[Path]:
    if folder is None or not folder.is_dir():
        return
    for file in sorted(folder.rglob("*.py")):
        parts = file.relative_to(folder).parts
        if not any(part.startswith(".") or part == "__pycache__" for part in parts):
            yield file


def _import(file: Path) -> ModuleType:
    """Import a plugin's file, under the name by which DAG files import it if that leads to it."""
    folder = places.plugins_folder()
    assert folder is not None
    parts = file.relative_to(folder).with_suffix("").parts
    name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
    if name and _origin(name) == str(file):
        return importlib.import_module(name)
    name = f"hubflow_plugin_{'_'.join(parts)}"
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _origin(name: str) -> str | None:
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError, AttributeError):
        return None
    return None if spec is None else spec.origin


def _plugins_in(loaded: object) -> Iterator[type[AirflowPlugin]]:
    """Yield the plugin classes of a module, or the class itself."""
    values = list(vars(loaded).values()) if isinstance(loaded, ModuleType) else [loaded]
    for value in values:
        if isinstance(value, type) and issubclass(value, AirflowPlugin):
            is_own = not isinstance(loaded, ModuleType) or value.__module__ == loaded.__name__
            if is_own and value is not AirflowPlugin:
                yield value


def _items(plugin: type[AirflowPlugin], kinds: Sequence[str]) -> list[Any]:
    return [item for kind in kinds for item in getattr(plugin, kind)]
