"""When tries were ready and when their code began; what processes measure of themselves."""

import sqlalchemy as sa
from alembic import op

from hubflow.db.types import BINARY, INSTANT

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_NEW = (
    ("task_instance", "ready_at", INSTANT),
    ("task_try", "ready_at", INSTANT),
    ("task_try", "code_at", INSTANT),
    ("process", "metrics", BINARY),
)


def upgrade() -> None:
    for table, name, kind in _NEW:
        op.add_column(table, sa.Column(name, kind, nullable=True))


def downgrade() -> None:
    for table, name, _ in _NEW:
        op.drop_column(table, name)
