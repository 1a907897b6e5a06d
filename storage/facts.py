"""Reads facts back in bulk, every feed merged: the first that knows a figure is believed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import ColumnElement, Double, cast, func, literal_column, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from diagnostics.panel import State
from storage.engine import columns, joined
from storage.tables import FREQUENT, fact

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from sqlalchemy import Engine, Select


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be read: days, measures, as of when, and a query of the units' numbers."""

    first: date
    last: date
    measures: tuple[str, ...]
    as_of: datetime | None = None
    units: Select[Any] | None = None
    """None means all units."""
    age: timedelta | None = None
    """Instead of `as_of`: each day as it stood so long after its end in `zone`."""
    zone: str = "UTC"


@dataclass(frozen=True, eq=False)
class Cells:
    """Merged facts of some unit-days; `values` is (measures, cells), NaN = missing."""

    unit: NDArray[np.int64]
    """The unit's number in the database."""
    day: NDArray[np.int64]
    """Days since the first one wanted."""
    state: NDArray[np.int8]
    values: NDArray[np.float64]


def valid(as_of: datetime | None) -> ColumnElement[bool]:
    """Return the condition for what was known at a moment; None means now."""
    if as_of is None:
        return fact.c.superseded_at.is_(None)
    later = or_(fact.c.superseded_at.is_(None), fact.c.superseded_at > as_of)
    return (fact.c.known_at <= as_of) & later


def stood(wanted: Wanted, age: timedelta, dialect: str) -> ColumnElement[bool]:
    """Return the condition for what was known of each day so long after its end in its zone.

    It is counted by the clock on the wall: nine in the morning is nine before and after the clocks
    change.
    """
    shifts = _shifts(wanted, age)
    moments = [
        f"((fact.day + interval '{seconds}.999999 seconds') at time zone 'UTC')"
        if dialect == "postgresql"
        else f"(datetime(fact.day, '{seconds:+} seconds') || '.999999')"
        for _, seconds in shifts
    ]
    text = moments[-1]
    for (last, _), moment in zip(shifts[-2::-1], moments[-2::-1], strict=True):
        text = f"(CASE WHEN fact.day <= '{last.isoformat()}' THEN {moment} ELSE {text} END)"
    then: ColumnElement[str] = literal_column(text)
    later = or_(fact.c.superseded_at.is_(None), fact.c.superseded_at > then)
    return (fact.c.known_at <= then) & later


def _shifts(wanted: Wanted, age: timedelta) -> list[tuple[date, int]]:
    """Return how many seconds after a day's midnight (UTC) it is as old as that, up to which day."""
    zone = ZoneInfo(wanted.zone)
    found: list[tuple[date, int]] = []
    for step in range((wanted.last - wanted.first).days + 1):
        day = wanted.first + timedelta(step)
        moment = datetime.combine(day + timedelta(1), time(), zone) + age  # by the wall clock
        seconds = int((moment - datetime.combine(day, time(), UTC)).total_seconds())
        if found and found[-1][1] == seconds:
            found.pop()
        found.append((day, seconds))
    return found


def value_of(measure: str, dialect: str) -> ColumnElement[Any]:
    """Return a measure as a number that is never NULL.

    So a column has one type in every chunk, with or without figures in it: missing travels as
    infinity from SQLite, which has no NaN (facts are finite), and as NaN from PostgreSQL.
    """
    known: ColumnElement[Any] = fact.c[measure] if measure in FREQUENT else _other(measure, dialect)
    missing = "'NaN'::float8" if dialect == "postgresql" else "9e999"
    return func.coalesce(known, literal_column(missing)).label(measure)


def _other(measure: str, dialect: str) -> ColumnElement[Any]:
    """Return a measure that has no column of its own."""
    if dialect == "postgresql":
        return cast(fact.c.more.op("->>")(measure), Double)
    return cast(func.json_extract(fact.c.more, f'$."{measure}"'), Double)


def text_of(query: Select[Any], dialect: str) -> str:
    """Return a query as text with its values written out, as the Arrow drivers take it."""
    spoken: Any = (
        postgresql.dialect(paramstyle="named")  # type: ignore[no-untyped-call]  # SQLAlchemy leaves it untyped
        if dialect == "postgresql"
        else sqlite.dialect(paramstyle="named")
    )
    return str(query.compile(dialect=spoken, compile_kwargs={"literal_binds": True}))


def floats(column: NDArray[Any]) -> NDArray[np.float64]:
    """Return a column of measures with NaN for missing."""
    values = np.array(column, np.float64)
    values[np.isinf(values)] = np.nan
    return values


def encoded(column: NDArray[Any]) -> tuple[list[Any], NDArray[np.int64]]:
    """Return the different values of a column, and which of them stands in each row."""
    seen: dict[Any, int] = {}
    codes = [seen.setdefault(value, len(seen)) for value in column.tolist()]
    return list(seen), np.array(codes, np.int64)


def dates(column: NDArray[Any]) -> NDArray[np.int64]:
    """Return a column of days as days since 1970, whether it came as text or as date."""
    if column.dtype != object:
        return column.astype("datetime64[D]").astype(np.int64)
    days, codes = encoded(column)
    return np.array(days, "datetime64[D]").astype(np.int64)[codes]


def query_of(wanted: Wanted, dialect: str) -> Select[Any]:
    """Return the query of the daily facts that are wanted, of all feeds."""
    values = (value_of(measure, dialect) for measure in wanted.measures)
    known = valid(wanted.as_of)
    if wanted.age is not None:
        known = stood(wanted, wanted.age, dialect)
    query = select(fact.c.unit_id, fact.c.day, fact.c.feed, fact.c.state, *values).where(
        fact.c.span == 1, fact.c.day.between(wanted.first, wanted.last), known
    )
    return query if wanted.units is None else query.where(fact.c.unit_id.in_(wanted.units))


def read_cells(engine: Engine, wanted: Wanted, feeds: Sequence[str]) -> Cells:
    """Read the wanted facts and merge the feeds: for each measure the first that knows it.

    A cell's state is the weakest of the feeds that gave it a figure; MISSING where none did.
    """
    dialect = engine.dialect.name
    rows = joined(columns(engine, text_of(query_of(wanted, dialect), dialect)))
    if not rows:
        none = np.zeros(0, np.int64)
        return Cells(none, none, none.astype(np.int8), np.zeros((len(wanted.measures), 0)))
    span = (wanted.last - wanted.first).days + 1
    unit = rows["unit_id"].astype(np.int64)
    day = dates(rows["day"]) - np.datetime64(wanted.first, "D").astype(np.int64)
    cell, where = np.unique(unit * span + day, return_inverse=True)
    offered = [floats(rows[measure]) for measure in wanted.measures]
    states = rows["state"].astype(np.int8)
    state, values = _merge(where, len(cell), _by_feed(rows["feed"], feeds), offered, states)
    return Cells(cell // span, cell % span, state, values)


def _merge(
    where: NDArray[np.int64],
    cells: int,
    groups: list[NDArray[np.int64]],
    columns: list[NDArray[np.float64]],
    states: NDArray[np.int8],
) -> tuple[NDArray[np.int8], NDArray[np.float64]]:
    """Return states and values per cell; `groups` are the rows of each feed, best feed first."""
    merged = np.full((len(columns), cells), np.nan)
    state = np.full(cells, State.FINAL, np.int8)
    said = np.zeros(cells, np.bool_)
    for rows in groups:
        at = where[rows]
        used = np.zeros(len(at), np.bool_)
        for values, column in zip(merged, columns, strict=True):
            offered = column[rows]
            fresh = np.isnan(values[at]) & ~np.isnan(offered)
            values[at[fresh]] = offered[fresh]
            used |= fresh
        state[at[used]] = np.minimum(state[at[used]], states[rows][used])
        said[at[used]] = True
    state[~said] = State.MISSING
    return state, merged


def _by_feed(column: NDArray[Any], feeds: Sequence[str]) -> list[NDArray[np.int64]]:
    """Return the rows of each feed, the feed with precedence first, unknown feeds last by name."""
    names, codes = encoded(column)
    order = {feed: place for place, feed in enumerate(feeds)}
    ranked = sorted(range(len(names)), key=lambda n: (order.get(names[n], len(order)), names[n]))
    return [np.flatnonzero(codes == code) for code in ranked]
