"""How migrations create tables: on MySQL with names that differ by case and trailing blanks."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op


def create_table(name: str, *parts: Any, **options: Any) -> sa.Table:
    """Create a table as `op.create_table` does, everywhere comparing texts letter by letter."""
    dialect = op.get_bind().dialect
    if dialect.name == "mysql":
        is_mariadb = getattr(dialect, "is_mariadb", False)
        options |= {
            "mysql_engine": "InnoDB",
            "mysql_charset": "utf8mb4",
            "mysql_collate": "utf8mb4_nopad_bin" if is_mariadb else "utf8mb4_0900_bin",
        }
    return op.create_table(name, *parts, **options)
