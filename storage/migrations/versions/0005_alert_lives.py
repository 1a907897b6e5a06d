"""How grave and how wide an alert's card is, and which findings were withdrawn."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """More of each alert and finding; rows of before stay as they are."""
    op.add_column("told", sa.Column("severity", sa.Integer(), nullable=True))
    op.add_column("told", sa.Column("size", sa.Integer(), nullable=True))
    op.add_column("finding", sa.Column("withdrawn_at", MOMENT, nullable=True))
