"""The queues that a worker serves."""

import sqlalchemy as sa
from alembic import op

from hubflow.db.types import BINARY

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("process", sa.Column("queues", BINARY, nullable=True))


def downgrade() -> None:
    op.drop_column("process", "queues")
