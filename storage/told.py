"""Remembers what each channel was told of a finding, and how the team answered it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
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
    state: Literal["open", "acked", "snoozed", "recovered", "withdrawn", "joined", "closed"]
    first_day: date
    last_day: date
    last_told: datetime
    worst: float
    post_key: str
    """The key of the message that told it."""
    acked_by: str = ""
    snoozed_until: datetime | None = None
    quiet_days: int = 0
    opened: date | None = None
    """The judged day on which it was told first, or came back."""
    shown: float | None = None
    """The loss that its card shows."""
    worse_day: date | None = None
    metric: str | None = None
    """The figure that told it."""
    gap: float | None = None
    """ln of that figure over what such a day brings, when it began."""
    severity: int | None = None
    """How grave the figure was that its card shows; None where that was not kept yet."""
    size: int | None = None
    """Of a group: of how many units its card speaks."""
    was: str = field(default="", compare=False)
    """The state in which it was read: writing it back gives way to whoever changed that meanwhile."""


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

    def tell(self, told: Told) -> bool:
        """Remember what a channel was told; False when it was answered meanwhile."""
        with writing(self._engine) as connection:
            return remember(connection, (told,)) == 1

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

    def joined(self, channel: str) -> tuple[Told, ...]:
        """Return what is told with a group now, by key."""
        query = select(table).where(table.c.channel == channel, table.c.state == "joined")
        with reading(self._engine) as connection:
            return tuple(_told(row) for row in connection.execute(query.order_by(table.c.key)))

    def opened_since(self, channel: str, first: date) -> tuple[Told, ...]:
        """Return what a channel was told first, or anew, of a day from `first` on."""
        query = select(table).where(table.c.channel == channel, table.c.opened >= first)
        with reading(self._engine) as connection:
            rows = connection.execute(query.order_by(table.c.opened, table.c.key))
            return tuple(_told(row) for row in rows)


def remember(connection: Connection, told: Iterable[Told]) -> int:
    """Write down what was told, within a transaction; return how many rows were written.

    A row whose state is no longer the one in which it was read stays as it is: what a person
    answered while a look at the figures was under way is not undone by it.
    """
    written = 0
    for one in told:
        values = asdict(one)
        was = values.pop("was")
        adding = inserting(connection, table).values(**values)
        merged = adding.on_conflict_do_update(
            index_elements=["key", "channel"],
            set_=values,
            where=table.c.state == was if was else None,
        )
        written += connection.execute(merged).rowcount
    return written


def _told(row: Row[Any]) -> Told:
    """Return a row as others may see it."""
    kept = {one.name: getattr(row, one.name) for one in fields(Told) if one.name != "was"}
    return Told(**kept, was=row.state)
