"""Zeros that are no figures: the last days of an export that are not out yet, money not filled in."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pandas as pd

from storage.sources import notes
from storage.sources.rows import measures, toml

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from datetime import date

    from storage.sources import Batch, Note

OUT_AFTER: Final = 3
"""Figures are out after so many days; an older zero is a zero."""
LIVED: Final = 3
"""So many days with figures before show that zeros are not its habit."""
LEAST: Final = 3.0
"""A gift or two bring orders without money."""


def told(batch: Batch, today: date, sure: Collection[date] = ()) -> Batch:
    """Return a batch without zeros that only say that nothing is known yet, and with notes of them.

    Platforms write 0 for the days whose figures are not out. Days at the end of a batch on which
    every figure is zero are left out where they lie within the last three days and three days with
    figures stand before them; zeros that began earlier are a closed shop or a stopped campaign, and
    stay. `sure`: days that are known to be all there. Money that is zero for the whole day while
    what it was paid for is counted (`worth` in words.toml) is missing, and the other way round.
    """
    if batch.facts.empty:
        return batch
    facts, said = _filled(batch.facts, batch.origin)
    ahead = _not_out(facts, today, sure)
    if ahead:
        facts = facts[~facts["day"].isin(ahead)].reset_index(drop=True)
        said = [*said, _left_out(batch.origin, ahead)]
    return replace(batch, facts=facts, notes=(*batch.notes, *said)) if said else batch


def _not_out(facts: pd.DataFrame, today: date, sure: Collection[date]) -> list[pd.Timestamp]:
    """Return the last days without any figure but zero, where they may still come."""
    names = [key for key in facts.columns if key in measures()]
    single = facts[facts["span"] == 1]
    alive = single[names].abs().groupby(single["day"]).sum().sum(axis=1) > 0.0
    if not alive.any():
        return []
    last = alive[alive].index[-1]
    dead = [day for day in alive.index if day > last]
    if (
        not dead
        or alive.sum() < LIVED
        or dead[0] < pd.Timestamp(today) - pd.Timedelta(OUT_AFTER, "D")
    ):
        return []
    return [day for day in dead if day.date() not in sure]


def _filled(facts: pd.DataFrame, origin: str) -> tuple[pd.DataFrame, list[Note]]:
    """Return facts whose money and counts do not contradict each other on a whole day."""
    said: list[Note] = []
    for money, count in toml("words.toml")["worth"].items():
        if money not in facts or count not in facts:
            continue
        for zero, other in ((money, count), (count, money)):
            sums = facts.groupby("day")[[zero, other]].sum(min_count=1)
            empty = sums.index[(sums[zero] == 0.0) & (sums[other] >= LEAST)]
            if len(empty):
                blank = facts["day"].isin(empty)
                facts = facts.assign(**{zero: facts[zero].mask(blank)})
                said.extend(_contradicted(origin, zero, other, empty, sums.loc[empty, other]))
    return facts, said


def _left_out(origin: str, days: list[pd.Timestamp]) -> Note:
    listed = ", ".join(f"{day:%Y-%m-%d}" for day in days)
    return notes.warning(
        origin,
        f"{listed}: every figure is 0 after days that were not, so they are probably not out yet. "
        "They were left out, not taken for 0. Export them again when they are out; zeros that are "
        f"still there {OUT_AFTER + 1} days later are taken as zeros, and so are those written into "
        "the template.",
        f"{listed}：前几天都有数字，这几天全是 0，多半还没出数，未导入，没有当成 0。出数后请重新导出；"
        f"{OUT_AFTER + 1} 天后仍是 0 就按 0 计；写进手工模板的 0 总按 0 计。",
    )


def _contradicted(
    origin: str, zero: str, other: str, days: pd.Index[pd.Timestamp], sums: pd.Series[float]
) -> Iterator[Note]:
    names = measures()
    for day, value in zip(days, sums, strict=True):
        yield notes.warning(
            origin,
            f"{day:%Y-%m-%d}: {names[zero]['en']} is 0 in every row while {names[other]['en']} is "
            f"{value:,.0f}. It is taken as missing, not as 0: is the column filled in yet?",
            f"{day:%Y-%m-%d}：{names[zero]['zh']}每行都是 0，而{names[other]['zh']}是 {value:,.0f}。"
            f"按缺失处理，没有当成 0：这一列是否还没出数？",
            column=zero,
        )
