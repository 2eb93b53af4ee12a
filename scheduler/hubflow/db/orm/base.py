"""Declarative base and the naming of constraints."""

from __future__ import annotations

from typing import ClassVar, cast

from sqlalchemy import MetaData, Table
from sqlalchemy.orm import DeclarativeBase

from hubflow.db.types import INTEGER

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar = {int: INTEGER}


def table(entity: type[Base]) -> Table:
    """Return the Core table of an entity, for statements that bypass the unit of work."""
    return cast(Table, entity.__table__)
