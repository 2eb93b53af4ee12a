"""Which try of a task made a run."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("dag_run", sa.Column("origin", sa.String(length=40), nullable=True))


def downgrade() -> None:
    op.drop_column("dag_run", "origin")
