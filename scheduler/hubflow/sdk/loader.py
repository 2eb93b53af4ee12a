"""Import one DAG file in this process: source text -> DAGs, or DagImportError.

Only parse and task processes do this: it runs user code.
"""

from __future__ import annotations

import hashlib
import itertools
import linecache
import sys
import traceback
from pathlib import Path
from types import ModuleType, TracebackType

from hubflow.errors import DagImportError
from hubflow.sdk import dag_context
from hubflow.sdk.dag import DAG
from hubflow.sdk.exceptions import HubflowException, InvalidDag

MODULE_PREFIX = "hubflow_dag_"


def load_source(path: str, source: str, dags_folder: Path) -> list[DAG]:
    """Run the text of a DAG file and return its DAGs, sorted by id.

    Parameters
    ----------
    path : relative to ``dags_folder``, with `/`; `__file__` of the module is where it lies there.
    source : the text to run, which need not be what is on disk now.

    Raises DagImportError with the line to blame and the traceback without our own frames.
    """
    file = str(dags_folder / path)
    _put_on_path(dags_folder)
    _remember_lines(file, source)
    module = ModuleType(module_name(path))
    module.__file__ = file
    sys.modules[module.__name__] = module
    try:
        with dag_context.load(file) as record:
            exec(compile(source, file, "exec", dont_inherit=True), module.__dict__)
        return _checked(path, _collect(module, record))
    except DagImportError:
        raise
    except (Exception, SystemExit) as exc:
        raise _import_error(path, file, exc) from exc


def module_name(path: str) -> str:
    """Return the name under which a DAG file is imported: the same for every text of it.

    Pickled XComs name it, so a task finds the classes of its own file again.
    """
    stem = Path(path).stem
    safe = "".join(c if c.isalnum() or c == "_" else "_" for c in stem)
    return f"{MODULE_PREFIX}{hashlib.sha256(path.encode()).hexdigest()[:12]}_{safe}"


def _put_on_path(dags_folder: Path) -> None:
    if str(dags_folder) not in sys.path:
        sys.path.append(str(dags_folder))


def _remember_lines(file: str, source: str) -> None:
    """Let tracebacks and `inspect.getsource` show this text, whatever is on disk."""
    lines = source.splitlines(keepends=True)
    linecache.cache[file] = (len(source), None, lines, file)


def _collect(module: ModuleType, record: dag_context.Loading) -> list[DAG]:
    """Take DAGs that are globals of the module or were opened by `with`, each once, with sub-DAGs.

    A sub-DAG counts only as such: one that no task runs is a DAG like any other.
    """
    opened = [dag for dag in record.opened if isinstance(dag, DAG) and dag.auto_register]
    found = [value for value in vars(module).values() if isinstance(value, DAG)]
    inner = [subdag for dag in (*found, *opened) for subdag in dag.subdags]
    distinct = {id(dag): dag for dag in (*found, *opened, *inner)}
    return sorted(distinct.values(), key=lambda dag: dag.dag_id)


def _checked(path: str, dags: list[DAG]) -> list[DAG]:
    for one, other in itertools.pairwise(dags):
        if one.dag_id == other.dag_id:
            raise DagImportError(
                path,
                f"two DAGs in this file have the id {one.dag_id!r} "
                f"(lines {one.line} and {other.line}); rename one of the two",
                line=other.line,
            )
    for dag in dags:
        try:
            dag.check()
        except InvalidDag as exc:
            raise DagImportError(path, str(exc), line=dag.line) from exc
    return dags


def _import_error(path: str, file: str, exc: BaseException) -> DagImportError:
    frames = exc.__traceback__ and exc.__traceback__.tb_next
    message = f"{type(exc).__name__}: {exc}"
    if isinstance(exc, HubflowException):
        message = str(exc)
    elif isinstance(exc, SystemExit):
        message = f"the file ends the process with sys.exit({exc.code!r}) while it is imported"
    return DagImportError(
        path,
        message,
        line=_line_in(file, exc, frames),
        stacktrace="".join(traceback.format_exception(type(exc), exc, frames)),
    )


def _line_in(file: str, exc: BaseException, frames: TracebackType | None) -> int | None:
    """Return the line of the file that raised or that called what raised."""
    if isinstance(exc, SyntaxError) and exc.filename == file:
        return exc.lineno
    lines = [f.lineno for f in traceback.extract_tb(frames) if f.filename == file]
    return lines[-1] if lines else None
