"""What people say, begin and may take back at the desk: words, where they can be erased."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "comments",
        sa.Column("id", sa.String(20), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("at", sa.String(27), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_comments"),
    )
    op.create_table(
        "begun",
        sa.Column("person", sa.String(40), nullable=False),
        sa.Column("review", sa.String(20), nullable=False),
        sa.Column("tab", sa.String(40), nullable=False),
        sa.Column("mark", sa.String(20), nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("at", sa.String(27), nullable=False),
        sa.PrimaryKeyConstraint("person", "review", name="pk_begun"),
    )
    op.create_table(
        "held_answers",
        sa.Column("review", sa.String(20), nullable=False),
        sa.Column("person", sa.String(40), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False, server_default=""),
        sa.Column("due_at", sa.String(27), nullable=False),
        sa.PrimaryKeyConstraint("review", "person", name="pk_held_answers"),
    )
