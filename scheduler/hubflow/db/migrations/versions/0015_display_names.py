"""What people call a DAG, for lists that are searched."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Not in a batch, which makes the table anew: on SQLite without AUTOINCREMENT.
    op.add_column("dag", sa.Column("display_name", sa.String(250), nullable=True))


def downgrade() -> None:
    op.drop_column("dag", "display_name")
