"""Remembers what is doubtful about the days of an import, until the same comes in anew."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update

from diagnostics.reading import Doubt
from storage.sources import CURRENCY
from storage.sources.doubts import span
from storage.sources.rows import words
from storage.tables import BatchRow, DoubtRow, table_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date, datetime

    from sqlalchemy import Connection, Row

    from storage.sources import Batch

doubt_table = table_of(DoubtRow)
batch_table = table_of(BatchRow)
DAY = timedelta(1)


def put_doubts(connection: Connection, batch: Batch, number: int, now: datetime) -> None:
    """Settle the doubts that a batch (its number) answers, and write down those that it brings."""
    days = span(batch)
    if days is None:
        return
    told = set(batch.facts["unit"])
    _settle(connection, batch, told, days, now)
    anchor = batch.shop if batch.shop in told else min(told)
    rows = [
        _values(one, batch) for one in (*batch.doubts, *_renamed(connection, batch, number, days))
    ]
    fixed = {"batch_id": number, "anchor": anchor, "known_at": now}
    if rows:
        connection.execute(insert(doubt_table), [row | fixed for row in rows])


def read_doubts(
    connection: Connection, shops: Sequence[str], day: date, as_of: datetime | None
) -> tuple[Doubt, ...]:
    """Return what is doubtful of a day, as known at a moment, oldest first."""
    query = select(doubt_table).where(doubt_table.c.first <= day, doubt_table.c.last >= day)
    if shops:
        query = query.where(doubt_table.c.shop.in_(tuple(shops)))
    settled = doubt_table.c.settled_at
    if as_of is None:
        query = query.where(settled.is_(None))
    else:
        query = query.where(doubt_table.c.known_at <= as_of, settled.is_(None) | (settled > as_of))
    rows = connection.execute(query.order_by(doubt_table.c.id))
    return tuple(_doubt(row, day) for row in rows)


def _values(doubt: Doubt, batch: Batch) -> dict[str, Any]:
    return {
        "feed": batch.feed,
        "shop": batch.shop,
        "first": doubt.since or doubt.day,
        "last": doubt.day,
        "kind": doubt.kind,
        "measure": doubt.measure,
        "file": doubt.file or batch.origin,
        "heading": doubt.column,
        "value": doubt.value,
        "other": doubt.other,
        "blocks": doubt.blocks,
        "settled_at": None,
    }


def _doubt(row: Row[Any], day: date) -> Doubt:
    return Doubt(
        kind=row.kind,
        unit=row.shop,
        day=day,
        measure=row.measure,
        feed=row.feed,
        blocks=row.blocks,
        value=row.value,
        other=row.other,
        since=row.first if row.first < day else None,
        file=row.file,
        column=row.heading,
    )


def _settle(
    connection: Connection,
    batch: Batch,
    told: set[str],
    days: tuple[date, date],
    now: datetime,
) -> None:
    """Close the doubts of the days that come anew; of the other days of a file they stay."""
    first, last = days
    mine = (
        doubt_table.c.feed == batch.feed,
        doubt_table.c.shop == batch.shop,
        doubt_table.c.settled_at.is_(None),
        doubt_table.c.first <= last,
        doubt_table.c.last >= first,
    )
    for row in connection.execute(select(doubt_table).where(*mine)).all():
        if row.anchor not in told:
            continue
        closing = update(doubt_table).where(doubt_table.c.id == row.id)
        connection.execute(closing.values(settled_at=now))
        values = {key: value for key, value in row._mapping.items() if key != "id"}  # noqa: SLF001  SQLAlchemy's public name
        for start, end in ((row.first, first - DAY), (last + DAY, row.last)):
            if start <= end:
                connection.execute(
                    insert(doubt_table).values(values | {"first": start, "last": end})
                )


def _renamed(
    connection: Connection, batch: Batch, number: int, days: tuple[date, date]
) -> Iterable[Doubt]:
    """Yield the measures that come from another column than the last time, and a vaguer currency."""
    if not batch.columns:
        return
    query = select(batch_table.c.columns).where(
        batch_table.c.feed == batch.feed,
        batch_table.c.shop == batch.shop,
        batch_table.c.id < number,
        batch_table.c.columns.is_not(None),
    )
    before = connection.scalars(query.order_by(batch_table.c.id.desc()).limit(1)).one_or_none()
    first, last = days
    for measure, column in sorted(batch.columns.items()):
        old = (before or {}).get(measure, column)
        sign = measure == CURRENCY
        if _vaguer(old, column) if sign else old != column:
            yield Doubt(
                "currency" if sign else "definition",
                batch.shop,
                last,
                measure="" if sign else measure,
                feed=batch.feed,
                since=first,
                file=batch.origin,
                column=column,
            )


def _vaguer(old: str, new: str) -> bool:
    """Say whether a sign may be several currencies ("$") where the one before was one ("S$")."""
    return len(words().named(old)) == 1 and len(words().named(new)) > 1
