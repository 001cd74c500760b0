"""When what waits is tried next: a delivery, and a message that the server put off."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("deliveries", "outbox"):
        op.add_column(table, sa.Column("next_try", sa.String(27), nullable=True))
