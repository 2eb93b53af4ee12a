"""How long runs are kept, and which have lost their details."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from hubflow.db.types import INTEGER

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_INDEX = "ix_dag_run_dag_id_is_thinned_end_date"


_NEW: tuple[tuple[str, sa.Column[Any]], ...] = (
    ("dag", sa.Column("keep_days", INTEGER, nullable=True)),
    ("dag", sa.Column("keep_runs", INTEGER, nullable=True)),
    (
        "dag_run",
        sa.Column("is_thinned", sa.Boolean(), nullable=False, server_default=sa.false()),
    ),
)


def upgrade() -> None:
    # Not in batches, which make a table anew: on SQLite without AUTOINCREMENT.
    for table, column in _NEW:
        op.add_column(table, column)
    op.create_index(_INDEX, "dag_run", ["dag_id", "is_thinned", "end_date"])


def downgrade() -> None:
    op.drop_index(_INDEX, "dag_run")
    for table, column in reversed(_NEW):
        op.drop_column(table, column.name)
