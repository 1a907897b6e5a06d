"""The elements of a Feishu card that blocks turn into; each uses documented keys only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.card import Words
from bot.feishu import limits
from bot.feishu.text import clean, escape, markdown

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bot.card import Button, Facts, Line, Table
    from bot.feishu.text import Who

BUTTON_TYPES = {"default": "default", "primary": "primary_filled", "danger": "danger"}


def plain_text(text: str) -> dict[str, Any]:
    """Return a text that is shown as it is."""
    return {"tag": "plain_text", "content": clean(text)}


def words(lines: Iterable[Line], who: Who, *, small: bool = False) -> dict[str, Any]:
    """Return lines as one Markdown element; small print is grey."""
    text = _joined([markdown(line, who) for line in lines])
    if small:
        grey = f"<font color='grey'>{text}</font>"
        return {"tag": "markdown", "content": grey, "text_size": "notation"}
    return {"tag": "markdown", "content": text}


def _joined(lines: Sequence[str]) -> str:
    room = limits.TEXT
    for kept, line in enumerate(lines):
        room -= len(line) + 1
        if room < 0:
            return "\n".join([*lines[:kept], f"… (+{len(lines) - kept})"])
    return "\n".join(lines)


def facts(block: Facts, who: Who) -> list[dict[str, Any]]:
    """Return facts side by side, two in a row on a phone."""
    columns = [
        _column(
            {
                "tag": "markdown",
                "content": f"<font color='grey'>{escape(one.label)}</font>\n"
                f"{markdown(one.value, who)}",
            }
        )
        for one in block.items
    ]
    return [_row(columns, "bisect")] if columns else []


def _column(element: dict[str, Any]) -> dict[str, Any]:
    return {
        "tag": "column",
        "width": "weighted",
        "weight": 1,
        "vertical_align": "top",
        "elements": [element],
    }


def _row(columns: list[dict[str, Any]], flex: str) -> dict[str, Any]:
    return {
        "tag": "column_set",
        "flex_mode": flex,
        "background_style": "default",
        "horizontal_spacing": "8px",
        "columns": columns,
    }


def table(block: Table) -> list[dict[str, Any]]:
    """Return the caption and a native table whose cells are texts."""
    names = [f"c{place}" for place in range(len(block.columns))]
    element = {
        "tag": "table",
        "page_size": min(limits.TABLE_PAGE, max(1, len(block.rows))),
        "row_height": "low",
        "header_style": {"background_style": "grey", "bold": True, "lines": 1},
        "columns": [
            {
                "name": name,
                "display_name": clean(heading),
                "data_type": "text",
                "width": "auto",
                "horizontal_align": "left" if place == 0 else "right",
            }
            for place, (name, heading) in enumerate(zip(names, block.columns, strict=True))
        ],
        "rows": [
            {name: clean(cell) for name, cell in zip(names, row, strict=False)}
            for row in block.rows
        ],
    }
    caption = {"tag": "markdown", "content": f"**{escape(block.caption)}**"}
    return [caption, element] if block.caption else [element]


def table_lines(block: Table) -> tuple[Line, ...]:
    """Return a table as lines of words, for where a table is not possible."""
    heading: Line = (Words(" · ".join((block.caption, *block.columns)), bold=True),)
    return (heading, *((Words(" · ".join(row)),) for row in block.rows))


def panel(title: str, elements: list[dict[str, Any]]) -> dict[str, Any]:
    """Return elements that open at a touch."""
    return {
        "tag": "collapsible_panel",
        "expanded": False,
        "header": {"title": plain_text(title)},
        "border": {"color": "grey", "corner_radius": "5px"},
        "elements": elements,
    }


def buttons(items: Sequence[Button], place: int) -> list[dict[str, Any]]:
    """Return a row of three buttons and a second one with the rest, smaller."""
    made = [_button(one, f"b{place}_{number}", number) for number, one in enumerate(items)]
    first, rest = made[: limits.BUTTONS_IN_ROW], made[limits.BUTTONS_IN_ROW :]
    return [_row([_slot(one) for one in part], "flow") for part in (first, rest) if part]


def _slot(element: dict[str, Any]) -> dict[str, Any]:
    return {"tag": "column", "width": "auto", "elements": [element]}


def _button(item: Button, name: str, number: int) -> dict[str, Any]:
    first = number < limits.BUTTONS_IN_ROW
    element: dict[str, Any] = {
        "tag": "button",
        "name": name,
        "text": plain_text(item.label),
        "type": BUTTON_TYPES[item.style] if first else "text",
        "size": "medium" if first else "small",
        "behaviors": [{"type": "callback", "value": {"action": item.action, "value": item.value}}],
    }
    if item.confirm:
        element["confirm"] = {
            "title": plain_text(item.label),
            "text": plain_text(item.confirm),
        }
    return element
