"""First schema: DAGs and their versions, runs, task instances, events."""

import sqlalchemy as sa
from alembic import op

from hubflow.db.ddl import create_table
from hubflow.db.types import BINARY, INSTANT, INTEGER, TEXT

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_table(
        "audit_event",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("dag_id", sa.String(length=250), nullable=True),
        sa.Column("task_id", sa.String(length=250), nullable=True),
        sa.Column("event", sa.String(length=30), nullable=False),
        sa.Column("execution_date", INSTANT, nullable=True),
        sa.Column("owner", sa.String(length=250), nullable=False),
        sa.Column("extra", TEXT, nullable=True),
        sa.Column("source_ip", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_event")),
    )
    op.create_index("ix_audit_event_dag_id_id", "audit_event", ["dag_id", "id"], unique=False)

    create_table(
        "event",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("dag_id", sa.String(length=250), nullable=True),
        sa.Column("data", BINARY, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_event_at", "event", ["at"], unique=False)

    create_table(
        "process",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("hostname", sa.String(length=250), nullable=False),
        sa.Column("pid", INTEGER, nullable=False),
        sa.Column("version", sa.String(length=40), nullable=False),
        sa.Column("slots", INTEGER, nullable=True),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("heartbeat_at", INSTANT, nullable=False),
        sa.Column("stopped_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_process")),
        sa.UniqueConstraint("kind", "hostname", name=op.f("uq_process_kind_hostname")),
    )
    create_table(
        "source",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("text", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source")),
        sa.UniqueConstraint("sha256", name=op.f("uq_source_sha256")),
    )
    create_table(
        "dag_file",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("path", sa.String(length=500), nullable=False),
        sa.Column("source_id", INTEGER, nullable=True),
        sa.Column("parsed_at", INSTANT, nullable=True),
        sa.Column("parse_duration_ms", INTEGER, nullable=True),
        sa.ForeignKeyConstraint(
            ["source_id"], ["source.id"], name=op.f("fk_dag_file_source_id_source")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dag_file")),
        sa.UniqueConstraint("path", name=op.f("uq_dag_file_path")),
    )
    create_table(
        "dag",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("dag_id", sa.String(length=250), nullable=False),
        sa.Column("dag_file_id", INTEGER, nullable=False),
        sa.Column("version_id", INTEGER, nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("is_paused", sa.Boolean(), nullable=False),
        sa.Column("description", TEXT, nullable=True),
        sa.Column("owners", sa.String(length=2000), nullable=False),
        sa.Column("tags", BINARY, nullable=False),
        sa.Column("schedule_text", sa.String(length=250), nullable=True),
        sa.Column("timezone", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("max_active_runs", INTEGER, nullable=False),
        sa.Column("next_execution_date", INSTANT, nullable=True),
        sa.Column("next_due_at", INSTANT, nullable=True),
        sa.Column("last_run_id", INTEGER, nullable=True),
        sa.Column("change_id", INTEGER, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["dag_file_id"], ["dag_file.id"], name=op.f("fk_dag_dag_file_id_dag_file")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dag")),
        sa.UniqueConstraint("dag_id", name=op.f("uq_dag_dag_id")),
    )
    op.create_index("ix_dag_change_id", "dag", ["change_id"], unique=False)
    op.create_index("ix_dag_is_active_dag_id", "dag", ["is_active", "dag_id"], unique=False)

    create_table(
        "import_failure",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("dag_file_id", INTEGER, nullable=False),
        sa.Column("message", TEXT, nullable=False),
        sa.Column("stacktrace", TEXT, nullable=False),
        sa.Column("line", INTEGER, nullable=True),
        sa.Column("at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["dag_file_id"],
            ["dag_file.id"],
            name=op.f("fk_import_failure_dag_file_id_dag_file"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_failure")),
        sa.UniqueConstraint("dag_file_id", name=op.f("uq_import_failure_dag_file_id")),
    )
    create_table(
        "dag_version",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("dag_id", INTEGER, nullable=False),
        sa.Column("number", INTEGER, nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("data", BINARY, nullable=False),
        sa.Column("source_id", INTEGER, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["dag_id"], ["dag.id"], name=op.f("fk_dag_version_dag_id_dag"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["source_id"], ["source.id"], name=op.f("fk_dag_version_source_id_source")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dag_version")),
        sa.UniqueConstraint("dag_id", "hash", name=op.f("uq_dag_version_dag_id_hash")),
        sa.UniqueConstraint("dag_id", "number", name=op.f("uq_dag_version_dag_id_number")),
    )
    create_table(
        "dag_run",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("dag_id", INTEGER, nullable=False),
        sa.Column("dag_version_id", INTEGER, nullable=True),
        sa.Column("run_id", sa.String(length=250), nullable=False),
        sa.Column("execution_date", INSTANT, nullable=False),
        sa.Column("data_interval_start", INSTANT, nullable=False),
        sa.Column("data_interval_end", INSTANT, nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("run_type", sa.String(length=20), nullable=False),
        sa.Column("external_trigger", sa.Boolean(), nullable=False),
        sa.Column("conf", BINARY, nullable=True),
        sa.Column("note", TEXT, nullable=True),
        sa.Column("triggered_by", sa.String(length=250), nullable=True),
        sa.Column("queued_at", INSTANT, nullable=False),
        sa.Column("start_date", INSTANT, nullable=True),
        sa.Column("end_date", INSTANT, nullable=True),
        sa.Column("task_counts", BINARY, nullable=False),
        sa.ForeignKeyConstraint(
            ["dag_id"], ["dag.id"], name=op.f("fk_dag_run_dag_id_dag"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["dag_version_id"],
            ["dag_version.id"],
            name=op.f("fk_dag_run_dag_version_id_dag_version"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dag_run")),
        sa.UniqueConstraint(
            "dag_id", "execution_date", name=op.f("uq_dag_run_dag_id_execution_date")
        ),
        sa.UniqueConstraint("dag_id", "run_id", name=op.f("uq_dag_run_dag_id_run_id")),
    )
    op.create_index("ix_dag_run_state_id", "dag_run", ["state", "id"], unique=False)

    create_table(
        "task_instance",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("dag_run_id", INTEGER, nullable=False),
        sa.Column("task_id", sa.String(length=250), nullable=False),
        sa.Column("map_index", INTEGER, nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("try_number", INTEGER, nullable=False),
        sa.Column("max_tries", INTEGER, nullable=False),
        sa.Column("operator", sa.String(length=250), nullable=False),
        sa.Column("queued_at", INSTANT, nullable=True),
        sa.Column("start_date", INSTANT, nullable=True),
        sa.Column("end_date", INSTANT, nullable=True),
        sa.Column("retry_at", INSTANT, nullable=True),
        sa.Column("hostname", sa.String(length=250), nullable=True),
        sa.Column("pid", INTEGER, nullable=True),
        sa.ForeignKeyConstraint(
            ["dag_run_id"],
            ["dag_run.id"],
            name=op.f("fk_task_instance_dag_run_id_dag_run"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task_instance")),
        sa.UniqueConstraint(
            "dag_run_id",
            "task_id",
            "map_index",
            name=op.f("uq_task_instance_dag_run_id_task_id_map_index"),
        ),
    )
    op.create_index("ix_task_instance_state_id", "task_instance", ["state", "id"], unique=False)

    create_table(
        "task_try",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("task_instance_id", INTEGER, nullable=False),
        sa.Column("try_number", INTEGER, nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("queued_at", INSTANT, nullable=True),
        sa.Column("start_date", INSTANT, nullable=True),
        sa.Column("end_date", INSTANT, nullable=True),
        sa.Column("hostname", sa.String(length=250), nullable=True),
        sa.Column("pid", INTEGER, nullable=True),
        sa.Column("exit_code", INTEGER, nullable=True),
        sa.Column("error", TEXT, nullable=True),
        sa.Column("error_detail", BINARY, nullable=True),
        sa.Column("artifacts", BINARY, nullable=True),
        sa.ForeignKeyConstraint(
            ["task_instance_id"],
            ["task_instance.id"],
            name=op.f("fk_task_try_task_instance_id_task_instance"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task_try")),
        sa.UniqueConstraint(
            "task_instance_id", "try_number", name=op.f("uq_task_try_task_instance_id_try_number")
        ),
    )
    create_table(
        "xcom",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("task_instance_id", INTEGER, nullable=False),
        sa.Column("key", sa.String(length=250), nullable=False),
        sa.Column("encoding", sa.String(length=10), nullable=False),
        sa.Column("data", BINARY, nullable=False),
        sa.Column("text", TEXT, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["task_instance_id"],
            ["task_instance.id"],
            name=op.f("fk_xcom_task_instance_id_task_instance"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_xcom")),
        sa.UniqueConstraint("task_instance_id", "key", name=op.f("uq_xcom_task_instance_id_key")),
    )


def downgrade() -> None:
    op.drop_table("xcom")
    op.drop_table("task_try")
    op.drop_index("ix_task_instance_state_id", table_name="task_instance")

    op.drop_table("task_instance")
    op.drop_index("ix_dag_run_state_id", table_name="dag_run")

    op.drop_table("dag_run")
    op.drop_table("dag_version")
    op.drop_table("import_failure")
    op.drop_index("ix_dag_is_active_dag_id", table_name="dag")
    op.drop_index("ix_dag_change_id", table_name="dag")

    op.drop_table("dag")
    op.drop_table("dag_file")
    op.drop_table("source")
    op.drop_table("process")
    op.drop_index("ix_event_at", table_name="event")

    op.drop_table("event")
    op.drop_index("ix_audit_event_dag_id_id", table_name="audit_event")

    op.drop_table("audit_event")
