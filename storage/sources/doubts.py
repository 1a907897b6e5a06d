"""What a file leaves doubtful about its days: totals, doubles, days broken off or still to come."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import numpy as np
import pandas as pd

from diagnostics.reading import Doubt
from storage.sources import notes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from storage.sources import Batch, Note
    from storage.sources.facts import Scene
    from storage.sources.lines import Table
    from storage.sources.orders import Orders

HOURS: Final = 24


def span(batch: Batch) -> tuple[date, date] | None:
    """Return the first and the last day that a batch speaks of; None without facts."""
    if batch.facts.empty:
        return None
    whole = batch.facts["day"] - pd.to_timedelta(batch.facts["span"] - 1, unit="D")
    return whole.min().date(), batch.facts["day"].max().date()


def of_rows(batch: Batch, scene: Scene, table: Table) -> Iterator[Doubt]:
    """Yield the doubts of an export with a row per unit, hour or session."""
    days = span(batch)
    if days is None:
        return
    if scene.export.units[0].kind != "any":
        for one in table.off:
            found = (one.summed, one.total)
            yield _doubt("total_off", batch, days, one.measure, one.heading, found, one.blocks)
    if table.doubled:
        yield _doubt("doubled", batch, days, value=(float(table.doubled), None))
    if scene.export.day == "hour" and not table.agreed:
        yield from _hours(batch, scene, table)


def of_lines(
    batch: Batch, scene: Scene, table: Table, orders: Orders, again: int
) -> Iterator[Doubt]:
    """Yield the doubts of order lines; `again`: orders that stood in the file twice."""
    days = span(batch)
    if days is None:
        return
    if again:
        yield _doubt("doubled", batch, days, value=(float(again), None))
    stamps = table.stamps.days(scene.shop.country, scene.today)
    codes = [code for code, day in enumerate(stamps) if day == days[1]]
    if days[1] < scene.today and len(codes) == 1:
        end = orders.hours.broken_off(codes[0])
        if end is not None:
            told = (float(end), float(HOURS))
            yield _doubt("partial", batch, (days[1], days[1]), value=told, blocks=True)


def _hours(batch: Batch, scene: Scene, table: Table) -> Iterator[Doubt]:
    """Yield a doubt for each past day whose last hours are not in the file."""
    clock, stamps = scene.export.clock, table.stamps.days(scene.shop.country, scene.today)
    codes, seconds = table.frame[clock].to_numpy(), table.frame[f"{clock}.clock"].to_numpy()
    for code in np.unique(codes[codes >= 0]):
        day, end = stamps[code], int(seconds[codes == code].max()) // 3600 + 1
        if end < HOURS and day is not None and day < scene.today:
            told = (float(end), float(HOURS))
            yield _doubt("partial", batch, (day, day), value=told, blocks=True)


def _doubt(
    kind: Literal["total_off", "doubled", "partial"],
    batch: Batch,
    days: tuple[date, date],
    measure: str = "",
    column: str = "",
    value: tuple[float, float | None] = (0.0, None),
    blocks: bool = False,
) -> Doubt:
    return Doubt(
        kind,
        batch.shop,
        days[1],
        measure=measure,
        feed=batch.feed,
        blocks=blocks,
        value=value[0],
        other=value[1],
        since=days[0] if days[0] < days[1] else None,
        file=batch.origin,
        column=column,
    )


def put_together(file: str, count: int) -> Note:
    """Tell of orders that stand in two places of a file."""
    return notes.warning(
        file,
        f"{count} orders stand in two places of the file, as when two exports are put together; "
        "the lines further down count, the earlier ones do not.",
        f"有 {count} 个订单在文件里出现两处（像是两份导出拼在一起）；以后面的行为准，前面的不计。",
    )


def corrected(file: str, differ: pd.DataFrame) -> Iterator[Note]:
    """Tell of units that have two different rows for the same day."""
    if differ.empty:
        return
    unit, day = differ["unit"].iloc[0], differ["day"].iloc[0]
    yield notes.warning(
        file,
        f"{len(differ)} units have two different rows for the same day (first: {unit}, "
        f"{day:%Y-%m-%d}); the last one counts.",
        f"有 {len(differ)} 个单元同一天有两行且数字不同（例如 {unit}，{day:%Y-%m-%d}）；以最后一行为准。",
    )
