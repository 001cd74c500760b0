"""An address may be suppressed by several events, so that a bounce can be lifted and a wish to leave stays."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint("pk_suppressions", "suppressions", type_="primary")
        op.create_primary_key("pk_suppressions", "suppressions", ["address_hash", "event"])
    else:
        # SQLite cannot change a key: the table is made anew and filled.
        op.create_table(
            "suppressions_by_event",
            sa.Column("address_hash", sa.String(64), nullable=False),
            sa.Column("reason", sa.String(40), nullable=False),
            sa.Column("at", sa.String(27), nullable=False),
            sa.Column("event", sa.Integer(), nullable=False),
            sa.PrimaryKeyConstraint("address_hash", "event", name="pk_suppressions"),
        )
        op.execute(
            "INSERT INTO suppressions_by_event (address_hash, reason, at, event) "
            "SELECT address_hash, reason, at, event FROM suppressions"
        )
        op.drop_table("suppressions")
        op.rename_table("suppressions_by_event", "suppressions")
        op.create_index("ix_suppressions_event", "suppressions", ["event"])
    op.create_index("ix_feedback_address_hash", "feedback", ["address_hash"])
