"""Remembers what each channel was told of a finding, and how the team answered it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import select

from storage.engine import inserting, reading, writing
from storage.tables import ToldRow, table_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

    from sqlalchemy import Connection, Engine, Row

table = table_of(ToldRow)


@dataclass(frozen=True, slots=True)
class Told:
    """What a channel knows of a finding (`key` is the finding's fingerprint)."""

    key: str
    channel: str
    state: Literal["open", "acked", "snoozed", "recovered", "closed"]
    first_day: date
    last_day: date
    last_told: datetime
    worst: float
    post_key: str
    """The key of the message that told it."""
    acked_by: str = ""
    snoozed_until: datetime | None = None
    quiet_days: int = 0


class Memory:
    """The alerts' memory, per finding and channel."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def told(self, key: str, channel: str) -> Told | None:
        """Return what a channel was told of a finding."""
        query = select(table).where(table.c.key == key, table.c.channel == channel)
        with reading(self._engine) as connection:
            row = connection.execute(query).one_or_none()
            return _told(row) if row else None

    def tell(self, told: Told) -> None:
        """Remember what a channel was told, in place of what was remembered before."""
        with writing(self._engine) as connection:
            remember(connection, (told,))

    def open_alerts(self, channel: str = "") -> tuple[Told, ...]:
        """Return what is not over (open, acked or snoozed), oldest first."""
        query = select(table).where(table.c.state.in_(("open", "acked", "snoozed")))
        if channel:
            query = query.where(table.c.channel == channel)
        with reading(self._engine) as connection:
            rows = connection.execute(
                query.order_by(table.c.first_day, table.c.key, table.c.channel)
            )
            return tuple(_told(row) for row in rows)


def remember(connection: Connection, told: Iterable[Told]) -> None:
    """Write down what was told, within a transaction."""
    for one in told:
        values = asdict(one)
        adding = inserting(connection, table).values(**values)
        connection.execute(
            adding.on_conflict_do_update(index_elements=["key", "channel"], set_=values)
        )


def _told(row: Row[Any]) -> Told:
    """Return a row as others may see it."""
    return Told(**{field.name: getattr(row, field.name) for field in fields(Told)})
