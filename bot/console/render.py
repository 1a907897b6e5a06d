"""A card as a terminal shows it: a coloured rule at the left, figures aligned, charts in blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from bot.card import (
    DOTS,
    Block,
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
    When,
    Words,
)
from bot.console.charts import drawn
from bot.console.wrap import Styled, shown, wrap
from bot.say.width import clip, pad, width

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bot.card import Card, Line, State
    from diagnostics.book.rows import Lang

_RULE = "▌ "
_COLORS: dict[State, str] = {
    "red": "31",
    "yellow": "33",
    "green": "32",
    "grey": "90",
    "blue": "34",
    "orange": "38;5;208",
}
_BOLD, _DIM, _MENTION, _BUTTON = "1", "2", "1;36", "7"
_LABEL = 20
_CELL = 26
_NARROWEST = 24
_BUTTONS_SHOWN = 3

Lines = list[list[Styled]]


def render(card: Card, width: int = 100, *, color: bool = True) -> str:
    """Return the card as text of at most `width` columns; `color` adds ANSI codes."""
    room = max(_NARROWEST, width) - len(_RULE)
    lines = _wrapped(card.title, room, style=_BOLD)
    before: Block | None = None
    for block in card.blocks:
        if before is None or _apart(before, block):
            lines.append([])
        lines += _block(block, room, card.lang)
        before = block
    rule = Styled(_RULE, _COLORS[card.state])
    text = (shown((rule, *line), color=color).rstrip() for line in lines)
    return "\n".join(text) + "\n"


def _apart(before: Block, block: Block) -> bool:
    """Say whether an empty line stands between two blocks."""
    if isinstance(block, Section | Table | Chart | Form | Divider):
        return not isinstance(block, Divider)
    figures = isinstance(before, Facts | Paragraph) and isinstance(block, Facts | Paragraph)
    return type(before) is not type(block) and not figures


def _block(block: Block, room: int, lang: Lang) -> Lines:
    match block:
        case Paragraph(lines):
            shown_lines = _each(lines, room)
        case Section(title, lines):
            shown_lines = [*_wrapped(title, room), *_each(lines, room, indent=3)]
        case Note(lines):
            shown_lines = _each(lines, room, style=_DIM)
        case Divider():
            shown_lines = [[Styled("─" * room, _DIM)]]
        case Facts() | Table() | Chart():
            shown_lines = _numbers(block, room, lang)
        case Fold(title, blocks):
            inner = [line for one in blocks for line in _block(one, room - 2, lang)]
            head = wrap([Styled(f"▸ {title}", _BOLD)], room)
            shown_lines = [*head, *([Styled("  "), *line] for line in inner)]
        case Buttons():
            shown_lines = _buttons(block, room)
        case Form():
            shown_lines = _form(block, room)
        case _:
            assert_never(block)
    return shown_lines


def _numbers(block: Facts | Table | Chart, room: int, lang: Lang) -> Lines:
    match block:
        case Facts():
            return _facts(block, room)
        case Table():
            return _table(block, room)
        case Chart():
            return drawn(block, room, lang)
        case _:
            assert_never(block)


def _styled(line: Line, style: str = "") -> list[Styled]:
    result: list[Styled] = []
    for span in line:
        match span:
            case Words(text, bold, light):
                dot = f"{DOTS[light]} " if light else ""
                result.append(Styled(dot + _printable(text), _BOLD if bold else style))
            case Mention(name=name):
                result.append(Styled(f"@{_printable(name)}", _MENTION))
            case When(fallback=fallback):
                result.append(Styled(fallback, style))
            case _:
                assert_never(span)
    return result


def _printable(text: str) -> str:
    """Return text without control characters, which could steer the terminal."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def _wrapped(line: Line, room: int, *, style: str = "", indent: int = 0) -> Lines:
    hang = indent + (2 if indent == 0 else 0)
    lead = [Styled(" " * indent)] if indent else []
    return wrap([*lead, *_styled(line, style)], room, hang=hang)


def _each(lines: Iterable[Line], room: int, *, style: str = "", indent: int = 0) -> Lines:
    return [one for line in lines for one in _wrapped(line, room, style=style, indent=indent)]


def _facts(facts: Facts, room: int) -> Lines:
    margin = min(_LABEL, max((width(item.label) for item in facts.items), default=0)) + 2
    lines: Lines = []
    for item in facts.items:
        label = Styled(pad(clip(item.label, _LABEL), margin), _DIM)
        if width(item.label) > _LABEL:
            label = Styled(f"{item.label}  ", _DIM)
        lines += wrap([label, *_styled(item.value)], room, hang=margin)
    return lines


def _table(table: Table, room: int) -> Lines:
    """Return aligned columns, or one group of lines per row where they do not fit.

    There the second and the last cell go without their heading: a value and a verdict.
    """
    cells = [tuple(clip(_printable(cell), _CELL) for cell in row) for row in table.rows]
    wide = [
        max(width(row[place]) for row in (table.columns, *cells))
        for place in range(len(table.columns))
    ]
    if sum(wide) + 2 * (len(wide) - 1) > room:
        return _stacked(table, room)
    rows = [[Styled(_row(table.columns, wide), _DIM)]]
    return rows + [[Styled(_row(row, wide))] for row in cells]


def _row(cells: Sequence[str], wide: Sequence[int]) -> str:
    parts = (
        pad(cell, columns, right=place > 0)
        for place, (cell, columns) in enumerate(zip(cells, wide, strict=True))
    )
    return "  ".join(parts).rstrip()


def _stacked(table: Table, room: int) -> Lines:
    lines: Lines = []
    bare = {1, len(table.columns) - 1}
    for first, *rest in table.rows:
        said = [
            cell if place in bare else f"{table.columns[place]} {cell}"
            for place, cell in enumerate(rest, start=1)
            if cell not in {"", "–"}
        ]
        parts = [Styled(f"{_printable(first)}  ", _BOLD), Styled(_printable(" · ".join(said)))]
        lines += wrap(parts, room, hang=2)
    return lines


def _buttons(buttons: Buttons, room: int) -> Lines:
    parts: list[Styled] = []
    for item in buttons.items[:_BUTTONS_SHOWN]:
        parts += [Styled(f" {item.label} ", _BUTTON), Styled("  ")]
    rest = buttons.items[_BUTTONS_SHOWN:]
    if rest:
        parts.append(Styled("⋯ " + " / ".join(item.label for item in rest), _DIM))
    framed = [
        Styled(f"[{part.text.strip()}]" if part.style == _BUTTON else part.text, part.style)
        for part in parts
    ]
    return wrap(framed, room, hang=2)


def _form(form: Form, room: int) -> Lines:
    lines: Lines = []
    for item in form.fields:
        lines += wrap([Styled(item.label, _BOLD)], room, hang=3)
        choices = " / ".join(label for _value, label in item.options)
        lines += [
            line
            for text in (item.hint, choices)
            if text
            for line in wrap([Styled(f"   {text}", _DIM)], room, hang=3)
        ]
    lines += wrap([Styled(f"[{form.submit}]", _BUTTON)], room)
    return lines
