"""Reads a Markdown table of days into rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Row:
    """One day: what is done to its figures, and what must be said next morning."""

    day: date
    what: str
    factors: dict[str, float]
    orders: str
    """"late", "short" or empty: how the orders file comes."""
    short: float
    acks: bool
    says: tuple[str, ...]
    silent: tuple[str, ...]
    alerts: tuple[str, ...]
    again: tuple[date, ...]
    """Earlier days that must read as ordinary now."""


def rows(path: Path) -> list[Row]:
    """Return the rows of the file's one table."""
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line[:3] == "| 2"]
    return [_row([cell.strip() for cell in line.strip("|").split("|")]) for line in lines]


def _row(cells: list[str]) -> Row:
    day, what, figures, team, first_line, alerts, again = cells
    factors, orders, short = {}, "", 1.0
    for change in _listed(figures):
        name, *rest = change.split()
        if name == "orders":
            orders, short = rest[0], _factor(rest[-1]) if len(rest) > 1 else 1.0
        else:
            factors[name] = _factor(rest[0])
    words = _listed(first_line)
    return Row(
        day=date.fromisoformat(day),
        what=what,
        factors=factors,
        orders=orders,
        short=short,
        acks=team == "ack",
        says=tuple(word for word in words if not word.startswith("!")),
        silent=tuple(word[1:] for word in words if word.startswith("!")),
        alerts=tuple(_listed(alerts.replace("-", "") if alerts == "-" else alerts)),
        again=tuple(date.fromisoformat(one.split()[0]) for one in _listed(again)),
    )


def _listed(cell: str) -> list[str]:
    return [part.strip() for part in cell.split(",") if part.strip()]


def _factor(text: str) -> float:
    return float(text.removeprefix("x"))
