"""Remembers the facts: batches in, panels out, and what was known when."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from diagnostics.trust import Arrival
from storage import migrations
from storage.arriving import read_arrivals
from storage.doubting import read_doubts
from storage.engine import StoreError, open_engine, reading, writing
from storage.exporting import known_measures, read_facts
from storage.facts import Wanted
from storage.keeping import Kept, batch_table, keep
from storage.panels import (
    Period,
    Selection,
    read_panel,
    read_periods,
    widened,
)
from storage.tables import fact
from storage.units import chosen, find_unit, put_units, read_units, unit_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date, datetime, timedelta

    import pandas as pd
    from sqlalchemy import Engine

    from diagnostics.panel import Panel, Unit
    from diagnostics.reading import Doubt
    from storage.sources import Batch

__all__ = ["Arrival", "Kept", "Period", "Store", "StoreError"]


class Store:
    """The one door to the database; safe to use from several threads."""

    engine: Engine

    def __init__(self, url: str) -> None:
        """Open "sqlite:///file" or "postgresql://…"; raises StoreError with the remedy."""
        self.engine = open_engine(url)
        self._feeds = feeds()

    def migrate(self) -> None:
        """Bring the tables up to date; two processes may do so at once."""
        migrations.upgrade(self.engine)

    def close(self) -> None:
        """Let go of the connections."""
        self.engine.dispose()

    def keep(self, batch: Batch, now: datetime) -> Kept:
        """Take a batch in, wholly or not at all; the same batch twice changes nothing.

        A changed fact is revised: what was known before stays readable by `as_of`. Raises
        StoreError when the facts contradict themselves or the database cannot take them.
        """
        with writing(self.engine) as connection:
            return keep(connection, batch, now)

    def put_units(self, units: Iterable[Unit]) -> None:
        """Add units or renew them; an empty field does not erase what is known."""
        with writing(self.engine) as connection:
            put_units(connection, units)

    def units(
        self, *, shops: Sequence[str] = (), kinds: Sequence[str] = (), keys: Sequence[str] = ()
    ) -> tuple[Unit, ...]:
        """Return units in the order of their keys; an empty sequence means any."""
        with reading(self.engine) as connection:
            return read_units(connection, shops, kinds, keys)

    def find_unit(self, word: str, *, shops: Sequence[str] = ()) -> tuple[Unit, ...]:
        """Return what a person may mean by a word, forgiving case.

        Exactly that key, slug or name: all units of it. Else the one unit that begins so. Else the
        nearest three.
        """
        with reading(self.engine) as connection:
            return find_unit(connection, word, shops)

    def panel(
        self,
        first: date,
        last: date,
        measures: Sequence[str],
        *,
        shops: Sequence[str] = (),
        kinds: Sequence[str] = (),
        units: Sequence[str] = (),
        as_of: datetime | None = None,
        age: timedelta | None = None,
        zone: str = "UTC",
        roll_up: Mapping[str, tuple[str, ...]] | None = None,
    ) -> Panel:
        """Return daily facts of units (in the order of their keys) as known at a moment.

        With `age` instead of `as_of` each day is as it stood so long after its end by the
        clock of a time `zone`: days of which nothing was known so early are missing.

        Where feeds differ, the first of feeds.toml that knows a measure is believed; the day's
        state is the weakest of the feeds that gave a figure, MISSING where none did. Units without
        facts in these days are left out, except shops and those asked for by key. `roll_up` names,
        by measure, the kinds whose known values add up to the shop's where the shop has none
        that day (Measure.from_kinds; people cannot be added, so such measures have none).
        """
        asked = tuple(dict.fromkeys(measures))
        selection = Selection(tuple(shops), tuple(kinds), tuple(units))
        with reading(self.engine) as connection:
            came = set(known_measures(connection))
            here = tuple(one for one in asked if one in came)
            wanted = Wanted(first, last, here, as_of, age=age, zone=zone)
            panel = read_panel(
                self.engine, connection, selection, wanted, self._feeds, roll_up or {}
            )
        return widened(panel, asked)

    def periods(
        self, unit: str, measures: Sequence[str], *, as_of: datetime | None = None
    ) -> list[Period]:
        """Return a unit's figures over several days (exports of a week, a month), oldest first."""
        return read_periods(self.engine, unit, measures, self._feeds, as_of)

    def arrivals(
        self, shops: Sequence[str], day: date, *, as_of: datetime | None = None
    ) -> tuple[Arrival, ...]:
        """Return which feeds have arrived for a day, and which are due and have not.

        Due is every feed that a shop had on at least 3 of the 14 days before.
        """
        with reading(self.engine) as connection:
            return read_arrivals(connection, shops, day, as_of)

    def doubts(
        self, shops: Sequence[str], day: date, *, as_of: datetime | None = None
    ) -> tuple[Doubt, ...]:
        """Return what the imports left doubtful of a day; it is settled when the same comes anew."""
        with reading(self.engine) as connection:
            return read_doubts(connection, shops, day, as_of)

    def revised(self, shops: Sequence[str] = ()) -> bool:
        """Say whether anything that came in ever changed what was known of some shops."""
        query = select(batch_table.c.id).where(batch_table.c.revised > 0).limit(1)
        if shops:
            query = query.where(batch_table.c.shop.in_(shops))
        with reading(self.engine) as connection:
            return connection.scalars(query).first() is not None

    def latest_day(self, shops: Sequence[str] = ()) -> date | None:
        """Return the last day of which anything is known."""
        query = select(func.max(fact.c.day))
        if shops:
            query = (
                select(fact.c.day)
                .join(unit_table, unit_table.c.id == fact.c.unit_id)
                .where(*chosen(shops, (), ()))
                .order_by(fact.c.day.desc())
                .limit(1)
            )
        with reading(self.engine) as connection:
            return connection.scalars(query).one_or_none()

    def facts(
        self,
        first: date,
        last: date,
        *,
        shops: Sequence[str] = (),
        measures: Sequence[str] = (),
    ) -> Iterator[pd.DataFrame]:
        """Yield the current facts of all feeds in chunks, for export.

        Columns: shop, unit, kind, name, currency, day (the last it covers), span, feed, state,
        known_at (UTC), then the measures (all that ever came in, unless named), NaN = missing.
        """
        yield from read_facts(self.engine, first, last, shops, measures)


@cache
def feeds() -> tuple[str, ...]:
    """Return the feeds in order of precedence."""
    text = resources.files("storage.sources").joinpath("feeds.toml").read_text(encoding="utf-8")
    return tuple(tomllib.loads(text))
