"""Tables for real parts: mail, money, sign-in, pictures and figures from before."""

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing so far."""
