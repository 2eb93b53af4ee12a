"""What people call an instance of a mapped task."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Not in a batch, which makes the table anew: on SQLite without AUTOINCREMENT.
    op.add_column("task_instance", sa.Column("display_name", sa.String(250), nullable=True))


def downgrade() -> None:
    op.drop_column("task_instance", "display_name")
