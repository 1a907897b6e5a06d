"""Takes facts in: what is new is added, what changed is revised, what was known stays known."""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import insert, select, update

from storage.bulk import CHUNK, lay, staged
from storage.doubting import put_doubts
from storage.engine import StoreError, alone
from storage.merging import merge_of
from storage.tables import FREQUENT, BatchRow, fact, table_of
from storage.units import numbers_of, put_units

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    import pandas as pd
    from sqlalchemy import Connection

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


def keep(connection: Connection, batch: Batch, now: datetime, chunk: int = CHUNK) -> Kept:
    """Merge a batch into what is known, within the caller's transaction.

    A fact of the same unit, day, span and feed is revised measure by measure: a column that the
    batch has not leaves the known value, a cell that it has empty makes the value missing. The old
    revision stays, superseded at `now`. `chunk` rows are merged at a time. Raises StoreError for
    facts that contradict themselves.
    """
    alone(connection, KEEPING)
    measures = [str(column) for column in batch.facts.columns if column not in KEYS]
    _check(batch, measures)
    ids = put_units(connection, batch.units)
    units = len(ids)
    ids |= _strangers(connection, batch, ids)
    number = _note(connection, batch, measures, now)
    put_doubts(connection, batch, number, now)
    said = {"of_feed": batch.feed, "of_batch": number, "now": now}
    merge = merge_of(connection.dialect.name, _offered(measures))
    inserted = revised = 0
    with staged(connection, merge.table):
        for start in range(0, len(batch.facts), chunk):
            rows = batch.facts.iloc[start : start + chunk]
            lay(connection, merge.table, _columns(rows, ids, measures))
            changed = connection.execute(merge.adding, said).rowcount
            inserted += changed
            revised += connection.execute(merge.superseding, said).rowcount if changed else 0
    counts = {"new": inserted - revised, "same": len(batch.facts) - inserted, "revised": revised}
    connection.execute(update(batch_table).where(batch_table.c.id == number).values(**counts))
    days = _days(connection, batch, number) if inserted else ()
    return Kept(**counts, units=units, days=days)


def _check(batch: Batch, measures: list[str]) -> None:
    """Refuse facts that occur twice or are no finite numbers."""
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


def _strangers(connection: Connection, batch: Batch, ids: Mapping[str, int]) -> dict[str, int]:
    """Return the numbers of units that an earlier batch described; refuse those that none did."""
    strange = set(batch.facts["unit"].unique()) - ids.keys()
    known = numbers_of(connection, strange)
    unknown = strange - known.keys()
    if unknown:
        raise StoreError(f"{batch.origin or batch.feed}: no unit {min(unknown)} was described.")
    return known


def _note(connection: Connection, batch: Batch, measures: list[str], now: datetime) -> int:
    """Write down where the facts came from, and return the batch's number."""
    noted = insert(batch_table).values(
        feed=batch.feed,
        shop=batch.shop,
        origin=batch.origin,
        content=_content(batch.facts, measures),
        measures=measures,
        at=now,
        rows=len(batch.facts),
        new=0,
        same=0,
        revised=0,
    )
    if batch.columns and len(batch.facts):
        noted = noted.values(columns=dict(batch.columns))
    return int(connection.execute(noted.returning(batch_table.c.id)).scalar_one())


def _content(facts: pd.DataFrame, measures: list[str]) -> str:
    """Return a hash of all figures."""
    seen = sha256("\n".join((*measures, *facts["unit"])).encode())
    for key in ("day", "span", "state", *measures):
        seen.update(facts[key].to_numpy().tobytes())
    return seen.hexdigest()


def _offered(measures: list[str]) -> tuple[str, ...]:
    """Return the columns of `fact` that measures go to."""
    frequent = tuple(key for key in FREQUENT if key in measures)
    return (*frequent, "more") if len(frequent) < len(measures) else frequent


def _columns(facts: pd.DataFrame, ids: Mapping[str, int], measures: list[str]) -> dict[str, Any]:
    """Return a chunk of facts as the columns of the staged table."""
    days = facts["day"].to_numpy("datetime64[D]")
    columns: dict[str, Any] = {
        "unit_id": [ids[key] for key in facts["unit"]],
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
    return columns


def _days(connection: Connection, batch: Batch, number: int) -> tuple[date, ...]:
    """Return the days of which the batch said something new."""
    days = np.unique(batch.facts["day"].to_numpy("datetime64[D]")).tolist()
    of_batch = fact.c.day.in_(days) & (fact.c.batch_id == number)
    return tuple(
        connection.scalars(select(fact.c.day).where(of_batch).distinct().order_by(fact.c.day))
    )
