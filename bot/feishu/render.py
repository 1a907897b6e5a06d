"""How a message looks in Feishu: a card of JSON 2.0, said simpler where it would be too much."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, assert_never

from bot.card import (
    Buttons,
    Chart,
    Divider,
    Facts,
    Fold,
    Form,
    Note,
    Paragraph,
    Section,
    Table,
    Words,
    plain,
)
from bot.feishu import chart, limits
from bot.feishu.form import form_element
from bot.feishu.parts import buttons, facts, panel, table, table_lines, words
from bot.feishu.text import clip

if TYPE_CHECKING:
    from bot.card import Block, Card, Line
    from bot.feishu.text import Who


@dataclass(slots=True)
class _Room:
    """How many tables and charts a card may still hold."""

    tables: int
    charts: int


def render(card: Card, who: Who, *, rich: bool = True) -> dict[str, Any]:
    """Return the card as JSON 2.0. `who` gives a person's open_id, or nothing.

    What is too much for the platform is said in a simpler way, in this order: tables and charts
    beyond the allowed number become lines; then all of them do; then the last elements are left
    out, with their number. With `rich` false the card starts at the second step.
    """
    payload = _card(card, who, rich=rich)
    if rich and not fits(payload):
        payload = _card(card, who, rich=False)
    elements: list[dict[str, Any]] = payload["body"]["elements"]
    kept = len(elements)
    while not fits(payload) and kept > 1:
        kept -= 1
        rest = words(((Words(f"… (+{len(elements) - kept})"),),), who, small=True)
        payload["body"]["elements"] = [*elements[:kept], rest]
    return payload


def fits(payload: dict[str, Any]) -> bool:
    """Say whether a card keeps within the limits of size and number."""
    return len(content(payload).encode()) <= limits.BYTES and count(payload) <= limits.ELEMENTS


def content(payload: dict[str, Any]) -> str:
    """Return a payload as the string that the platform wants."""
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def count(part: Any) -> int:
    """Return the number of elements, nested texts included."""
    if isinstance(part, dict):
        return ("tag" in part) + sum(count(value) for value in part.values())
    if isinstance(part, list):
        return sum(count(value) for value in part)
    return 0


def _card(card: Card, who: Who, *, rich: bool) -> dict[str, Any]:
    room = _Room(limits.TABLES, limits.CHARTS) if rich else _Room(0, 0)
    elements = [
        element
        for place, block in enumerate(card.blocks)
        for element in _elements(block, who, room, place)
    ]
    return {
        "schema": "2.0",
        "config": {
            "update_multi": True,
            "width_mode": "fill",
            "summary": {"content": clip(card.summary, limits.SUMMARY)},
        },
        "header": {
            "title": {"tag": "plain_text", "content": clip(plain(card.title), limits.TITLE)},
            "template": card.state,  # the platform's colours have the same names
        },
        "body": {
            "direction": "vertical",
            "vertical_spacing": "8px",
            "elements": elements or [words((card.title,), who)],  # an empty body is refused
        },
    }


def _elements(block: Block, who: Who, room: _Room, place: int) -> list[dict[str, Any]]:
    match block:
        case Fold(title=title, blocks=blocks):
            inside = _Room(0, room.charts)  # a table may only stand at the root
            inner = [part for one in blocks for part in _shown(one, who, inside)]
            room.charts = inside.charts
            elements = [panel(title, inner)] if inner else []
        case Buttons(items=items):
            elements = buttons(items, place)
        case Form():
            elements = [form_element(block, place)]
        case Divider():
            elements = [{"tag": "hr"}]
        case _:
            elements = _shown(block, who, room)
    return elements


def _shown(
    block: Paragraph | Section | Facts | Table | Chart | Note, who: Who, room: _Room
) -> list[dict[str, Any]]:
    match block:
        case Paragraph(lines=lines):
            elements = [words(lines, who)]
        case Section(title=title, lines=lines):
            elements = [words((_bold(title), *lines), who)]
        case Note(lines=lines):
            elements = [words(lines, who, small=True)]
        case Facts():
            elements = facts(block, who)
        case Table():
            elements = _table(block, who, room)
        case Chart():
            elements = _chart(block, who, room)
        case _:
            assert_never(block)
    return elements


def _table(block: Table, who: Who, room: _Room) -> list[dict[str, Any]]:
    if room.tables and block.rows:
        room.tables -= 1
        return table(block)
    return [words(table_lines(block), who)]


def _chart(block: Chart, who: Who, room: _Room) -> list[dict[str, Any]]:
    if room.charts and chart.drawable(block):
        room.charts -= 1
        return [chart.element(block)]
    return [words(chart.lines(block), who)]


def _bold(title: Line) -> Line:
    return tuple(replace(one, bold=True) if isinstance(one, Words) else one for one in title)
