"""Variables, connections, pools, SLA misses, alerts, backfills; what tasks wait for."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from hubflow.db.ddl import create_table
from hubflow.db.types import BINARY, INSTANT, INTEGER, TEXT

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# Name, type, and what rows that are there get; None makes the column nullable.
_NEW_COLUMNS: dict[str, list[tuple[str, Any, str | None]]] = {
    "task_instance": [
        ("pool", sa.String(length=250), "default_pool"),
        ("pool_slots", INTEGER, "1"),
        ("queue", sa.String(length=250), "default"),
        ("priority_weight", INTEGER, "1"),
        ("deferral", BINARY, None),
        ("rules_out", BINARY, None),
        ("note", TEXT, None),
    ],
    "dag_run": [
        ("change_id", INTEGER, "0"),
        ("backfill_id", INTEGER, None),
        ("parent_id", INTEGER, None),
        ("sla_at", INSTANT, None),
        ("reason", sa.String(length=40), None),
    ],
    "xcom": [("length", INTEGER, None)],
    "dag_file": [("reads", BINARY, None)],
}
_RUN_INDEXES = ("change_id", "backfill_id", "parent_id", "sla_at")
_TABLES = ("rendered_fields", "backfill", "alert", "sla_miss", "pool", "connection", "variable")


def upgrade() -> None:
    for table, columns in _NEW_COLUMNS.items():
        for name, kind, default in columns:
            column = sa.Column(name, kind, nullable=default is None, server_default=default)
            op.add_column(table, column)
    for name in _RUN_INDEXES:
        op.create_index(f"ix_dag_run_{name}", "dag_run", [name])
    # Keys of deleted rows never come again: workers know tries, and the scheduler runs, by them.
    if op.get_bind().dialect.name == "sqlite":  # others never give one twice
        for table in ("dag_run", "task_instance"):
            with op.batch_alter_table(
                table, recreate="always", table_kwargs={"sqlite_autoincrement": True}
            ):
                pass

    create_table(
        "variable",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("key", sa.String(length=250), nullable=False),
        sa.Column("value", TEXT, nullable=False),
        sa.Column("is_encrypted", sa.Boolean(), nullable=False),
        sa.Column("description", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_variable")),
        sa.UniqueConstraint("key", name=op.f("uq_variable_key")),
    )
    create_table(
        "connection",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("conn_id", sa.String(length=250), nullable=False),
        sa.Column("conn_type", sa.String(length=250), nullable=False),
        sa.Column("description", TEXT, nullable=True),
        sa.Column("host", sa.String(length=500), nullable=True),
        sa.Column("schema", sa.String(length=500), nullable=True),
        sa.Column("login", TEXT, nullable=True),
        sa.Column("password", TEXT, nullable=True),
        sa.Column("port", INTEGER, nullable=True),
        sa.Column("extra", TEXT, nullable=True),
        sa.Column("is_encrypted", sa.Boolean(), nullable=False),
        sa.Column("is_extra_encrypted", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_connection")),
    )
    op.create_index("ix_connection_conn_id_id", "connection", ["conn_id", "id"])
    pool = create_table(
        "pool",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("name", sa.String(length=250), nullable=False),
        sa.Column("slots", INTEGER, nullable=False),
        sa.Column("description", TEXT, nullable=True),
        sa.Column("include_deferred", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pool")),
        sa.UniqueConstraint("name", name=op.f("uq_pool_name")),
    )
    op.bulk_insert(
        pool,
        [
            {
                "name": "default_pool",
                "slots": 128,
                "description": "Where tasks go that name no pool",
                "include_deferred": False,
            }
        ],
    )
    create_table(
        "sla_miss",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("dag_id", INTEGER, nullable=False),
        sa.Column("task_id", sa.String(length=250), nullable=False),
        sa.Column("execution_date", INSTANT, nullable=False),
        sa.Column("deadline", INSTANT, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("email_sent", sa.Boolean(), nullable=False),
        sa.Column("notification_sent", sa.Boolean(), nullable=False),
        sa.Column("description", TEXT, nullable=True),
        sa.ForeignKeyConstraint(
            ["dag_id"], ["dag.id"], name=op.f("fk_sla_miss_dag_id_dag"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sla_miss")),
        sa.UniqueConstraint(
            "dag_id",
            "task_id",
            "execution_date",
            name=op.f("uq_sla_miss_dag_id_task_id_execution_date"),
        ),
    )
    op.create_index("ix_sla_miss_at", "sla_miss", ["at"])
    create_table(
        "alert",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("dag_id", INTEGER, nullable=False),
        sa.Column("dag_run_id", INTEGER, nullable=True),
        sa.Column("task_instance_id", INTEGER, nullable=True),
        sa.Column("try_number", INTEGER, nullable=True),
        sa.Column("data", BINARY, nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("attempts", INTEGER, nullable=False),
        sa.Column("next_at", INSTANT, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("done_at", INSTANT, nullable=True),
        sa.Column("error", TEXT, nullable=True),
        sa.ForeignKeyConstraint(
            ["dag_id"], ["dag.id"], name=op.f("fk_alert_dag_id_dag"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["dag_run_id"],
            ["dag_run.id"],
            name=op.f("fk_alert_dag_run_id_dag_run"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert")),
    )
    op.create_index("ix_alert_state_next_at", "alert", ["state", "next_at"])
    op.create_index("ix_alert_dag_run_id", "alert", ["dag_run_id"])
    create_table(
        "backfill",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("dag_id", INTEGER, nullable=False),
        sa.Column("from_date", INSTANT, nullable=False),
        sa.Column("to_date", INSTANT, nullable=False),
        sa.Column("next_date", INSTANT, nullable=True),
        sa.Column("options", BINARY, nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("total", INTEGER, nullable=False),
        sa.Column("done", INTEGER, nullable=False),
        sa.Column("failed", INTEGER, nullable=False),
        sa.Column("created_by", sa.String(length=250), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("completed_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["dag_id"], ["dag.id"], name=op.f("fk_backfill_dag_id_dag"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_backfill")),
    )
    op.create_index("ix_backfill_state_id", "backfill", ["state", "id"])
    create_table(
        "rendered_fields",
        sa.Column("task_instance_id", INTEGER, nullable=False),
        sa.Column("fields", BINARY, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["task_instance_id"],
            ["task_instance.id"],
            name=op.f("fk_rendered_fields_task_instance_id_task_instance"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("task_instance_id", name=op.f("pk_rendered_fields")),
    )


def downgrade() -> None:
    for name in _TABLES:
        op.drop_table(name)
    for name in _RUN_INDEXES:
        op.drop_index(f"ix_dag_run_{name}", "dag_run")
    # Not in a batch: that would make the tables anew, and the cascade would empty their children.
    for table, columns in _NEW_COLUMNS.items():
        for name, _, _ in reversed(columns):
            op.drop_column(table, name)
