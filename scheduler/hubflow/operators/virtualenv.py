"""Functions that run in another Python: one that exists, or a virtual environment made for them.

The source of the function goes into a script of its own, so it must import what it uses and refer
to nothing around it. Arguments and result travel as pickles (SEMANTICS 6.1).
"""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import inspect
import json
import os
import pickle
import sys
import tempfile
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

from hubflow.hooks.process import CommandRunner
from hubflow.operators.branch import BranchPythonOperator
from hubflow.operators.decorators import push_items
from hubflow.operators.python import PythonOperator
from hubflow.sdk import environment
from hubflow.sdk.exceptions import HubflowException, InvalidDag, TaskSkipped

# Annotations may name what only the DAG file imports: they are not evaluated.
_SCRIPT = """\
from __future__ import annotations
import pickle, sys
{arguments}
{source}
with open(sys.argv[1], "rb") as _file:
    _args, _kwargs = pickle.load(_file)
_result = {name}(*_args, **_kwargs)
with open(sys.argv[2], "wb") as _file:
    pickle.dump(_result, _file, protocol=4)
"""
# Of the context, what any Python can load.
_PLAIN = (str, int, float, bool, type(None), list, dict, tuple)


def is_venv_installed() -> bool:
    """Say whether this Python can make virtual environments."""
    return all(importlib.util.find_spec(name) is not None for name in ("venv", "ensurepip"))


class _ElsewhereOperator(PythonOperator):
    """Base: runs the function with the interpreter that `_python` gives."""

    template_ext = (".txt",)

    def __init__(
        self,
        *,
        python_callable: Callable[..., Any],
        use_dill: bool = False,
        serializer: str | None = None,
        string_args: Iterable[str] | None = None,
        expect_airflow: bool = True,
        skip_on_exit_code: int | Iterable[int] | None = None,
        env_vars: Mapping[str, str] | None = None,
        inherit_env: bool = True,
        multiple_outputs: bool = False,
        **kwargs: Any,
    ) -> None:
        if not inspect.isfunction(python_callable) or python_callable.__name__ == "<lambda>":
            raise InvalidDag(
                f"{type(self).__name__}: python_callable must be a function made by def: its "
                "source runs in another Python"
            )
        super().__init__(python_callable=python_callable, **kwargs)
        self.use_dill = use_dill or serializer == "dill"
        self.string_args = list(string_args or ())
        codes = skip_on_exit_code
        self.skip_on_exit_code = {codes} if isinstance(codes, int) else set(codes or ())
        self.env_vars = dict(env_vars or {})
        self.inherit_env = inherit_env
        self.multiple_outputs = multiple_outputs
        self._runner = CommandRunner()

    def execute(self, context: MutableMapping[str, Any]) -> Any:
        result = super().execute(context)
        if self.multiple_outputs:
            push_items(context, result)
        return result

    def call(self, context: MutableMapping[str, Any]) -> Any:
        context["templates_dict"] = self.templates_dict
        kwargs = self._call_kwargs({k: v for k, v in context.items() if _is_plain(v)})
        with (
            tempfile.TemporaryDirectory(prefix="hubflow-python-") as folder,
            self._python(Path(folder)) as python,
        ):
            return self._run(python, Path(folder), (self.op_args, kwargs))

    def on_kill(self) -> None:
        self._runner.terminate()

    @contextmanager
    def _python(self, folder: Path) -> Iterator[str]:
        """Give the interpreter to use; ``folder`` is for what belongs to this run."""
        raise NotImplementedError
        yield ""

    def _run(self, python: str, folder: Path, call: tuple[Any, Any]) -> Any:
        script, arguments, answer = (folder / name for name in ("script.py", "in", "out"))
        script.write_text(self._script(), encoding="utf-8")
        arguments.write_bytes(pickle.dumps(call, protocol=4))
        done = self._runner.run(
            [python, str(script), str(arguments), str(answer)],
            env=self._environment(),
            cwd=str(folder),
            on_line=lambda line: self.log.info("%s", line),
        )
        if done.exit_code in self.skip_on_exit_code:
            raise TaskSkipped(f"the function's process ended with {done.exit_code}")
        if done.exit_code != 0:
            raise HubflowException(
                f"the function failed in {python}; its process ended with {done.exit_code}"
            )
        try:
            return pickle.loads(answer.read_bytes())
        except Exception as exc:
            raise HubflowException(
                f"the function returned what cannot be read here: {type(exc).__name__}: {exc}; "
                "return plain values"
            ) from exc

    def _script(self) -> str:
        return _SCRIPT.format(
            source=function_source(self.python_callable),
            name=self.python_callable.__name__,
            arguments=f"virtualenv_string_args = {self.string_args!r}",
        )

    def _environment(self) -> dict[str, str]:
        inherited = environment.inherited() if self.inherit_env else {"PATH": os.defpath}
        # Whatever is on our path is not meant for another interpreter.
        inherited.pop("PYTHONPATH", None)
        return {**inherited, **self.env_vars}


class ExternalPythonOperator(_ElsewhereOperator):
    """Run a function with another Python: ``python`` is the path of its interpreter."""

    template_fields: ClassVar[Iterable[str]] = ("python", *PythonOperator.template_fields)

    def __init__(self, *, python: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not python:
            raise InvalidDag(f"{self}: python must be the path of an interpreter")
        self.python = python

    @contextmanager
    def _python(self, folder: Path) -> Iterator[str]:
        if not os.access(self.python, os.X_OK):
            raise HubflowException(f"{self.python} is no Python interpreter on this worker")
        yield self.python


class PythonVirtualenvOperator(_ElsewhereOperator):
    """Run a function in a virtual environment that is made for it.

    Parameters
    ----------
    requirements : packages as pip takes them, or the text or name of a requirements file.
    python_version : such as "3.12"; the interpreter `python3.12` must be on the worker's PATH.
    system_site_packages : let it see the packages of the worker.
    pip_install_options, index_urls : further options and indexes of pip.
    venv_cache_path : where to keep environments, to use them again.
    """

    template_fields: ClassVar[Iterable[str]] = ("requirements", *PythonOperator.template_fields)

    def __init__(
        self,
        *,
        requirements: Iterable[str] | str | None = None,
        python_version: str | float | None = None,
        system_site_packages: bool = True,
        pip_install_options: Sequence[str] | None = None,
        index_urls: str | Sequence[str] | None = None,
        venv_cache_path: str | os.PathLike[str] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.requirements = (
            requirements if isinstance(requirements, str) else list(requirements or ())
        )
        self.python_version = None if python_version is None else str(python_version)
        self.system_site_packages = system_site_packages
        self.pip_install_options = list(pip_install_options or ())
        self.index_urls = [index_urls] if isinstance(index_urls, str) else list(index_urls or ())
        self.venv_cache_path = None if venv_cache_path is None else Path(venv_cache_path)

    @contextmanager
    def _python(self, folder: Path) -> Iterator[str]:
        if self.venv_cache_path is None:
            yield self._make(folder / "venv")
            return
        kept = self.venv_cache_path / f"hubflow-venv-{self._fingerprint()}"
        if not (kept / "ready").exists():
            # Whoever is first puts it in place whole; the others have made one in vain.
            self._make(fresh := Path(tempfile.mkdtemp(dir=_made(self.venv_cache_path))))
            (fresh / "ready").touch()
            try:
                fresh.rename(kept)
            except OSError:
                kept = fresh
        yield str(kept / "bin" / "python")

    def _make(self, venv: Path) -> str:
        """Make the environment at ``venv`` and return its interpreter."""
        base = f"python{self.python_version}" if self.python_version else sys.executable
        options = ["--system-site-packages"] if self.system_site_packages else []
        self._tool([base, "-m", "venv", *options, str(venv)], "make a virtual environment")
        python = str(venv / "bin" / "python")
        if wanted := self._wanted():
            listed = venv / "requirements.txt"
            listed.write_text("\n".join(wanted) + "\n", encoding="utf-8")
            pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
            pip += [*self._indexes(), *self.pip_install_options, "-r", str(listed)]
            self._tool(pip, f"install {', '.join(wanted)}")
        return python

    def _wanted(self) -> list[str]:
        text = self.requirements
        found = text.splitlines() if isinstance(text, str) else list(text)
        return [*found, "dill"] if self.use_dill and "dill" not in found else found

    def _indexes(self) -> list[str]:
        first, *others = self.index_urls or [""]
        options = ["--index-url", first] if first else []
        return [*options, *(word for url in others for word in ("--extra-index-url", url))]

    def _tool(self, argv: list[str], what: str) -> None:
        try:
            done = self._runner.run(
                argv,
                env=None,
                cwd=tempfile.gettempdir(),
                on_line=lambda line: self.log.info("%s", line),
            )
        except FileNotFoundError:
            raise HubflowException(f"cannot {what}: there is no {argv[0]} on PATH") from None
        if done.exit_code != 0:
            raise HubflowException(f"cannot {what}: {done.last_line or done.exit_code}")

    def _fingerprint(self) -> str:
        parts = (
            self._wanted(),
            self.python_version or sys.version,
            self.system_site_packages,
            self.pip_install_options,
            self.index_urls,
        )
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]


class BranchExternalPythonOperator(BranchPythonOperator, ExternalPythonOperator):
    """Follow the tasks that a function in another Python returns."""


class BranchPythonVirtualenvOperator(BranchPythonOperator, PythonVirtualenvOperator):
    """Follow the tasks that a function in a virtual environment returns."""


def function_source(function: Callable[..., Any]) -> str:
    """Return the source of a function without its decorators and indentation."""
    text = textwrap.dedent(inspect.getsource(function))
    tree = ast.parse(text)
    (definition,) = tree.body
    assert isinstance(definition, ast.FunctionDef | ast.AsyncFunctionDef)
    definition.decorator_list = []
    return ast.unparse(tree)


def _is_plain(value: Any) -> bool:
    return type(value) in _PLAIN


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder
