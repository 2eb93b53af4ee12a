"""Leases; several processes of one kind on a host."""

import sqlalchemy as sa
from alembic import op

from hubflow.db.ddl import create_table
from hubflow.db.types import BINARY, INSTANT, INTEGER

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_table(
        "lease",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("token", sa.BigInteger(), nullable=False),
        sa.Column("beat", sa.BigInteger(), nullable=False),
        sa.Column("host", sa.String(length=250), nullable=True),
        sa.Column("pid", INTEGER, nullable=True),
        sa.Column("start_ticks", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.String(length=40), nullable=True),
        sa.Column("taken_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_lease")),
    )
    _recreate_processes("kind", "hostname", "pid")


def downgrade() -> None:
    _recreate_processes("kind", "hostname")
    op.drop_table("lease")


def _recreate_processes(*unique: str) -> None:
    """Make the table of heartbeats anew; whoever lives writes its row again within seconds."""
    op.drop_table("process")
    create_table(
        "process",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("hostname", sa.String(length=250), nullable=False),
        sa.Column("pid", INTEGER, nullable=False),
        sa.Column("version", sa.String(length=40), nullable=False),
        sa.Column("slots", INTEGER, nullable=True),
        sa.Column("queues", BINARY, nullable=True),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("heartbeat_at", INSTANT, nullable=False),
        sa.Column("stopped_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_process")),
        sa.UniqueConstraint(*unique, name=op.f("uq_process_" + "_".join(unique))),
    )
