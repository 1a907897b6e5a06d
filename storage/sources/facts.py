"""What a file's rows add up to: one row of measures per unit and day."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from storage.sources import CURRENCY, notes, zeros
from storage.sources.batches import batch
from storage.sources.dates import moment
from storage.sources.doubles import last_stands, once
from storage.sources.doubts import corrected, of_lines, of_rows, put_together
from storage.sources.rows import measures
from storage.sources.units import by_name, part, session_names, shop_unit, slug

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from diagnostics.panel import Unit
    from storage.sources import Batch, Note, Shop
    from storage.sources.layout import Layout
    from storage.sources.lines import Table
    from storage.sources.orders import Orders
    from storage.sources.rows import Export, Owner


@dataclass(frozen=True)
class Scene:
    """What the rows of one file are seen with: its layout, shop, today in the shop, its days."""

    layout: Layout
    shop: Shop
    today: date
    period: tuple[date, date] | None

    @property
    def export(self) -> Export:
        """Return the kind of export."""
        return self.layout.export

    def at(self, day: date, clock: int) -> datetime:
        """Return a moment in the shop's local time."""
        return moment(day, clock).replace(tzinfo=ZoneInfo(self.shop.zone))


def _batch(
    scene: Scene,
    rows: pd.DataFrame,
    units: Mapping[str, Unit],
    columns: Mapping[str, str],
    table: Table,
) -> Batch:
    """Return the facts with what they were read from, of the measures that came out."""
    file = scene.layout.file
    whole = batch(scene.export.feed, scene.shop, file, scene.today, rows, units, table.notes)
    mine = {key: column for key, column in columns.items() if key in whole.facts}
    sign = {CURRENCY: table.currency} if table.currency else {}
    return replace(whole, columns=mine | sign)


def with_derived(export: Export, frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with the counts that the export gives as rates or under other names."""
    for row in export.derive:
        if row.measure not in frame and {row.of, *filter(None, [row.times])} <= set(frame.columns):
            value = frame[row.of] * frame[row.times] if row.times else frame[row.of]
            frame = frame.assign(**{row.measure: value})
    return frame


def by_rows(scene: Scene, table: Table) -> Batch:
    """Return the facts of an export with one row per unit, hour or session."""
    frame = with_derived(scene.export, table.frame)
    day, span = _days(scene, table, frame)
    units: dict[str, Unit] = {scene.shop.key: shop_unit(scene.shop)}
    parts = []
    for owner in scene.export.units:
        if owner.id and owner.id not in frame and owner.kind != "any":
            continue
        keys = _unit_keys(scene, table, owner, frame, units)
        part_rows = frame.assign(unit=keys, day=day, span=span)
        good = part_rows["unit"].astype(bool) & part_rows["day"].notna()
        parts.append(part_rows[good])
        table.notes.extend(_left_out(scene, owner, int((~good).sum())))
    whole = pd.concat(parts, ignore_index=True)
    if scene.export.single:
        whole, differ = last_stands(whole, ["unit", "day", "span"])
        table.notes.extend(corrected(scene.layout.file, differ))
    found = _batch(scene, whole, units, _columns(scene, whole), table)
    if scene.export.units[0].kind != "any":
        found = zeros.told(found, scene.today)
    return replace(found, doubts=(*found.doubts, *of_rows(found, scene, table)))


def _columns(scene: Scene, frame: pd.DataFrame) -> dict[str, str]:
    """Return, by measure, the column that it was read from or worked out of."""
    told = {key: key for key in scene.layout.places if key in measures() and key in frame}
    for row in scene.export.derive:
        if row.measure in frame and row.measure not in told:
            told[row.measure] = "*".join(filter(None, (row.of, row.times)))
    return told


def _left_out(scene: Scene, owner: Owner, count: int) -> list[Note]:
    place = scene.layout.places.get(owner.id)
    if not count or place is None or owner.kind == "any":
        return []
    return [
        notes.info(
            scene.layout.file,
            f"{count} rows have no “{place.heading}”; they count for no {owner.kind}.",
            f"{count} 行没有「{place.heading}」，不计入对应的单元。",
            column=place.heading,
        )
    ]


def _days(scene: Scene, table: Table, frame: pd.DataFrame) -> tuple[pd.Series[pd.Timestamp], int]:
    """Return the day of each row, and how many days it covers."""
    if scene.export.day == "title":
        assert scene.period is not None
        first, last = scene.period
        return pd.Series(pd.Timestamp(last), index=frame.index), (last - first).days + 1
    return days_of(scene, table, frame[scene.export.clock]), 1


def days_of(scene: Scene, table: Table, codes: pd.Series[int]) -> pd.Series[pd.Timestamp]:
    """Return the dates of date codes; NaT for none."""
    days = table.stamps.days(scene.shop.country, scene.today)
    stamps = np.array([*days, None], dtype="datetime64[D]").astype("datetime64[ns]")
    return pd.Series(stamps[codes.to_numpy()], index=codes.index)


def _unit_keys(
    scene: Scene, table: Table, owner: Owner, frame: pd.DataFrame, units: dict[str, Unit]
) -> list[str]:
    """Return each row's unit key ("" for none) and enter the units."""
    match owner.kind:
        case "shop":
            return [scene.shop.key] * len(frame)
        case "any":
            return _by_hand(scene, table, owner, frame, units)
        case "live":
            return _sessions(scene, table, owner, frame, units)
        case _:
            return _named_units(scene, table, owner, frame, units)


def _moments(scene: Scene, table: Table, frame: pd.DataFrame, key: str) -> list[datetime | None]:
    if key not in frame:
        return [None] * len(frame)
    days = table.stamps.days(scene.shop.country, scene.today)
    found = []
    for code, clock in zip(frame[key], frame[f"{key}.clock"], strict=True):
        day = days[code] if code >= 0 else None
        found.append(None if day is None else scene.at(day, int(clock)))
    return found


def _texts(frame: pd.DataFrame, key: str) -> list[str]:
    return list(frame[key]) if key in frame else [""] * len(frame)


def _parent(scene: Scene, kind: str, handle: str, units: dict[str, Unit]) -> str:
    """Return the key of the account or creator that a handle names, and enter it."""
    if not handle:
        return scene.shop.key
    unit = part(scene.shop, kind, handle)
    return units.setdefault(unit.key, unit).key


def _named_units(
    scene: Scene, table: Table, owner: Owner, frame: pd.DataFrame, units: dict[str, Unit]
) -> list[str]:
    keys = []
    rows = zip(
        frame[owner.id],
        _texts(frame, owner.name),
        _texts(frame, owner.creator),
        _moments(scene, table, frame, owner.started),
        strict=True,
    )
    for name, called, creator, started in rows:
        key = f"{scene.shop.key}/{owner.kind}-{slug(name)}" if name else ""
        keys.append(key)
        if key and key not in units:
            parent = _parent(scene, "creator", creator, units)
            units[key] = part(
                scene.shop, owner.kind, name, called=called, parent=parent, started=started
            )
    return keys


def _by_hand(
    scene: Scene, table: Table, owner: Owner, frame: pd.DataFrame, units: dict[str, Unit]
) -> list[str]:
    """Return the unit that each row's hand-written cell means; without a cell it is the shop."""
    keys = []
    for word in _texts(frame, owner.id):
        unit = by_name(scene.shop, word)
        keys.append(unit.key if unit else "")
        if unit:
            units.setdefault(unit.key, unit)
        else:
            table.notes.append(_no_such_unit(scene.layout, word))
    return keys


def _sessions(
    scene: Scene, table: Table, owner: Owner, frame: pd.DataFrame, units: dict[str, Unit]
) -> list[str]:
    """Return a key per session; its end is its own, else its start and how long it lasted."""
    starts = _moments(scene, table, frame, owner.started)
    ends = _moments(scene, table, frame, owner.ended)
    lengths = frame[owner.lasted] if owner.lasted in frame else pd.Series(np.nan, frame.index)
    known = [index for index, start in enumerate(starts) if start is not None]
    names = dict(zip(known, session_names([s for s in starts if s is not None]), strict=True))
    keys = [""] * len(frame)
    handles, titles = _texts(frame, owner.handle), _texts(frame, owner.name)
    for index in known:
        start, end = starts[index], ends[index]
        if start is not None and end is None and not np.isnan(lengths.iloc[index]):
            end = start + pd.Timedelta(seconds=lengths.iloc[index]).to_pytimedelta()
        parent = _parent(scene, "account", handles[index], units)
        called = titles[index] or f"live-{names[index]}"
        unit = part(
            scene.shop, "live", names[index], called=called, parent=parent, started=start, ended=end
        )
        units[unit.key] = unit
        keys[index] = unit.key
    return keys


def by_orders(scene: Scene, table: Table, orders: Orders) -> Batch:
    """Return the facts of order lines: per shop-day, product-day and creator-day."""
    units: dict[str, Unit] = {scene.shop.key: shop_unit(scene.shop)}
    parts = []
    lines, again = once(table.frame) if len(table.frame) else (table.frame, 0)
    lines = orders.shared(lines) if len(lines) else lines
    for owner in scene.export.units if len(lines) else ():
        if owner.id and owner.id not in orders.ids:
            continue
        keys = [scene.shop.key]
        codes = np.zeros(len(lines), dtype=np.int64)
        if owner.id:
            named = [
                part(scene.shop, owner.kind, name, called=orders.names[owner.id].get(name, ""))
                for name in orders.ids[owner.id]
            ]
            units |= {unit.key: unit for unit in named}
            keys, codes = [unit.key for unit in named], lines[owner.id].to_numpy(dtype=np.int64)
        rows = orders.facts(lines, codes, owner.measures)
        rows = rows.assign(
            unit=[keys[code] for code in rows["unit"]],
            day=days_of(scene, table, rows["day"]),
            span=1,
        )
        parts.append(rows[rows["day"].notna()])
    if orders.not_sold:
        table.notes.append(_not_sold(scene.layout.file, orders.not_sold))
    if again:
        table.notes.append(put_together(scene.layout.file, again))
    whole = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
    found = _batch(scene, whole, units, orders.columns(), table)
    return replace(found, doubts=(*found.doubts, *of_lines(found, scene, table, orders, again)))


def _not_sold(file: str, count: int) -> Note:
    return notes.info(
        file,
        f"{count} lines of sample, replacement or exchange orders were left out.",
        f"{count} 行样品、补发或换货订单未计入。",
    )


def _no_such_unit(layout: Layout, word: str) -> Note:
    return notes.warning(
        layout.file,
        f"“{word}” is no unit: write live-0312, video-…, product-…, creator-… or account-…, or "
        "leave it blank for the shop. The row was left out.",
        f"「{word}」不是单元：请写 live-0312、video-…、product-…、creator-… 或 account-…,"
        "留空表示店铺。该行未导入。",
        column=layout.places["unit"].heading,
    )
