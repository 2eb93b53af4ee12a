"""Import one DAG file in this process: source text -> DAGs, or DagImportError.

Only parse and task processes do this: it runs user code.
"""

from __future__ import annotations

import hashlib
import itertools
import linecache
import re
import sys
import traceback
from pathlib import Path
from types import ModuleType, TracebackType

from hubflow.errors import DagImportError
from hubflow.sdk import archives, dag_context, places
from hubflow.sdk.dag import DAG
from hubflow.sdk.exceptions import HubflowException, InvalidDag

MODULE_PREFIX = "hubflow_dag_"
_IMPORTS_AIRFLOW = re.compile(r"^\s*(?:from|import)\s+airflow\b", re.MULTILINE)


def load_source(
    path: str, source: str, dags_folder: Path, *, duplicate_dependency: str = "auto"
) -> list[DAG]:
    """Run the text of a DAG file and return its DAGs, sorted by id.

    Parameters
    ----------
    path : relative to ``dags_folder``, with `/`; `__file__` of the module is where it lies there.
    source : the text to run, which need not be what is on disk now.
    duplicate_dependency : "raise" or "warn" about an edge that is declared twice; "auto" warns in
        files that import `airflow`, where it was never an error.

    Raises DagImportError with the line to blame and the traceback without our own frames.
    """
    file = str(dags_folder / path)
    places.use(dags_folder)
    if (inside := archives.split(path)) is not None:
        places.use_archive(dags_folder / inside[0])
    _remember_lines(file, source)
    module = ModuleType(module_name(path))
    module.__file__ = file
    sys.modules[module.__name__] = module
    try:
        forgives = _forgives_duplicates(source, duplicate_dependency)
        with dag_context.load(file, forgives_duplicates=forgives) as record:
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


def _forgives_duplicates(source: str, duplicate_dependency: str) -> bool:
    if duplicate_dependency == "auto":
        return _IMPORTS_AIRFLOW.search(source) is not None
    return duplicate_dependency == "warn"


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
