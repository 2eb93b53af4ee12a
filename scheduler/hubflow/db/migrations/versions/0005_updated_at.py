"""When runs and task instances changed last."""

import sqlalchemy as sa
from alembic import op

from hubflow.db.types import INSTANT

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_TABLES = ("dag_run", "task_instance")


def upgrade() -> None:
    for table in _TABLES:
        op.add_column(table, sa.Column("updated_at", INSTANT, nullable=True))
        op.execute(f"UPDATE {table} SET updated_at = COALESCE(end_date, start_date, queued_at)")


def downgrade() -> None:
    for table in _TABLES:
        op.drop_column(table, "updated_at")
