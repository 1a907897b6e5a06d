"""Keeps what people did, each thing once, until it is worked through."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import and_, or_, select, update

from storage.engine import alone, inserting, writing
from storage.tables import InboxRow, table_of

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Engine

TAKING = 7_105_903
"""The place in which one worker takes its events at a time."""
box = table_of(InboxRow)


@dataclass(frozen=True, slots=True)
class Arrived:
    """Something a person did; `body` is the JSON that was received."""

    id: int
    platform: str
    event: str
    body: str
    attempts: int
    """Tries so far, this one included."""
    received_at: datetime


class Inbox:
    """What has arrived and is not yet worked through."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def receive(self, incoming_json: str, platform: str, id: str, now: datetime) -> bool:  # noqa: A002  the port's word
        """Keep an event; True the first time, False when the platform sent it again."""
        adding = inserting(self._engine, box).values(
            platform=platform,
            event=id,
            body=incoming_json,
            state="new",
            attempts=0,
            received_at=now,
            error="",
        )
        once = adding.on_conflict_do_nothing(index_elements=["platform", "event"])
        with writing(self._engine) as connection:
            return connection.execute(once).rowcount == 1

    def take(self, now: datetime, lease: float = 60, limit: int = 20) -> tuple[Arrived, ...]:
        """Take events in the order of their arrival for `lease` seconds.

        What another worker let lie beyond its lease is taken again.
        """
        left = and_(box.c.state == "taken", box.c.lease_until <= now)
        query = select(box.c.id).where(or_(box.c.state == "new", left)).order_by(box.c.id)
        with writing(self._engine) as connection:
            alone(connection, TAKING)
            ids = list(connection.scalars(query.limit(limit).with_for_update(skip_locked=True)))
            if ids:
                connection.execute(
                    update(box)
                    .where(box.c.id.in_(ids))
                    .values(
                        state="taken",
                        attempts=box.c.attempts + 1,
                        lease_until=now + timedelta(seconds=lease),
                    )
                )
            rows = connection.execute(select(box).where(box.c.id.in_(ids)).order_by(box.c.id))
            return tuple(
                Arrived(r.id, r.platform, r.event, r.body, r.attempts, r.received_at) for r in rows
            )

    def done(self, arrived_id: int, now: datetime, error: str = "") -> None:
        """Mark an event as worked through; with `error` it is kept as one that could not be."""
        finished = update(box).where(box.c.id == arrived_id, box.c.state != "done")
        with writing(self._engine) as connection:
            connection.execute(
                finished.values(state="done", done_at=now, error=error, lease_until=None)
            )
