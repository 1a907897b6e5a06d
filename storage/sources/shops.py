"""Which shop a file belongs to: told, by its name or folder, by its currency, or asked for."""

from __future__ import annotations

import re
from itertools import chain, islice
from typing import TYPE_CHECKING

from storage.sources.cells import missing, words_of
from storage.sources.notes import refusal
from storage.sources.rows import normal, plain, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from storage.sources import Shop, Upload
    from storage.sources.cells import Cell
    from storage.sources.layout import Layout


def whose(upload: Upload, shops: Sequence[Shop], layout: Layout | None) -> Shop:
    """Return the shop of a file; raises SourceError saying how to name it."""
    if upload.shop is not None:
        return upload.shop
    named = _named(upload, shops)
    if named is not None:
        return named
    possible = _currencies(upload, layout, shops)
    able = [shop for shop in shops if shop.currency in possible]
    if len(able) == 1:
        return able[0]
    keys = ", ".join(shop.key for shop in shops)
    raise refusal(
        upload.path.name,
        f"{upload.path.name} does not say which shop it belongs to. Name it with --shop, or put "
        f"the shop's key into the file name or the folder's name. Shops: {keys or 'none set up'}.",
        f"看不出 {upload.path.name} 属于哪家店。请用 --shop 指定，或把店铺 key 写进文件名或文件夹名。"
        f"现有店铺：{keys or '尚未设置'}。",
    )


def owners(
    upload: Upload, shops: Sequence[Shop], layout: Layout
) -> dict[Shop, frozenset[str] | None]:
    """Return whose rows a file holds: one shop's, or by the words in its shop column.

    Raises SourceError for a word that is no shop's name.
    """
    place = layout.places.get("shop")
    if place is None:
        return {whose(upload, shops, layout): None}
    found: dict[Shop, set[str]] = {}
    for word in _words_at(layout, place.at):
        shop = shop_called(word, shops) if word else whose(upload, shops, layout)
        if shop is None:
            keys = ", ".join(shop.key for shop in shops)
            raise refusal(
                layout.file,
                f"{layout.file} names the shop “{word}”, which is not set up. Shops: {keys}.",
                f"{layout.file} 里的店铺「{word}」尚未设置。现有店铺：{keys}。",
                column=place.heading,
            )
        found.setdefault(shop, set()).add(word)
    some = {shop: frozenset(said) for shop, said in found.items()}
    return {**some} or {upload.shop or shops[0]: None}


def _words_at(layout: Layout, at: int) -> dict[str, None]:
    """Return the different words of a column below the headings, in order, blank rows aside."""
    rows = chain.from_iterable(layout.sheet.chunks())
    below = islice(rows, layout.header + 1, None)
    return {words_of(row[at]) if at < len(row) else "": None for row in below if any(row)}


def shop_called(word: str, shops: Iterable[Shop]) -> Shop | None:
    """Return the shop that a word names exactly: its key, name or another name."""
    wanted = normal(word)
    for shop in shops:
        if wanted in {normal(name) for name in (shop.key, shop.name, *shop.names) if name}:
            return shop
    return None


def _named(upload: Upload, shops: Sequence[Shop]) -> Shop | None:
    """Return the shop with the longest name in the file name, else the folder's shop."""
    stem = normal(upload.path.stem)
    hits = [
        (len(normal(name)), shop)
        for shop in shops
        for name in (shop.key, shop.name, *shop.names)
        if name and normal(name) in stem
    ]
    best = max((length for length, _ in hits), default=0)
    found = {shop.key: shop for length, shop in hits if length == best}
    if len(found) == 1:
        return next(iter(found.values()))
    return shop_called(upload.path.resolve().parent.name, shops)


def _currencies(upload: Upload, layout: Layout | None, shops: Sequence[Shop]) -> set[str]:
    """Return the currencies that file name, headings and first cells allow; all if unsaid."""
    possible = {shop.currency for shop in shops}
    tokens = set(re.split(r"[^a-z]+", plain(upload.path.stem)))
    named = {code for code in words().currencies if plain(code) in tokens}
    possible = possible & named if named else possible
    if layout is None:
        return possible
    for place in layout.places.values():
        if place.sign:
            possible &= set(words().named(place.sign))
        if place.column.read not in {"money", "cost", "currency"}:
            continue
        for row in layout.sheet.head[layout.header + 1 :]:
            signs = _signs(row[place.at]) if place.at < len(row) else ()
            if signs:
                possible &= set(signs)
    return possible


def _signs(cell: Cell) -> tuple[str, ...]:
    if not isinstance(cell, str) or missing(cell):
        return ()
    letters = "".join(sign for sign in plain(cell) if not sign.isdigit() and sign not in " .,-+()")
    return words().named(letters)
