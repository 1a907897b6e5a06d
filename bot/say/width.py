"""How wide a text stands on a screen, where a Chinese character takes two columns."""

from __future__ import annotations

import unicodedata

_WIDE = frozenset("WF")
_NO_WIDTH = frozenset({"Mn", "Me", "Cf", "Cc"})
_TURNS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f")
"""Characters that turn the direction of the text behind them."""


def width(text: str) -> int:
    """Return the columns that a text takes in a terminal or a fixed-width font."""
    return sum(
        0
        if unicodedata.category(letter) in _NO_WIDTH
        else 2
        if unicodedata.east_asian_width(letter) in _WIDE
        else 1
        for letter in text
    )


def clip(text: str, columns: int) -> str:
    """Return a name in one line, at most `columns` wide, with … where something was left out."""
    flat = " ".join("".join(_visible(letter) for letter in text).split())
    if width(flat) <= columns:
        return flat
    room, kept = columns - 1, ""
    for letter in flat:
        room -= width(letter)
        if room < 0:
            break
        kept += letter
    return kept.rstrip() + "…"


def pad(text: str, columns: int, *, right: bool = False) -> str:
    """Return a text filled up with spaces to `columns`; `right` puts it to the right edge."""
    gap = " " * max(0, columns - width(text))
    return gap + text if right else text + gap


def _visible(letter: str) -> str:
    if letter in _TURNS:
        return ""
    return " " if unicodedata.category(letter) == "Cc" else letter
