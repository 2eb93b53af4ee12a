"""Texts of DAG files."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from hubflow.db import orm
from hubflow.errors import NotFound


def get_text(session: Session, sha256: str) -> str:
    """Return the text with this hash; raises NotFound."""
    text = session.scalar(select(orm.Source.text).where(orm.Source.sha256 == sha256))
    if text is None:
        raise NotFound(f"no DAG source has the hash {sha256}")
    return text
