"""How long runs are kept, and which have lost their details."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_INDEX = "ix_dag_run_dag_id_is_thinned_end_date"


def upgrade() -> None:
    with op.batch_alter_table("dag") as dag:
        dag.add_column(sa.Column("keep_days", sa.Integer(), nullable=True))
        dag.add_column(sa.Column("keep_runs", sa.Integer(), nullable=True))
    with op.batch_alter_table("dag_run") as run:
        run.add_column(
            sa.Column("is_thinned", sa.Boolean(), nullable=False, server_default=sa.false())
        )
    op.create_index(_INDEX, "dag_run", ["dag_id", "is_thinned", "end_date"])


def downgrade() -> None:
    op.drop_index(_INDEX, "dag_run")
    with op.batch_alter_table("dag_run") as run:
        run.drop_column("is_thinned")
    with op.batch_alter_table("dag") as dag:
        dag.drop_column("keep_runs")
        dag.drop_column("keep_days")
