"""XComs with an execution date of their own."""

from datetime import datetime

import sqlalchemy as sa
from alembic import op

from hubflow.db.types import INSTANT

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_OLD_KEY = ["task_instance_id", "key"]
_NEW_KEY = [*_OLD_KEY, "visible_from"]
_WITH_ITS_RUN = "1000-01-01 00:00:00.000000"


def upgrade() -> None:
    column = sa.Column("visible_from", INSTANT, nullable=False, server_default=_WITH_ITS_RUN)
    with op.batch_alter_table("xcom") as batch:
        batch.add_column(column)
    _exchange_key(_OLD_KEY, _NEW_KEY)
    op.create_index("ix_xcom_visible_from", "xcom", ["visible_from"])


def downgrade() -> None:
    date = sa.column("visible_from", INSTANT)
    op.execute(sa.delete(sa.table("xcom", date)).where(date > datetime(1000, 1, 1)))
    op.drop_index("ix_xcom_visible_from", table_name="xcom")
    _exchange_key(_NEW_KEY, _OLD_KEY)
    with op.batch_alter_table("xcom") as batch:
        batch.drop_column("visible_from")


def _exchange_key(old: list[str], new: list[str]) -> None:
    # The new one first: MySQL lets no foreign key go without an index.
    with op.batch_alter_table("xcom") as batch:
        batch.create_unique_constraint(_name(new), new)
        batch.drop_constraint(_name(old), type_="unique")


def _name(columns: list[str]) -> str:
    return "_".join(["uq_xcom", *columns])
