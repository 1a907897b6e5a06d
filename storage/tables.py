"""The tables: units and their facts, runs, messages out and in, alerts, findings, reviews."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Date,
    DateTime,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

if TYPE_CHECKING:
    from sqlalchemy import Dialect

FREQUENT = (
    "impressions", "views", "viewers", "likes", "comments", "shares", "saves", "new_followers",
    "watch_seconds", "views_2s", "views_3s", "views_6s", "completions", "product_impressions",
    "product_clicks", "visitors", "add_to_cart", "checkouts", "orders", "sku_orders", "items_sold",
    "customers", "repeat_customers", "gmv", "cancellations", "refund_orders", "refund_amount",
    "refund_requests", "returns", "reviews", "bad_reviews", "complaints", "shipped",
    "shipped_late", "delivered", "ad_cost", "ad_revenue", "commission", "cost_goods",
    "cost_shipping", "cost_platform",
)  # fmt: skip
"""Measures with a column of their own; any other one is kept in `more` with the same rights."""

Number = BigInteger().with_variant(Integer, "sqlite")
Json = JSON().with_variant(JSONB, "postgresql")


class Moment(TypeDecorator[datetime]):
    """A moment with time zone; SQLite keeps it as UTC text that sorts by time."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(
        self,
        value: datetime | None,
        dialect: Dialect,  # noqa: ARG002  the signature is SQLAlchemy's
    ) -> datetime | None:
        """Refuse a time without zone: nobody could say which moment is meant."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value} has no time zone")
        return value.astimezone(UTC)

    def process_result_value(
        self,
        value: datetime | None,
        dialect: Dialect,  # noqa: ARG002  the signature is SQLAlchemy's
    ) -> datetime | None:
        """Return it in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _id() -> Any:
    return Field(default=None, primary_key=True, sa_type=Number)


def _moment(*, index: bool = False) -> Any:
    return Field(sa_type=Moment, index=index)


def _maybe() -> Any:
    return Field(default=None, sa_type=Moment, nullable=True)


def _text(default: str = "") -> Any:
    return Field(default=default, sa_type=Text)


def table_of(row: type[SQLModel]) -> Table:
    """Return the table behind a row's class."""
    return SQLModel.metadata.tables[str(row.__tablename__)]


class UnitRow(SQLModel, table=True):
    """A unit of the business, with every field of diagnostics.panel.Unit."""

    __tablename__ = "unit"
    id: int | None = _id()
    key: str = Field(unique=True)
    kind: str
    name: str
    shop: str = Field(index=True)
    parent: str
    country: str
    category: str
    stage: str
    level: str
    currency: str
    person: str
    started: str
    """Local wall-clock time as ISO text; empty when unknown."""
    ended: str


class BatchRow(SQLModel, table=True):
    """What came in at once: from where, what it held, what it changed."""

    __tablename__ = "batch"
    id: int | None = _id()
    feed: str
    shop: str = Field(index=True)
    origin: str = _text()
    content: str
    """SHA-256 of the facts."""
    measures: list[str] = Field(sa_type=Json)
    at: datetime = _moment()
    rows: int
    new: int
    same: int
    revised: int
    columns: dict[str, str] | None = Field(default=None, sa_type=Json, nullable=True)
    """By measure, the column of the file that it came from."""


class DoubtRow(SQLModel, table=True):
    """What is doubtful about the days of a batch, until the same comes in anew."""

    __tablename__ = "doubt"
    __table_args__ = (Index("ix_doubt_shop", "shop", "last"),)
    id: int | None = _id()
    batch_id: int = Field(foreign_key="batch.id", sa_type=Number)
    feed: str
    shop: str
    anchor: str
    """A unit of the batch: a later batch that tells of it too is the same thing anew."""
    first: date
    last: date
    kind: str
    measure: str
    file: str = _text()
    heading: str = _text()
    value: float | None
    other: float | None
    blocks: bool
    known_at: datetime = _moment()
    settled_at: datetime | None = _maybe()


fact = Table(
    "fact",
    SQLModel.metadata,
    Column("id", Number, primary_key=True),
    Column("unit_id", Number, ForeignKey("unit.id"), nullable=False),
    Column("day", Date, nullable=False),
    Column("span", SmallInteger, nullable=False),
    Column("feed", String, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("batch_id", Number, ForeignKey("batch.id"), nullable=False),
    Column("known_at", Moment, nullable=False),
    Column("superseded_at", Moment),
    Column("state", SmallInteger, nullable=False),
    *(Column(key, Double) for key in FREQUENT),
    Column("more", Json),
    UniqueConstraint("unit_id", "day", "span", "feed", "revision", name="uq_fact_revision"),
    Index("ix_fact_day", "day", "batch_id"),
)
"""One row per unit, day, span, feed and revision; the current one has no `superseded_at`."""


class RunRow(SQLModel, table=True):
    """A job's occurrence, claimed by one process at a time; `epoch` fences off the others."""

    __tablename__ = "run"
    __table_args__ = (UniqueConstraint("job", "occurrence", name="uq_run_occurrence"),)
    id: int | None = _id()
    job: str
    occurrence: str
    epoch: int
    claimed_at: datetime = _moment(index=True)
    lease_until: datetime = _moment()
    finished_at: datetime | None = _maybe()
    outcome: str = ""
    snapshot: str = _text()


class OutboxRow(SQLModel, table=True):
    """A message that is to be seen once: ready, sending, unsure, sent or dead."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_state", "state", "due_at"),
        Index("ix_outbox_queue", "platform", "channel", "root"),
        Index("ix_outbox_message", "platform", "channel", "message"),
    )
    id: int | None = _id()
    key: str = Field(unique=True)
    platform: str
    channel: str
    kind: str
    root: str = ""
    card: str = _text()
    state: str = "ready"
    due_at: datetime = _moment()
    attempts: int = 0
    epoch: int = 0
    leased_at: datetime | None = _maybe()
    lease_until: datetime | None = _maybe()
    unsure_since: datetime | None = _maybe()
    message: str = ""
    error: str = _text()
    created_at: datetime = _moment()
    sent_at: datetime | None = _maybe()


class InboxRow(SQLModel, table=True):
    """What a person did, kept once by the platform's id: new, taken or done."""

    __tablename__ = "inbox"
    __table_args__ = (
        UniqueConstraint("platform", "event", name="uq_inbox_event"),
        Index("ix_inbox_state", "state", "id"),
    )
    id: int | None = _id()
    platform: str
    event: str
    body: str = _text()
    state: str = "new"
    attempts: int = 0
    received_at: datetime = _moment()
    lease_until: datetime | None = _maybe()
    done_at: datetime | None = _maybe()
    error: str = _text()


class ToldRow(SQLModel, table=True):
    """What a channel was told of a finding, and how the team answered it."""

    __tablename__ = "told"
    __table_args__ = (UniqueConstraint("key", "channel", name="uq_told_channel"),)
    id: int | None = _id()
    key: str
    channel: str
    state: str
    first_day: date
    last_day: date
    last_told: datetime = _moment()
    worst: float
    post_key: str
    acked_by: str
    snoozed_until: datetime | None = _maybe()
    quiet_days: int
    opened: date | None = Field(default=None, nullable=True)
    """The day on which it was told first; empty in rows of before this was kept."""
    shown: float | None = Field(default=None, nullable=True)
    worse_day: date | None = Field(default=None, nullable=True)
    metric: str | None = Field(default=None, nullable=True)
    gap: float | None = Field(default=None, nullable=True)
    severity: int | None = Field(default=None, nullable=True)
    size: int | None = Field(default=None, nullable=True)


class OpinionRow(SQLModel, table=True):
    """What a person said of an alert: right or a false alarm; once a day, the last word counts."""

    __tablename__ = "opinion"
    __table_args__ = (UniqueConstraint("finding", "user", "day", name="uq_opinion_day"),)
    id: int | None = _id()
    finding: str
    user: str
    day: date = Field(index=True)
    root: str
    good: bool
    at: datetime = _moment()


class FindingTable(SQLModel, table=True):
    """A finding as it stood on its day, kept for exports and for what was learnt."""

    __tablename__ = "finding"
    __table_args__ = (UniqueConstraint("key", "day", name="uq_finding_day"),)
    id: int | None = _id()
    key: str
    day: date = Field(index=True)
    shop: str = Field(index=True)
    unit: str
    scene: str
    metric: str
    value: float | None
    expected: float | None
    lost: float
    currency: str
    prescriptions: list[str] = Field(sa_type=Json)
    sureness: str
    withdrawn_at: datetime | None = _maybe()
    """When the day was judged again and had it no more."""


class OutcomeRow(SQLModel, table=True):
    """A prescription that somebody took on, and whether it worked."""

    __tablename__ = "outcome"
    __table_args__ = (
        UniqueConstraint("prescription", "finding", "day", name="uq_outcome_finding"),
    )
    id: int | None = _id()
    prescription: str
    finding: str
    day: date
    accepted_by: str
    accepted_at: datetime = _moment()
    judged_at: datetime | None = _maybe()
    worked: bool | None = None


class ReviewRow(SQLModel, table=True):
    """A review in an alert's thread: its questions, whom it asks, its conclusion."""

    __tablename__ = "review"
    id: int | None = _id()
    alert_key: str
    channel: str = Field(index=True)
    root_key: str = Field(unique=True)
    questions: list[str] = Field(sa_type=Json)
    owners: list[str] = Field(sa_type=Json)
    opened_at: datetime = _moment()
    closed_at: datetime | None = _maybe()
    conclusion: str = _text()


class AnswerRow(SQLModel, table=True):
    """What a person wrote in a review's thread; a withdrawn answer keeps no text."""

    __tablename__ = "answer"
    __table_args__ = (UniqueConstraint("review_id", "message_id", name="uq_answer_message"),)
    id: int | None = _id()
    review_id: int = Field(foreign_key="review.id", sa_type=Number)
    message_id: str = Field(index=True)
    user: str
    text: str = _text()
    at: datetime = _moment()
    edited_at: datetime | None = _maybe()
    withdrawn: bool = False


class ReminderRow(SQLModel, table=True):
    """A reminder of an owner who had not answered: sent once per review."""

    __tablename__ = "reminder"
    __table_args__ = (UniqueConstraint("review_id", "owner", name="uq_reminder_owner"),)
    id: int | None = _id()
    review_id: int = Field(foreign_key="review.id", sa_type=Number)
    owner: str
    at: datetime = _moment()


class MemoryRow(SQLModel, table=True):
    """A part of what a large panel taught: `mark` is the newest batch that it was learnt from."""

    __tablename__ = "memory"
    __table_args__ = (UniqueConstraint("name", "part", name="uq_memory_part"),)
    id: int | None = _id()
    name: str
    part: int
    mark: int = Field(sa_type=Number)
    shops: list[str] = Field(sa_type=Json)
    first_day: date
    last_day: date
    content: bytes = Field(sa_type=LargeBinary)
