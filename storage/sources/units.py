"""Whose figures they are: the units that an export's rows speak of, with their keys."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, cast

from diagnostics.panel import Unit
from storage.sources.rows import plain

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from diagnostics.book.rows import Kind
    from storage.sources import Shop

KINDS = ("live", "video", "product", "creator", "account")


def slug(text: str) -> str:
    """Return a name in lower case with "-" for what cannot stand in a command."""
    return re.sub(r"[^\w.]+", "-", plain(text).removeprefix("@")).strip("-") or "x"


def shop_unit(shop: Shop) -> Unit:
    """Return the shop itself as a unit."""
    return Unit(
        shop.key,
        "shop",
        shop.name,
        shop=shop.key,
        country=shop.country,
        category=shop.category,
        stage=shop.stage,
        currency=shop.currency,
    )


def part(
    shop: Shop,
    kind: str,
    name: str,
    *,
    called: str = "",
    parent: str = "",
    started: datetime | None = None,
    ended: datetime | None = None,
) -> Unit:
    """Return a unit inside a shop; `name` is its id or handle, `called` what people call it."""
    return Unit(
        f"{shop.key}/{kind}-{slug(name)}",
        cast("Kind", kind),
        called or name,
        shop=shop.key,
        parent=parent or shop.key,
        country=shop.country,
        category=shop.category,
        stage=shop.stage,
        currency=shop.currency,
        started=started,
        ended=ended,
    )


def session_names(starts: Sequence[datetime]) -> list[str]:
    """Return "0312", "0312-2" … for sessions by start; the year only where a file has two."""
    years = {(start.year, start.month, start.day) for start in starts}
    twice = Counter((month, day) for _, month, day in years)
    names = [""] * len(starts)
    seen: Counter[str] = Counter()
    for index in sorted(range(len(starts)), key=lambda i: starts[i]):
        start = starts[index]
        name = f"{start:%m%d}"
        if twice[start.month, start.day] > 1:
            name = f"{start:%Y-%m%d}"
        seen[name] += 1
        names[index] = name if seen[name] == 1 else f"{name}-{seen[name]}"
    return names


def by_name(shop: Shop, word: str) -> Unit | None:
    """Return the unit that a hand-written cell means; None where its kind cannot be told."""
    name = plain(word).removeprefix(f"{shop.key}/")
    if name in {"", plain(shop.key), plain(shop.name), "shop", "店铺"}:
        return shop_unit(shop)
    kind, _, rest = name.partition("-")
    return part(shop, kind, rest, called=word) if kind in KINDS and rest else None
