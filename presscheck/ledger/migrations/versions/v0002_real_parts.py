"""Tables for real parts: mail, money, sign-in, pictures and figures from before."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _feedback()
    _passkeys()
    # What was used up is an event (`code:spent`): a row that somebody deletes would let a code in twice.
    op.drop_table("used_codes")


def _passkeys() -> None:
    op.create_table(
        "passkeys",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("person", sa.String(40), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("credential", sa.Text(), nullable=False),
        sa.Column("public_key", sa.Text(), nullable=False),
        sa.Column("at", sa.String(27), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_passkeys"),
    )
    op.create_index("ix_passkeys_person", "passkeys", ["person"])


def _feedback() -> None:
    op.create_table(
        "feedback",
        sa.Column("delivery", sa.String(20), nullable=False),
        sa.Column("address_hash", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("event", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("delivery", "address_hash", "kind", name="pk_feedback"),
    )
    op.create_index("ix_feedback_event", "feedback", ["event"])
