"""Which of two files is believed where both speak of the same days: the one that was saved later."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from diagnostics.reading import Doubt
from storage.sources import notes
from storage.sources.rows import measures

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from storage.sources import Batch, Shop

KEYS: Final = ["unit", "day", "span"]
APART: Final = 0.02
"""Two files that differ by less tell the same: orders go on being cancelled and given back."""


@dataclass(frozen=True, eq=False)
class Saved:
    """A batch with the moment at which its file was saved."""

    batch: Batch
    at: datetime


def settled(every: Sequence[Saved], shops: Mapping[str, Shop]) -> Iterator[Batch]:
    """Yield batches in which each figure stands once, in the order given.

    Of files of one feed and shop, the one saved last is believed, else the latter of two: the
    others keep the days, units and measures that it does not tell. Where an older file was saved
    after a day was over and yet tells of another total, that day is in doubt.
    """
    for place, one in enumerate(every):
        newer = [
            other
            for at, other in enumerate(every)
            if at != place
            and (other.batch.feed, other.batch.shop) == (one.batch.feed, one.batch.shop)
            and (other.at, at) > (one.at, place)
        ]
        older = [
            other
            for at, other in enumerate(every)
            if (other.batch.feed, other.batch.shop) == (one.batch.feed, one.batch.shop)
            and (other.at, at) < (one.at, place)
        ]
        told = [doubt for other in older for doubt in _apart(one, other, shops[one.batch.shop])]
        whole = replace(one.batch, doubts=(*one.batch.doubts, *told))
        yield from _left(_noted(whole, told), newer)


def _both(one: Batch, other: Batch) -> pd.DataFrame:
    return one.facts[KEYS].merge(other.facts[KEYS], on=KEYS)


def _left(batch: Batch, newer: Sequence[Saved]) -> Iterator[Batch]:
    """Yield what newer files leave of a batch: its own rows, and its own measures of shared rows."""
    facts = batch.facts
    for other in newer:
        shared = pd.MultiIndex.from_frame(facts[KEYS]).isin(
            pd.MultiIndex.from_frame(other.batch.facts[KEYS])
        )
        if not shared.any():
            continue
        own = [key for key in facts.columns if key not in other.batch.facts.columns]
        if own:
            rest = facts.loc[shared, [*KEYS, "state", *own]].reset_index(drop=True)
            yield replace(batch, facts=rest, notes=(), doubts=())
        facts = facts[~shared].reset_index(drop=True)
    if len(facts) or batch.facts.empty or batch.notes:
        yield replace(batch, facts=facts)


def _apart(one: Saved, other: Saved, shop: Shop) -> Iterator[Doubt]:
    """Yield a doubt for each day on which two files differ, by the measure that does so most."""
    both = _both(one.batch, other.batch)
    if both.empty:
        return
    mine, theirs = (
        batch.facts.merge(both, on=KEYS).groupby("day").sum(numeric_only=True, min_count=1)
        for batch in (one.batch, other.batch)
    )
    shared = [
        key
        for key in mine.columns
        if key in theirs and key in measures() and measures()[key].get("dedup") != "people"
    ]
    zone = ZoneInfo(shop.zone)
    for day in mine.index:
        over = datetime.combine(day.date() + timedelta(1), time(), zone).astimezone(UTC)
        a, b = (side.loc[day, shared].to_numpy(dtype=float) for side in (mine, theirs))
        off = np.nan_to_num(np.abs(a - b) / np.maximum(np.abs(a), np.abs(b)))
        if other.at < over or not len(off) or off.max() <= APART:
            continue
        most = int(off.argmax())
        yield Doubt(
            "doubled",
            shop.key,
            day.date(),
            measure=shared[most],
            feed=one.batch.feed,
            value=float(a[most]),
            other=float(b[most]),
            file=one.batch.origin,
            column=other.batch.origin,
        )


def _noted(batch: Batch, told: Sequence[Doubt]) -> Batch:
    """Return a batch that also tells people which of two files stands."""
    more = [
        notes.warning(
            one.file,
            f"{one.file} and {one.column} both speak of {one.day:%Y-%m-%d} and differ "
            f"({one.measure} {one.value:,.2f} against {one.other:,.2f}): {one.file}, saved later, "
            "stands.",
            f"{one.file} 和 {one.column} 都有 {one.day:%Y-%m-%d} 的数据但不一致"
            f"（{one.measure} {one.value:,.2f} 与 {one.other:,.2f}）：以后保存的 {one.file} 为准。",
        )
        for one in told
    ]
    return replace(batch, notes=(*batch.notes, *more))
