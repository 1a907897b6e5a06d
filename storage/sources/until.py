"""How far the days of a query go: a row may say that its day is not all there yet."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np

from diagnostics.reading import Doubt
from storage.sources import notes
from storage.sources.rows import plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pandas as pd

    from storage.sources import Batch, Note, Shop

NAMES: Final = {
    "complete": "complete", "完整": "complete",
    "asof": "as_of", "截至": "as_of",
    "currency": "currency", "币种": "currency",
}  # fmt: skip
"""Normalised column -> what it says of its row beside the figures."""
_YES, _NO = frozenset({"1", "t", "true", "y", "yes", "是"}), frozenset({"0", "f", "false", "n", "no", "否"})  # fmt: skip
DAY = timedelta(1)
HOURS: Final = 24


class Until(NamedTuple):
    """Per row: whether its day is all there, None where nothing says so, and until when it goes."""

    complete: bool | None
    at: datetime | None


def said(complete: object, as_of: object, shop: Shop) -> Until:
    """Return how far a row goes; raises ValueError with the name of the column that cannot be read.

    A time without an offset is the shop's own. A bare day is refused: it does not say whether the
    day itself is over.
    """
    return Until(_flag(complete), _moment(as_of, ZoneInfo(shop.zone)))


def _flag(cell: object) -> bool | None:
    if cell is None or isinstance(cell, bool):
        return cell
    word = plain(str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell))
    if word not in _YES | _NO:
        raise ValueError("complete")
    return word in _YES


def _moment(cell: object, zone: ZoneInfo) -> datetime | None:
    if cell is None:
        return None
    found = cell
    if isinstance(cell, str) and len(cell.strip()) > len("2026-03-12"):
        try:
            found = datetime.fromisoformat(cell.strip())
        except ValueError:
            found = cell
    if not isinstance(found, datetime):
        raise ValueError("as_of")  # noqa: TRY004  the cell is at fault, not the caller
    return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)


def _start(day: date, shop: Shop) -> datetime:
    """Return the moment at which a day begins in the shop's zone (UTC)."""
    return datetime.combine(day, time(), ZoneInfo(shop.zone)).astimezone(UTC)


def begun(one: Until, day: date, shop: Shop) -> bool:
    """Say whether anything of a row's day can be in it."""
    return one.complete is True or one.at is None or one.at > _start(day, shop)


def partial(one: Until, day: date, shop: Shop) -> bool:
    """Say whether a row lacks the end of its day: what it says itself stands before any time."""
    if one.complete is not None:
        return not one.complete
    return one.at is not None and one.at < _start(day + DAY, shop)


def doubts(batch: Batch, rows: pd.DataFrame, ends: Sequence[Until], shop: Shop) -> Iterator[Doubt]:
    """Yield a doubt for each day that breaks off: by the shop's own rows where there are any.

    `rows` are the rows that the batch was made of (unit, day, partial), `ends` how far they go.
    """
    own = (rows["unit"] == shop.key).to_numpy()
    half = rows["partial"].to_numpy(dtype=bool)
    days = rows["day"].to_numpy()
    for day in sorted(set(days[half])):
        here = days == day
        some = here & own if (here & own).any() else here
        short = np.flatnonzero(some & half)
        if not len(short):
            continue
        moments = [ends[at].at for at in short.tolist() if ends[at].complete is None]
        known = [one for one in moments if one is not None]
        hour = float(min(known).astimezone(ZoneInfo(shop.zone)).hour) if known else None
        yield Doubt(
            "partial", shop.key, day, feed=batch.feed, blocks=True, value=hour,
            other=float(HOURS), file=batch.origin,
        )  # fmt: skip


def not_begun(source: str, days: Sequence[date]) -> Note:
    """Tell of rows of days of which nothing was loaded yet."""
    listed = ", ".join(f"{day:%Y-%m-%d}" for day in sorted(set(days))[:3])
    return notes.info(
        source,
        f"Source {source}: {len(days)} rows are of days that had not begun as of their own “as_of” "
        f"({listed}); they say nothing and were left out.",
        f"数据源 {source}：{len(days)} 行的日期（{listed}）在其 as_of 时还没开始，没有数据，未导入。",
    )
