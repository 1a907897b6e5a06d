"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """The first tables."""
    op.create_table(
        "batch",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("feed", sa.String(), nullable=False),
        sa.Column("shop", sa.String(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("content", sa.String(), nullable=False),
        sa.Column("measures", JSON, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("new", sa.Integer(), nullable=False),
        sa.Column("same", sa.Integer(), nullable=False),
        sa.Column("revised", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_batch_shop", "batch", ["shop"])
    op.create_table(
        "finding",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("shop", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("scene", sa.String(), nullable=False),
        sa.Column("metric", sa.String(), nullable=False),
        sa.Column("value", sa.Float(), nullable=True),
        sa.Column("expected", sa.Float(), nullable=True),
        sa.Column("lost", sa.Float(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("prescriptions", JSON, nullable=False),
        sa.Column("sureness", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key", "day", name="uq_finding_day"),
    )
    op.create_index("ix_finding_day", "finding", ["day"])
    op.create_index("ix_finding_shop", "finding", ["shop"])
    op.create_table(
        "inbox",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("lease_until", MOMENT, nullable=True),
        sa.Column("done_at", MOMENT, nullable=True),
        sa.Column("error", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("platform", "event", name="uq_inbox_event"),
    )
    op.create_index("ix_inbox_state", "inbox", ["state", "id"])
    op.create_table(
        "outbox",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("root", sa.String(), nullable=False),
        sa.Column("card", sa.Text(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("leased_at", MOMENT, nullable=True),
        sa.Column("lease_until", MOMENT, nullable=True),
        sa.Column("unsure_since", MOMENT, nullable=True),
        sa.Column("message", sa.String(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("sent_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
    )
    op.create_index("ix_outbox_message", "outbox", ["platform", "channel", "message"])
    op.create_index("ix_outbox_queue", "outbox", ["platform", "channel", "root"])
    op.create_index("ix_outbox_state", "outbox", ["state", "due_at"])
    op.create_table(
        "outcome",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("prescription", sa.String(), nullable=False),
        sa.Column("finding", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("accepted_by", sa.String(), nullable=False),
        sa.Column("accepted_at", MOMENT, nullable=False),
        sa.Column("judged_at", MOMENT, nullable=True),
        sa.Column("worked", sa.Boolean(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("prescription", "finding", "day", name="uq_outcome_finding"),
    )
    op.create_table(
        "review",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("alert_key", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("root_key", sa.String(), nullable=False),
        sa.Column("questions", JSON, nullable=False),
        sa.Column("owners", JSON, nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.Column("conclusion", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("root_key"),
    )
    op.create_index("ix_review_channel", "review", ["channel"])
    op.create_table(
        "run",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("job", sa.String(), nullable=False),
        sa.Column("occurrence", sa.String(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("claimed_at", MOMENT, nullable=False),
        sa.Column("lease_until", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("snapshot", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("job", "occurrence", name="uq_run_occurrence"),
    )
    op.create_index("ix_run_claimed_at", "run", ["claimed_at"])
    op.create_table(
        "told",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("last_told", MOMENT, nullable=False),
        sa.Column("worst", sa.Float(), nullable=False),
        sa.Column("post_key", sa.String(), nullable=False),
        sa.Column("acked_by", sa.String(), nullable=False),
        sa.Column("snoozed_until", MOMENT, nullable=True),
        sa.Column("quiet_days", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key", "channel", name="uq_told_channel"),
    )
    op.create_table(
        "unit",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("shop", sa.String(), nullable=False),
        sa.Column("parent", sa.String(), nullable=False),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("started", sa.String(), nullable=False),
        sa.Column("ended", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
    )
    op.create_index("ix_unit_shop", "unit", ["shop"])
    op.create_table(
        "answer",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("review_id", NUMBER, nullable=False),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("user", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("edited_at", MOMENT, nullable=True),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["review_id"],
            ["review.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("review_id", "message_id", name="uq_answer_message"),
    )
    op.create_index("ix_answer_message_id", "answer", ["message_id"])
    op.create_table(
        "fact",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("unit_id", NUMBER, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("span", sa.SmallInteger(), nullable=False),
        sa.Column("feed", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("batch_id", NUMBER, nullable=False),
        sa.Column("known_at", MOMENT, nullable=False),
        sa.Column("superseded_at", MOMENT, nullable=True),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.Column("impressions", sa.Double(), nullable=True),
        sa.Column("views", sa.Double(), nullable=True),
        sa.Column("viewers", sa.Double(), nullable=True),
        sa.Column("likes", sa.Double(), nullable=True),
        sa.Column("comments", sa.Double(), nullable=True),
        sa.Column("shares", sa.Double(), nullable=True),
        sa.Column("saves", sa.Double(), nullable=True),
        sa.Column("new_followers", sa.Double(), nullable=True),
        sa.Column("watch_seconds", sa.Double(), nullable=True),
        sa.Column("views_2s", sa.Double(), nullable=True),
        sa.Column("views_3s", sa.Double(), nullable=True),
        sa.Column("views_6s", sa.Double(), nullable=True),
        sa.Column("completions", sa.Double(), nullable=True),
        sa.Column("product_impressions", sa.Double(), nullable=True),
        sa.Column("product_clicks", sa.Double(), nullable=True),
        sa.Column("visitors", sa.Double(), nullable=True),
        sa.Column("add_to_cart", sa.Double(), nullable=True),
        sa.Column("checkouts", sa.Double(), nullable=True),
        sa.Column("orders", sa.Double(), nullable=True),
        sa.Column("sku_orders", sa.Double(), nullable=True),
        sa.Column("items_sold", sa.Double(), nullable=True),
        sa.Column("customers", sa.Double(), nullable=True),
        sa.Column("repeat_customers", sa.Double(), nullable=True),
        sa.Column("gmv", sa.Double(), nullable=True),
        sa.Column("cancellations", sa.Double(), nullable=True),
        sa.Column("refund_orders", sa.Double(), nullable=True),
        sa.Column("refund_amount", sa.Double(), nullable=True),
        sa.Column("refund_requests", sa.Double(), nullable=True),
        sa.Column("returns", sa.Double(), nullable=True),
        sa.Column("reviews", sa.Double(), nullable=True),
        sa.Column("bad_reviews", sa.Double(), nullable=True),
        sa.Column("complaints", sa.Double(), nullable=True),
        sa.Column("shipped", sa.Double(), nullable=True),
        sa.Column("shipped_late", sa.Double(), nullable=True),
        sa.Column("delivered", sa.Double(), nullable=True),
        sa.Column("ad_cost", sa.Double(), nullable=True),
        sa.Column("ad_revenue", sa.Double(), nullable=True),
        sa.Column("commission", sa.Double(), nullable=True),
        sa.Column("cost_goods", sa.Double(), nullable=True),
        sa.Column("cost_shipping", sa.Double(), nullable=True),
        sa.Column("cost_platform", sa.Double(), nullable=True),
        sa.Column("more", JSON, nullable=True),
        sa.ForeignKeyConstraint(
            ["batch_id"],
            ["batch.id"],
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"],
            ["unit.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("unit_id", "day", "span", "feed", "revision", name="uq_fact_revision"),
    )
    op.create_index("ix_fact_day", "fact", ["day", "batch_id"])
    op.create_table(
        "reminder",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("review_id", NUMBER, nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["review_id"],
            ["review.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("review_id", "owner", name="uq_reminder_owner"),
    )
