"""The row that writers lock is always there; room for long names of who did something."""

from datetime import datetime

import sqlalchemy as sa
from alembic import op

from hubflow.db.types import INSTANT, INTEGER

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_WIDENED = (
    ("dag_run", "triggered_by", True),
    ("backfill", "created_by", False),
    ("audit_event", "owner", False),
)
_COUNTED = ("dag_run", "backfill")
"""Those whose keys never come again on SQLite, which making them anew must not forget."""
_LEASE = sa.table(
    "lease",
    sa.column("name", sa.String),
    sa.column("token", INTEGER),
    sa.column("beat", INTEGER),
    sa.column("taken_at", INSTANT),
)


def upgrade() -> None:
    _resize(old=250, new=500)
    is_there = sa.select(_LEASE.c.name).where(_LEASE.c.name == "scheduler")
    if op.get_bind().execute(is_there).first() is None:
        row = {"name": "scheduler", "token": 0, "beat": 0, "taken_at": datetime(1970, 1, 1)}
        op.bulk_insert(_LEASE, [row])


def downgrade() -> None:
    for table, name, _ in _WIDENED:
        column: sa.ColumnClause[str] = sa.column(name, sa.String)
        cut = sa.update(sa.table(table, column)).values({name: sa.func.substr(column, 1, 250)})
        op.execute(cut.where(sa.func.length(column) > 250))
    _resize(old=500, new=250)


def _resize(*, old: int, new: int) -> None:
    for table, name, is_nullable in _WIDENED:
        kept = {"sqlite_autoincrement": True} if table in _COUNTED else {}
        with op.batch_alter_table(table, table_kwargs=kept) as batch:
            batch.alter_column(
                name,
                existing_type=sa.String(old),
                type_=sa.String(new),
                existing_nullable=is_nullable,
            )
