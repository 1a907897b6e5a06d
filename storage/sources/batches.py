"""Facts in the shape that the store takes: one row per unit and day, and the units they speak of."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from diagnostics.panel import State
from diagnostics.reading import Doubt
from storage.sources import Batch, notes
from storage.sources.rows import measures
from storage.sources.units import shop_unit

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from diagnostics.panel import Unit
    from storage.sources import Note, Shop


def batch(
    feed: str,
    shop: Shop,
    origin: str,
    today: date,
    rows: pd.DataFrame,
    units: Mapping[str, Unit],
    told: Iterable[Note] = (),
) -> Batch:
    """Return facts in the contract's shape from rows with unit, day (date), span and measures.

    Rows of one unit and day are summed; measures of people then become missing, since people
    cannot be added. The local day that is still running (or begins now) is provisional, and so is
    what has a row that is `partial` (bool). Days after it cannot have figures: such rows are left
    out and told, as day and month may be swapped.
    """
    keys = ["unit", "day", "span"]
    names = [key for key in rows.columns if key in measures()]
    if rows.empty:
        rows = pd.DataFrame({"unit": [], "day": [], "span": []})
    rows = rows.assign(day=pd.to_datetime(rows["day"]).astype("datetime64[ns]"))
    ahead = rows["day"] > pd.Timestamp(today) + pd.Timedelta(1, "D")
    told = (*told, *_ahead(origin, rows.loc[ahead, "day"]))
    rows = rows[~ahead]
    grouped = rows.groupby(keys, sort=True)
    facts = grouped[names].sum(min_count=1)
    several = (grouped.size() > 1).to_numpy()
    half = grouped["partial"].any().to_numpy() if "partial" in rows else np.zeros(len(facts), bool)
    for name in names:
        if measures()[name].get("dedup") == "people" and several.any():
            facts[name] = facts[name].where(~several)
    facts = facts.reset_index().dropna(axis="columns", how="all")
    running = (facts["day"] >= pd.Timestamp(today)).to_numpy()
    state = np.where(running | half, State.PROVISIONAL, State.FINAL).astype(np.int8)
    facts.insert(3, "state", state)
    types = {"unit": "str", "day": "datetime64[ns]", "span": "int64"}
    facts = facts.astype(types | {key: "float64" for key in facts.columns if key in measures()})
    used = set(facts["unit"])
    parents = {unit.parent for key, unit in units.items() if key in used}
    kept = tuple(unit for key, unit in units.items() if key in used or key in parents)
    told = (*told, *_provisional(shop, origin, today, running=bool(running.any())))
    doubts = _future(feed, shop, origin, facts, int(ahead.sum()))
    return Batch(feed, shop.key, kept, facts, told, origin, doubts)


def _ahead(origin: str, days: pd.Series[pd.Timestamp]) -> list[Note]:
    if days.empty:
        return []
    first = f"{days.min():%Y-%m-%d}"
    return [
        notes.warning(
            origin,
            f"{len(days)} rows are of days to come (first: {first}) and were left out: are day and "
            "month swapped, or is it another shop's time zone?",
            f"有 {len(days)} 行是未来的日期（最早 {first}），未导入：是不是日和月写反了，或店铺时区不对？",
        )
    ]


def _future(
    feed: str, shop: Shop, origin: str, facts: pd.DataFrame, count: int
) -> tuple[Doubt, ...]:
    """Return the doubt that a file with days to come casts on its other days."""
    if not count or facts.empty:
        return ()
    first, last = facts["day"].min().date(), facts["day"].max().date()
    since = first if first < last else None
    return (
        Doubt("future", shop.key, last, feed=feed, value=float(count), since=since, file=origin),
    )


def _provisional(shop: Shop, origin: str, today: date, *, running: bool) -> list[Note]:
    if not running:
        return []
    return [
        notes.info(
            origin,
            f"{today} is not over yet in the shop's zone ({shop.zone}): its figures "
            "are provisional.",
            f"按店铺时区（{shop.zone}）{today} 还没结束，这一天的数据记为暂定。",
        )
    ]


def nothing(shop: Shop, file: str, feed: str, told: Sequence[Note] = ()) -> Batch:
    """Return a batch without facts that says so."""
    empty = pd.DataFrame(
        {
            "unit": pd.Series(dtype="str"),
            "day": pd.Series(dtype="datetime64[ns]"),
            "span": pd.Series(dtype="int64"),
            "state": pd.Series(dtype="int8"),
        }
    )
    note = notes.info(
        file,
        f"{file} has no rows: no data for these days.",
        f"{file} 没有数据行：这些天没有数据。",
    )
    return Batch(feed, shop.key, (shop_unit(shop),), empty, (*told, note), file)


def of_day(batch: Batch, day: date) -> Batch:
    """Return what a batch says of one day."""
    facts = batch.facts[batch.facts["day"] == pd.Timestamp(day)].reset_index(drop=True)
    used = set(facts["unit"]) | {
        unit.parent for unit in batch.units if unit.key in set(facts["unit"])
    }
    return replace(
        batch,
        facts=facts,
        units=tuple(u for u in batch.units if u.key in used),
        doubts=tuple(_at(one, day) for one in batch.doubts if _speaks(one, day)),
    )


def _speaks(doubt: Doubt, day: date) -> bool:
    return (doubt.since or doubt.day) <= day <= doubt.day


def _at(doubt: Doubt, day: date) -> Doubt:
    return replace(doubt, day=day, since=None)
