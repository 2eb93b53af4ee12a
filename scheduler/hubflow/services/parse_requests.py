"""Ask the DAG processor to read a file again although it has not changed."""

from __future__ import annotations

from hubflow.db.queries import dag_files
from hubflow.errors import NotFound
from hubflow.events import ParseAsked
from hubflow.services.access import Actor, Permission
from hubflow.services.dto.stable import ParseAskedDto
from hubflow.services.unit import Backend, changing


def ask(backend: Backend, actor: Actor, file_token: str) -> ParseAskedDto:
    """Have the file that a DAG's `file_token` names imported anew. Raises NotFound."""
    if not file_token.isdecimal() or len(file_token) > 18:
        raise NotFound(f"{file_token!r} is no file token; take it from the DAG")
    with changing(backend, actor, Permission.DAGS_EDIT, "parse_dag_file") as unit:
        path = dag_files.get(unit.session, int(file_token)).path
        unit.emit("parse", None, ParseAsked(path=path))
        unit.note(extra={"path": path})
    return ParseAskedDto(path=path)
