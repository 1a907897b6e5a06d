"""What people said of alerts, and what is remembered of an alert to put it right."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Opinions, and more of each alert; rows of before stay as they are."""
    op.create_table(
        "opinion",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("finding", sa.String(), nullable=False),
        sa.Column("user", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("root", sa.String(), nullable=False),
        sa.Column("good", sa.Boolean(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("finding", "user", "day", name="uq_opinion_day"),
    )
    op.create_index("ix_opinion_day", "opinion", ["day"])
    op.add_column("told", sa.Column("opened", sa.Date(), nullable=True))
    op.add_column("told", sa.Column("shown", sa.Float(), nullable=True))
    op.add_column("told", sa.Column("worse_day", sa.Date(), nullable=True))
    op.add_column("told", sa.Column("metric", sa.String(), nullable=True))
    op.add_column("told", sa.Column("gap", sa.Float(), nullable=True))
