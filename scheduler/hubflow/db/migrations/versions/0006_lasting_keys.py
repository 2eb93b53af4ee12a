"""Keys that processes remember never come again on SQLite, whatever was deleted."""

from alembic import op
from sqlalchemy import text

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# Those that the batches of earlier migrations may have made anew without it are among them.
_TABLES = (
    "dag",
    "dag_version",
    "dag_run",
    "task_instance",
    "event",
    "alert",
    "backfill",
    "connection",
)


def upgrade() -> None:
    if op.get_bind().dialect.name != "sqlite":
        return  # The other databases count on by themselves.
    for table in filter(_counts_anew, _TABLES):
        with op.batch_alter_table(
            table, recreate="always", table_kwargs={"sqlite_autoincrement": True}
        ):
            pass


def downgrade() -> None:
    """Nothing to undo: an older version does not mind."""


def _counts_anew(table: str) -> bool:
    found = text("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = :name")
    return "AUTOINCREMENT" not in op.get_bind().execute(found, {"name": table}).scalar_one()
