"""The task instance that started a run, for people to find."""

import sqlalchemy as sa
from alembic import op

from hubflow.db.types import BINARY

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Not in a batch, which makes the table anew: on SQLite without AUTOINCREMENT.
    op.add_column("dag_run", sa.Column("starter", BINARY, nullable=True))


def downgrade() -> None:
    op.drop_column("dag_run", "starter")
