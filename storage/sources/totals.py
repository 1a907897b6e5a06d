"""Whether a file's rows add up to the total that the file itself states."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan
from typing import TYPE_CHECKING, Final

from storage.sources import notes
from storage.sources.rows import measures

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from storage.sources import Note
    from storage.sources.layout import Layout
    from storage.sources.rows import Export

ROUNDED: Final = 0.005
"""A total may be this share off: both sides are rounded, and shown as 1.2K at that."""
PER_ROW: Final = 0.005
"""Half a cent for each row that was rounded before it is added up."""
BLOCKING: Final = 0.02
"""From this share on the rows are not the whole of it."""


@dataclass(frozen=True, slots=True)
class Off:
    """A column (`heading`) that adds up to `summed` where the total row (number) says `total`."""

    measure: str
    heading: str
    row: int
    summed: float
    total: float

    @property
    def blocks(self) -> bool:
        """Say whether so much is off that the days of the file cannot be judged."""
        return abs(self.summed - self.total) > BLOCKING * abs(self.total)


def off_totals(
    layout: Layout,
    totals: Mapping[str, tuple[int, float]],
    sums: Mapping[str, float],
    rows: int,
) -> Iterator[Off]:
    """Yield the columns that do not add up; people cannot be added, so theirs are left out.

    `totals`: column -> number and value of the total row; `sums`: what the `rows` rows add up to.
    """
    for key, (row, total) in totals.items():
        people = measures().get(key, {}).get("dedup") == "people"
        summed = sums.get(key, 0.0)
        borne = max(ROUNDED * abs(total), 0.05, PER_ROW * rows)
        if not people and not isnan(total) and abs(summed - total) > borne:
            yield Off(
                measure_of(layout.export, key), layout.places[key].heading, row, summed, total
            )


def measure_of(export: Export, key: str) -> str:
    """Return the measure that a column becomes, "" where it becomes none by itself."""
    if key in measures():
        return key
    return next((row.measure for row in export.derive if row.of == key and not row.times), "")


def told_off(file: str, found: Iterable[Off]) -> Iterator[Note]:
    """Yield a warning for each column that does not add up."""
    for one in found:
        yield notes.warning(
            file,
            f"Column “{one.heading}”: the rows add up to {one.summed:,.2f}, the file's total row "
            f"says {one.total:,.2f}. The rows were kept; check whether the export is complete.",
            f"「{one.heading}」列：各行合计 {one.summed:,.2f}，文件总计行写的是 {one.total:,.2f}。"
            "已按各行导入，请确认导出是否完整。",
            row=one.row,
            column=one.heading,
        )
