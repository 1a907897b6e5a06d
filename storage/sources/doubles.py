"""What stands in a file twice: orders of two exports put together, rows of a unit that has one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from numpy.typing import NDArray


def once(lines: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """Return order lines without those that come again further down, and of how many orders.

    The lines of an order stand together. Where an order stands in two places of a file, two exports
    were put together: a line that comes again (same product, or all the same where products are
    not told) counts where it stands last, since that is the later state.
    """
    order = lines["order"].to_numpy()
    starts = np.concatenate([[True], order[1:] != order[:-1]]) if len(order) else np.zeros(0, bool)
    begun = order[starts]
    if len(np.unique(begun)) == len(begun):
        return lines, 0
    names, times = np.unique(begun, return_counts=True)
    some = np.isin(order, names[times > 1])
    place = np.cumsum(starts)
    keys = ["order", "product_id"] if "product_id" in lines else list(lines.columns)
    parts = lines.loc[some, keys].assign(place=place[some])
    last = parts.groupby(keys, dropna=False)["place"].transform("max")
    old = np.zeros(len(lines), dtype=bool)
    old[some] = (parts["place"] < last).to_numpy()
    return lines[~old].reset_index(drop=True), len(np.unique(order[old]))


def last_stands(frame: pd.DataFrame, keys: list[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return rows with one per key, cell by cell the last that says anything, and who differed.

    The second frame holds the keys (rows of `keys` columns) of which two rows said different things.
    """
    again = frame.duplicated(keys, keep=False)
    if not again.any():
        return frame, frame.loc[[], keys]
    grouped = frame[again].groupby(keys, sort=False)
    last = grouped.last()
    spread = grouped.min(numeric_only=True) != grouped.max(numeric_only=True)
    said = grouped.count()[spread.columns] > 0
    differ = last.index[(spread & said).any(axis=1)].to_frame(index=False)
    whole = pd.concat([frame[~again], last.reset_index()], ignore_index=True)
    return whole, differ


class Hours:
    """At which hours of each day a file has lines: an export made at noon lacks the evening."""

    def __init__(self) -> None:
        self.counts = np.zeros((0, 24), dtype=np.int64)

    def add(self, days: NDArray[np.int32], seconds: NDArray[np.int32]) -> None:
        """Count the lines of a chunk by day code and hour; a code below zero is no day."""
        good = days >= 0
        codes, hours = days[good], np.clip(seconds[good] // 3600, 0, 23)
        size = max(len(self.counts), int(codes.max(initial=-1)) + 1)
        seen = np.bincount(codes.astype(np.int64) * 24 + hours, minlength=size * 24)
        more = np.zeros((size - len(self.counts), 24), dtype=np.int64)
        self.counts = np.concatenate([self.counts, more]) + seen.reshape(size, 24)

    def broken_off(self, code: int) -> int | None:
        """Return the hour after which a day has nothing though it should; None where it is whole.

        It should: the other days (7 at least) let 20 lines or more be expected after that hour, and
        a Poisson count of 20 is zero once in 500 million days.
        """
        others = np.delete(self.counts, code, axis=0)
        others = others[others.sum(axis=1) > 0]
        own = self.counts[code]
        if len(others) < LEAST_DAYS or not own.any():
            return None
        end = int(np.flatnonzero(own)[-1]) + 1
        before, after = int(others[:, :end].sum()), int(others[:, end:].sum())
        return end if own.sum() * after >= LEAST_LACKING * max(before, 1) else None


LEAST_DAYS = 7
LEAST_LACKING = 20
