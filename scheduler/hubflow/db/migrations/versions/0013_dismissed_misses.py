"""SLA misses that somebody has dismissed."""

import sqlalchemy as sa
from alembic import op

from hubflow.db.types import INSTANT

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("sla_miss") as batch:
        batch.add_column(sa.Column("dismissed_at", INSTANT))
        batch.add_column(sa.Column("dismissed_by", sa.String(250)))


def downgrade() -> None:
    with op.batch_alter_table("sla_miss") as batch:
        batch.drop_column("dismissed_by")
        batch.drop_column("dismissed_at")
