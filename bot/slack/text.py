"""Words as Slack shows them: the one place where text is made harmless before it goes out."""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise
from typing import TYPE_CHECKING, assert_never

from bot.card import Line, Mention, When, Words

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.card import Span, State
    from diagnostics.reading import Light

LIGHTS: dict[Light, str] = {"green": "🟢", "yellow": "🟡", "red": "🔴", "grey": "⚪"}
STATES: dict[State, str] = {
    "red": "🔴",
    "orange": "🟠",
    "yellow": "🟡",
    "green": "🟢",
    "grey": "⚪",
    "blue": "",
}
_USER = re.compile(r"<@[UW][A-Z0-9]{2,}>")
_SPACE = re.compile(r"\s+")
_BROKEN_END = re.compile(r"(?:&[a-z]{0,3}|<[^>]*)$")
_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn"}
_JOINERS = "\u200d\ufe0f"
"""Kept though invisible: they hold emoji together."""
_EDGE = "\u200b"
"""Slack reads `*` as bold only at the edge of a word; Chinese has no spaces that would make one."""


def clean(text: str) -> str:
    """Return text in one line, composed (NFC), without control, bidi and zero-width characters."""
    one_line = _SPACE.sub(" ", unicodedata.normalize("NFC", text))
    return "".join(
        char for char in one_line if char in _JOINERS or unicodedata.category(char) not in _HIDDEN
    )


def mrkdwn(text: str) -> str:
    """Return text that Slack's markup shows as it is: it can ping nobody and format nothing."""
    shown = clean(text).replace("*", "∗").replace("`", "ʼ")
    return shown.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def raw(text: str) -> str:
    """Return text for places without markup, where an entity might be shown as an entity."""
    return clean(text).replace("<", "‹").replace(">", "›")


def cut(text: str, limit: int) -> str:
    """Return at most `limit` characters, "…" at the end when cut; never half an entity or tag."""
    if len(text) <= limit:
        return text
    kept = _BROKEN_END.sub("", text[: limit - 2])
    return kept + "…" + ("*" if kept.count("*") % 2 else "")


def bold(text: str) -> str:
    """Return escaped text in bold, its outer spaces outside of the marks."""
    core = text.strip()
    if not core:
        return text
    lead = text[: len(text) - len(text.lstrip())]
    return f"{lead}*{core}*{text[len(text.rstrip()) :]}"


def ping(mention: Mention, naming: Callable[[Mention], str]) -> str:
    """Return what pings a person when `naming` knows one, else the name as plain words."""
    named = naming(mention)
    return named if _USER.fullmatch(named) else mrkdwn(f"@{mention.name}")


def _span(span: Span, naming: Callable[[Mention], str]) -> str:
    match span:
        case Words(text=text, bold=is_bold, light=light):
            shown = bold(mrkdwn(text)) if is_bold else mrkdwn(text)
            return f"{LIGHTS[light]} {shown}" if light else shown
        case Mention():
            return ping(span, naming)
        case When(epoch=epoch, fallback=fallback):
            said = mrkdwn(fallback).replace("|", "/").replace("^", "")
            return f"<!date^{epoch}^{{date_short_pretty}} {{time}}|{said or epoch}>"
        case _:
            assert_never(span)


def marked(line: Line, naming: Callable[[Mention], str]) -> str:
    """Return a line in Slack's markup; bold words beside each other become one bold run."""
    parts = [part for part in (_span(span, naming) for span in line) if part]
    joined = parts[:1]
    for before, after in pairwise(parts):
        touching = not before[-1].isspace() and not after[0].isspace()
        edge = _EDGE if touching and (before[-1] == "*" or after[0] == "*") else ""
        joined.append(edge + after)
    return "".join(joined).replace(f"*{_EDGE}*", "").replace("* *", " ")


def unmarked(line: Line) -> str:
    """Return a line for a place that takes plain text only."""
    parts = []
    for span in line:
        match span:
            case Words(text=text, light=light):
                parts.append(f"{LIGHTS[light]} {text}" if light else text)
            case Mention(name=name):
                parts.append(f"@{name}")
            case When(fallback=fallback):
                parts.append(fallback)
            case _:
                assert_never(span)
    return raw("".join(parts))
