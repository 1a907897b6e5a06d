"""A message without any layout that could be refused: the last way to say the same facts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, assert_never

from bot.card import (
    Buttons,
    Chart,
    Divider,
    Facts,
    Fold,
    Form,
    Mention,
    Note,
    Paragraph,
    Section,
    Table,
    Words,
    plain,
)
from bot.cardjson import dumps, loads
from bot.feishu import chart, limits
from bot.feishu.parts import table_lines
from bot.feishu.text import OPEN_ID, clip, mask

if TYPE_CHECKING:
    from bot.card import Block, Card, Line, Span
    from bot.feishu.text import Who

LOCALES = {"zh": "zh_cn", "en": "en_us"}
OURS = frozenset(
    {"is", "value", "action", "person", "state", "lang", "kind", "style", "light", "name"}
)
"""Parts of a card that are ids or words of our own, never a text that people wrote."""


def post(card: Card, who: Who) -> dict[str, Any]:
    """Return the card's facts as a post; what is too long is left out, with its number."""
    rows = [
        [_span(span, who) for span in line]
        for block in card.blocks
        for line in _lines(block)
        if line
    ] or [[_span(span, who) for span in card.title]]
    title = clip(plain(card.title), limits.TITLE)
    kept = len(rows)
    payload = _payload(card, title, rows)
    while kept > 1 and len(json.dumps(payload, ensure_ascii=False).encode()) > limits.BYTES:
        kept -= 1
        rest = [{"tag": "text", "text": f"… (+{len(rows) - kept})"}]
        payload = _payload(card, title, [*rows[:kept], rest])
    return payload


def masked(card: Card) -> Card:
    """Return the card with e-mail addresses and phone numbers blacked out in all its texts."""
    return loads(json.dumps(_hide(json.loads(dumps(card)))))


def _hide(value: Any, key: str = "") -> Any:
    if isinstance(value, dict):
        return {name: _hide(part, name) for name, part in value.items()}
    if isinstance(value, list):
        return [_hide(part, key) for part in value]
    return mask(value) if isinstance(value, str) and key not in OURS else value


def _payload(card: Card, title: str, rows: list[list[dict[str, Any]]]) -> dict[str, Any]:
    return {LOCALES[card.lang]: {"title": title, "content": rows}}


def _lines(block: Block) -> tuple[Line, ...]:
    match block:
        case Paragraph(lines=lines) | Note(lines=lines):
            found = lines
        case Section(title=title, lines=lines):
            found = (title, *lines)
        case Facts(items=items):
            found = tuple((Words(f"{one.label}: "), *one.value) for one in items)
        case Fold(title=title, blocks=blocks):
            found = ((Words(title),), *(line for one in blocks for line in _lines(one)))
        case Form(fields=fields):
            found = tuple((Words(f"· {one.label}"),) for one in fields)
        case Table() | Chart() | Divider() | Buttons():
            found = _drawn(block)
        case _:
            assert_never(block)
    return found


def _drawn(block: Table | Chart | Divider | Buttons) -> tuple[Line, ...]:
    match block:
        case Table():
            return table_lines(block)
        case Chart():
            return chart.lines(block)
        case Divider() | Buttons():
            return ()
        case _:
            assert_never(block)


def _span(span: Span, who: Who) -> dict[str, Any]:
    if isinstance(span, Mention) and OPEN_ID.fullmatch(who(span)):
        return {"tag": "at", "user_id": who(span)}
    return {"tag": "text", "text": clip(plain((span,)), limits.SPAN)}
