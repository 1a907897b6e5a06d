"""Takes facts in: what is new is added, what changed is revised, what was known stays known."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from sqlalchemy import (
    Date,
    Double,
    SmallInteger,
    and_,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)

from storage.bulk import CHUNK, lay, staged
from storage.engine import StoreError, alone
from storage.tables import FREQUENT, BatchRow, Json, Number, fact, table_of
from storage.units import put_units, unit_table

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy import ColumnElement, Connection, FromClause, Table
    from sqlalchemy.sql.type_api import TypeEngine

    from storage.sources import Batch

KEYS = ("unit", "day", "span", "state")
KEEPING = 7_105_901
"""The place in which one import stands at a time."""
batch_table = table_of(BatchRow)


@dataclass(frozen=True, slots=True)
class Kept:
    """What an import changed: facts new, same and revised; `days` are those with a change."""

    new: int
    same: int
    revised: int
    units: int
    days: tuple[date, ...]


def keep(connection: Connection, batch: Batch, now: datetime) -> Kept:
    """Merge a batch into what is known, within the caller's transaction.

    A fact of the same unit, day, span and feed is revised measure by measure: a column that the
    batch has not leaves the known value, a cell that it has empty makes the value missing. The old
    revision stays, superseded at `now`. Raises StoreError for facts that contradict themselves.
    """
    alone(connection, KEEPING)
    units = put_units(connection, batch.units)
    measures = [str(column) for column in batch.facts.columns if column not in KEYS]
    _check(batch, measures)
    number = _note(connection, batch, measures, now)
    ids = _ids(connection, batch)
    inserted = revised = 0
    with staged(connection, "staged_fact", _columns(measures)) as table:
        for start in range(0, len(batch.facts), CHUNK):
            chunk = _frame(batch.facts.iloc[start : start + CHUNK], ids, measures)
            lay(connection, table, chunk)
            changed = _insert(connection, table, batch.feed, number, now)
            inserted += changed
            revised += _supersede(connection, table, batch.feed, now) if changed else 0
    counts = {"new": inserted - revised, "same": len(batch.facts) - inserted, "revised": revised}
    connection.execute(update(batch_table).where(batch_table.c.id == number).values(**counts))
    return Kept(**counts, units=units, days=_days(connection, number))


def _check(batch: Batch, measures: list[str]) -> None:
    """Refuse facts that occur twice, belong to no unit or are no finite numbers."""
    place = f"{batch.origin or batch.feed} of {batch.shop}"
    double = batch.facts.duplicated(["unit", "day", "span"])
    if double.any():
        row = batch.facts[double].iloc[0]
        raise StoreError(
            f"{place}: {row['unit']} has {int(double.sum())} day(s) twice, first "
            f"{row['day']:%Y-%m-%d}; keep one row for each. Nothing of it was taken."
        )
    named = [key for key in measures if set(key) & {'"', "\\"}]
    if named:
        raise StoreError(f'{place}: the measure {named[0]} may not have " or \\ in its name.')
    infinite = [key for key in measures if np.isinf(batch.facts[key].to_numpy(float)).any()]
    if infinite:
        raise StoreError(f"{place}: {', '.join(infinite)} holds infinite values; correct them.")


def _note(connection: Connection, batch: Batch, measures: list[str], now: datetime) -> int:
    """Write down where the facts came from, and return the batch's number."""
    hashed = pd.util.hash_pandas_object(batch.facts, index=False).to_numpy()
    noted = insert(batch_table).values(
        feed=batch.feed,
        shop=batch.shop,
        origin=batch.origin,
        content=hashlib.sha256(hashed.tobytes()).hexdigest(),
        measures=measures,
        at=now,
        rows=len(batch.facts),
        new=0,
        same=0,
        revised=0,
    )
    return int(connection.execute(noted.returning(batch_table.c.id)).scalar_one())


def _ids(connection: Connection, batch: Batch) -> dict[str, int]:
    """Return the numbers of the units that the facts speak of."""
    shops = sorted({unit.shop for unit in batch.units})
    wanted = select(unit_table.c.key, unit_table.c.id).where(unit_table.c.shop.in_(shops))
    ids = {row.key: row.id for row in connection.execute(wanted)}
    unknown = set(batch.facts["unit"].unique()) - ids.keys()
    if unknown:
        raise StoreError(f"{batch.origin or batch.feed}: no unit {min(unknown)} was described.")
    return ids


def _columns(measures: list[str]) -> dict[str, TypeEngine[Any]]:
    """Return the columns of the staged facts: keys, frequent measures, and all others."""
    columns: dict[str, TypeEngine[Any]] = {
        "unit_id": Number,
        "day": Date(),
        "span": SmallInteger(),
        "state": SmallInteger(),
    }
    columns |= {key: Double() for key in FREQUENT if key in measures}
    if set(measures) - set(FREQUENT):
        columns["more"] = Json
    return columns


def _frame(facts: pd.DataFrame, ids: dict[str, int], measures: list[str]) -> pd.DataFrame:
    """Return a chunk of facts in the shape of the staged table."""
    days = facts["day"].to_numpy("datetime64[D]")
    columns: dict[str, Any] = {
        "unit_id": facts["unit"].map(ids).to_numpy(np.int64),
        "day": np.datetime_as_string(days, unit="D"),
        "span": facts["span"].to_numpy(np.int64),
        "state": facts["state"].to_numpy(np.int64),
    }
    columns |= {key: facts[key].to_numpy(float) for key in FREQUENT if key in measures}
    others = [key for key in measures if key not in FREQUENT]
    if others:
        rows = facts[others].astype(object).where(facts[others].notna(), None)
        columns["more"] = [
            json.dumps(dict(zip(others, row, strict=True)), ensure_ascii=False)
            for row in rows.to_numpy()
        ]
    return pd.DataFrame(columns)


def _same(table: FromClause, known: FromClause, feed: str) -> ColumnElement[bool]:
    """Say that a staged row and a fact speak of the same unit, day, span and feed."""
    keys = (known.c[key] == table.c[key] for key in ("unit_id", "day", "span"))
    return and_(*keys, known.c.feed == feed)


def _insert(connection: Connection, table: Table, feed: str, batch: int, now: datetime) -> int:
    """Insert a revision for each staged row that says something new, and return how many."""
    known = fact.alias("known")
    merged: dict[str, ColumnElement[Any]] = {
        key: table.c[key] if key in table.c else known.c[key] for key in FREQUENT
    }
    merged["more"] = _more(connection, table, known)
    offered = [key for key in merged if key in table.c]
    other = (merged[key].is_distinct_from(known.c[key]) for key in offered)
    values: dict[str, ColumnElement[Any]] = {
        "unit_id": table.c.unit_id,
        "day": table.c.day,
        "span": table.c.span,
        "feed": literal(feed),
        "revision": func.coalesce(known.c.revision + 1, 0),
        "batch_id": literal(batch),
        "known_at": literal(now, fact.c.known_at.type),
        "state": table.c.state,
        **merged,
    }
    current = and_(_same(table, known, feed), known.c.superseded_at.is_(None))
    changed = (
        select(*values.values())
        .select_from(table.outerjoin(known, current))
        .where(or_(known.c.id.is_(None), known.c.state != table.c.state, *other))
    )
    return connection.execute(insert(fact).from_select(list(values), changed)).rowcount


def _more(connection: Connection, table: Table, known: FromClause) -> ColumnElement[Any]:
    """Return the other measures: the known ones, with what the batch says of its own columns."""
    if "more" not in table.c:
        return known.c.more
    empty = literal({}, Json)
    old = func.coalesce(known.c.more, empty, type_=Json)
    if connection.dialect.name == "postgresql":
        joined = func.jsonb_strip_nulls(old.op("||")(table.c.more), type_=Json)
    else:
        joined = func.json_patch(old, table.c.more, type_=Json)
    return func.nullif(joined, empty, type_=Json)


def _supersede(connection: Connection, table: Table, feed: str, now: datetime) -> int:
    """Mark what was known before as superseded, and return how many facts were revised."""
    old, new = fact.alias("old"), fact.alias("newer")
    current = table.join(old, and_(_same(table, old, feed), old.c.superseded_at.is_(None)))
    followed = and_(_same(table, new, feed), new.c.revision == old.c.revision + 1)
    numbers = select(old.c.id).select_from(current.join(new, followed))
    marked = update(fact).where(fact.c.id.in_(numbers)).values(superseded_at=now)
    return connection.execute(marked).rowcount


def _days(connection: Connection, batch: int) -> tuple[date, ...]:
    """Return the days of which the batch said something new."""
    query = select(fact.c.day).where(fact.c.batch_id == batch).distinct().order_by(fact.c.day)
    return tuple(connection.scalars(query))
