"""Indexes for every order and filter of long lists."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

INDEXES = {
    "task_instance": (
        "task_id",
        "map_index",
        "try_number",
        "pool",
        "queue",
        "priority_weight",
        "operator",
        "start_date",
        "end_date",
    ),
    "dag_run": ("run_id", "execution_date", "start_date", "end_date"),
    "audit_event": ("at", "task_id", "event", "owner"),
}


def upgrade() -> None:
    for table, columns in INDEXES.items():
        for column in columns:
            op.create_index(f"ix_{table}_{column}_id", table, [column, "id"])


def downgrade() -> None:
    for table, columns in INDEXES.items():
        for column in columns:
            op.drop_index(f"ix_{table}_{column}_id", table_name=table)
