"""What one file says, from its cells to facts: its layout, its shop, its days, its rows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from storage.sources import notes
from storage.sources.batches import nothing
from storage.sources.dates import name_range, title_range
from storage.sources.facts import Scene, by_orders, by_rows
from storage.sources.grid import open_grid
from storage.sources.layout import find_layout
from storage.sources.lines import Reader
from storage.sources.orders import Orders
from storage.sources.rows import words
from storage.sources.shops import owners, whose

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date, datetime

    from storage.sources import Batch, Note, Shop, Upload
    from storage.sources.layout import Layout
    from storage.sources.lines import Progress
    from storage.sources.rows import Money


def read(
    upload: Upload,
    shops: Sequence[Shop],
    now: datetime,
    day: date | None,
    choices: Mapping[str, str],
    progress: Progress | None,
) -> Iterator[Batch]:
    """Yield the facts of one file; see storage.sources.sheet.read_file."""
    file = upload.path.name
    layout = find_layout(file, open_grid(upload.path), choices)
    if layout is None:
        yield nothing(whose(upload, shops, None), file, "")
        return
    for shop, own_words in owners(upload, shops, layout).items():
        today = now.astimezone(ZoneInfo(shop.zone)).date()
        scene = Scene(layout, shop, today, _period(layout, day, today))
        reader = Reader(layout, _money(layout, shop), own_words)
        reader.notes.extend(_remarks(scene))
        batch = _batch(scene, reader, progress)
        yield batch if len(batch.facts) else nothing(shop, file, batch.feed, batch.notes)


def _batch(scene: Scene, reader: Reader, progress: Progress | None) -> Batch:
    export = scene.export
    if export.lines:
        orders = Orders(export, scene.layout.places)
        return by_orders(scene, reader.read(progress, orders.compact), orders)
    table = reader.read(progress)
    if table.frame.empty:
        return replace(
            nothing(scene.shop, scene.layout.file, export.feed), notes=tuple(table.notes)
        )
    return by_rows(scene, table)


def _money(layout: Layout, shop: Shop) -> Money:
    """Return how the shop's currency is written; raises SourceError for a heading in another."""
    known = words().currencies
    if shop.currency not in known:
        raise notes.refusal(
            layout.file,
            f"The shop {shop.key} has the currency {shop.currency}, which is not known here. "
            f"Known: {', '.join(known)}.",
            f"店铺 {shop.key} 的币种 {shop.currency} 不认识。可用：{'、'.join(known)}。",
        )
    for place in layout.places.values():
        if place.sign and shop.currency not in words().named(place.sign):
            raise notes.refusal(
                layout.file,
                f"{layout.file}: the heading “{place.heading}” is in another currency than the "
                f"shop {shop.key} ({shop.currency}). Nothing was taken: export it in the shop's "
                "own currency, or name the shop that it belongs to (--shop).",
                f"{layout.file}：表头「{place.heading}」的币种与店铺 {shop.key}({shop.currency})不同。"
                "整份文件未导入：请按店铺币种重新导出，或用 --shop 指定文件属于哪家店。",
                column=place.heading,
            )
    return known[shop.currency]


def _period(layout: Layout, day: date | None, today: date) -> tuple[date, date] | None:
    """Return the days that a file speaks of: its title, its name, else the day that was given."""
    if layout.export.day != "title":
        return None
    titles = (title_range(text, today) for text in layout.titles())
    found = next(filter(None, titles), None) or name_range(layout.file, today)
    if found is None and day is not None:
        found = day, day
    if found is None:
        raise notes.refusal(
            layout.file,
            f"{layout.file} ({layout.export.name.en}) does not say which day it is of. Name the "
            "day with --day, or put it into the file name (…_20260312 or …_20260301-20260307).",
            f"{layout.file}({layout.export.name.zh})没有写明日期。请用 --day 指定，"
            "或写进文件名（…_20260312 或 …_20260301-20260307）。",
        )
    return found


def _remarks(scene: Scene) -> list[Note]:
    """Tell of headings that are not known, and of an export of several days."""
    told = []
    file = scene.layout.file
    if scene.layout.unknown:
        names = ", ".join(scene.layout.unknown)
        told.append(
            notes.info(
                file,
                f"Columns that are not known and were left out: {names}.",
                f"不认识、未导入的列：{names}。",
            )
        )
    if scene.period and scene.period[0] != scene.period[1]:
        first, last = scene.period
        told.append(
            notes.info(
                file,
                f"{file} covers {first} to {last} as one figure. It is kept as a period; the "
                "morning needs exports of one day each.",
                f"{file} 是 {first} 至 {last} 的合计，按区间保存；日报需要按单日导出的文件。",
            )
        )
    return told
