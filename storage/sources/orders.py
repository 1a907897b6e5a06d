"""What order lines add up to: lines become small at the door, then orders, then a day's facts.

GMV of orders: items after the seller's and the platform's discount, without shipping and tax; paid
orders, also those refunded later. An order cancelled before it was paid (cash on delivery that was
never delivered counts as unpaid) is left out. Sample, replacement and exchange orders are left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from storage.sources.doubles import Hours
from storage.sources.rows import plain, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from storage.sources.rows import Export, Line

Flags = "NDArray[np.bool_]"


class Orders:
    """Order lines of one file in compact form (about 50 bytes each) and the ids they speak of."""

    def __init__(self, export: Export, places: Iterable[str]) -> None:
        self.export = export
        self.places = frozenset(places)
        self.ids: dict[str, dict[str, int]] = {
            owner.id: {} for owner in export.units if owner.id in self.places
        }
        self.names: dict[str, dict[str, str]] = {key: {} for key in self.ids}
        self.not_sold = 0
        self.hours = Hours()

    def compact(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return a chunk as numbers: date code, hashed order, ids as codes, flags, amounts."""
        sold = ~self._class(frame, "not_sold", "order_type", "normal", "status")
        self.not_sold += int((~sold).sum())
        frame = frame.loc[sold].reset_index(drop=True)
        flags = self._flags(frame)
        clock = self.export.clock
        self.hours.add(frame[clock].to_numpy(), frame[f"{clock}.clock"].to_numpy())
        order = (
            frame["case"].where(frame["case"] != "", frame["order"]) if "case" in frame else None
        )
        kept: dict[str, object] = {
            "day": frame[self.export.clock].to_numpy(),
            "order": _hashed(frame["order"] if order is None else order),
        }
        for owner in self.export.units:
            if owner.id in self.ids:
                kept[owner.id] = self._codes(owner.id, frame[owner.id])
                if owner.name in frame:
                    self.names[owner.id].update(
                        zip(frame[owner.id], frame[owner.name], strict=True)
                    )
        for line in self.export.lines:
            for key in self._sources(line):
                kept[key] = frame[key].to_numpy()
        if "refund" in kept and "cancelled" in flags:
            kept["refund"] = _refund(frame, flags)
        return pd.DataFrame(kept | {f"is {key}": some for key, some in flags.items()})

    def shared(self, lines: pd.DataFrame) -> pd.DataFrame:
        """Return the lines with amounts that are stated once per order shared out over its lines."""
        for key in {key for line in self.export.lines if line.once for key in self._sources(line)}:
            weight = lines["net"] if "net" in lines else pd.Series(1.0, index=lines.index)
            whole = weight.groupby(lines["order"]).transform("sum")
            count = weight.groupby(lines["order"]).transform("size")
            amounts = lines[key].groupby(lines["order"])
            repeated = amounts.transform("min") == amounts.transform("max")
            share = (weight / whole).where(whole > 0, 1 / count)
            lines = lines.assign(**{key: (lines[key] * share).where(repeated, lines[key])})
        return lines

    def facts(
        self, lines: pd.DataFrame, unit: NDArray[np.int64], allowed: tuple[str, ...]
    ) -> pd.DataFrame:
        """Return measures per (unit, day code); `unit` gives each line's unit, -1 = none."""
        lines = lines.assign(unit=unit)[(unit >= 0) & (lines["day"] >= 0).to_numpy()]
        base = lines[["unit", "day"]].drop_duplicates().set_index(["unit", "day"]).sort_index()
        columns: dict[str, pd.Series[float]] = {}
        for line in self.export.lines:
            if self._can(line) and (not allowed or line.measure in allowed):
                columns[line.measure] = self._measure(line, lines).reindex(
                    base.index, fill_value=0.0
                )
        return pd.DataFrame(columns, index=base.index).reset_index()

    def columns(self) -> dict[str, str]:
        """Return, by measure, the columns that it is read from, and what tells of payment."""
        paid = "paid_at" if "paid_at" in self.places else "status"
        told = {}
        for line in self.export.lines:
            if self._can(line):
                parts = [*self._sources(line), *([paid] if "paid" in line.where else [])]
                told[line.measure] = "+".join(parts)
        return told

    def _measure(self, line: Line, lines: pd.DataFrame) -> pd.Series[float]:
        chosen = np.ones(len(lines), dtype=bool)
        for flag in line.where:
            chosen &= lines[f"is {flag}"].to_numpy()
        some = lines[chosen]
        if line.count:
            counted = some.drop_duplicates(["unit", "day", "order"])
            return counted.groupby(["unit", "day"]).size().astype(float)
        values = pd.concat([self._amount(key, some) for key in self._sources(line)], axis=1)
        total = values.sum(axis=1, min_count=1)
        return total.groupby([some["unit"], some["day"]]).sum(min_count=1)

    def _amount(self, key: str, lines: pd.DataFrame) -> pd.Series[float]:
        """Return an amount per line; a cost that the file writes below zero is turned."""
        amount = lines[key]
        turned = self.export.columns[key].read == "cost" and np.nansum(amount) < 0
        return -amount if turned else amount

    def _sources(self, line: Line) -> list[str]:
        """Return the columns that a sum adds up; of "a|b" the first that the file has."""
        found = (next((k for k in some.split("|") if k in self.places), "") for some in line.sum)
        return [key for key in found if key]

    def _can(self, line: Line) -> bool:
        return (line.count or bool(self._sources(line))) and self.places.issuperset(line.needs)

    def _codes(self, key: str, texts: pd.Series[str]) -> NDArray[np.int32]:
        ids = self.ids[key]
        return np.array(
            [ids.setdefault(text, len(ids)) if text else -1 for text in texts], dtype=np.int32
        )

    def _class(self, frame: pd.DataFrame, name: str, *columns: str) -> NDArray[np.bool_]:
        """Say of each line whether one of the columns holds a word of that class."""
        found = np.zeros(len(frame), dtype=bool)
        for column in columns:
            if column in frame:
                texts = frame[column]
                some = {text for text in texts.unique() if plain(text) in words().orders[name]}
                found |= texts.isin(some).to_numpy()
        return found

    def _flags(self, frame: pd.DataFrame) -> Mapping[str, NDArray[np.bool_]]:
        """Return what holds of each line."""
        cancelled = self._class(frame, "cancelled", "status", "cancel_type")
        delivered = self._class(frame, "delivered", "status")
        if "cancelled_at" in frame:
            cancelled |= frame["cancelled_at"].to_numpy()
        if "delivered_at" in frame:
            delivered |= frame["delivered_at"].to_numpy()
        unpaid = self._class(frame, "unpaid", "status")
        if "paid_at" in frame:
            at_door = self._class(frame, "pays_at_door", "payment_method")
            unpaid |= ~frame["paid_at"].to_numpy() & ~at_door
            unpaid |= cancelled & ~delivered & at_door
        else:
            unpaid |= cancelled
        refunded = self._class(frame, "refunded", "cancel_type", "status")
        refunded |= self._class(frame, "yes", "returned")
        if "refund" in frame:
            refunded |= ~cancelled & (frame["refund"].to_numpy() > 0)
        return {
            "paid": ~unpaid,
            "cancelled": cancelled,
            "delivered": delivered,
            "refunded": refunded & ~cancelled,
            "sale": ~self._class(frame, "advert", "type"),
            "open": ~self._class(frame, "voided", "status"),
        } | _reasons(frame)


def _reasons(frame: pd.DataFrame) -> dict[str, NDArray[np.bool_]]:
    """Return the class of each line's refund reason, "other" where no word tells."""
    if "reason" not in frame:
        return {}
    kinds = {text: reason_class(text) for text in frame["reason"].unique()}
    found = frame["reason"].map(kinds).to_numpy()
    return {key: np.asarray(found == key) for key in (*words().reasons, "other")}


def reason_class(text: str) -> str:
    """Return quality, late, mismatch or other for a reason in any known language."""
    said = plain(text)
    return next((key for key, some in words().reasons.items() if some.search(said)), "other")


def _refund(frame: pd.DataFrame, flags: Mapping[str, NDArray[np.bool_]]) -> NDArray[np.float64]:
    """Return the refund of each line where a blank is told by the status.

    Neither refunded nor cancelled: nothing was given back. Cancelled after payment: all of it was.
    """
    refund = frame["refund"].to_numpy(dtype=float)
    blank = np.isnan(refund)
    quiet = blank & ~flags["refunded"] & ~flags["cancelled"]
    refund = np.where(quiet, 0.0, refund)
    if "net" in frame:
        whole = frame["net"].groupby(frame["order"]).transform("sum").to_numpy(dtype=float)
        refund = np.where(blank & flags["cancelled"] & flags["paid"], whole, refund)
    return refund


def _hashed(ids: pd.Series[str]) -> NDArray[np.uint64]:
    """Return 64-bit hashes: two of a million orders collide once in 30 million files."""
    return pd.util.hash_array(ids.to_numpy(dtype=object))
