"""A message as plain data, the same for every platform: what is said, not how it looks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from diagnostics.book.rows import Lang
    from diagnostics.reading import Light

State = Literal["red", "yellow", "green", "grey", "blue", "orange"]
"""The state a card's colour shows: red breach, orange acknowledged, green well, blue digest."""
DOTS: Mapping[Light, str] = {"red": "🔴", "yellow": "🟡", "green": "🟢", "grey": "⚪"}
"""The dot that a renderer puts before words with a light."""


@dataclass(frozen=True, slots=True)
class Words:
    """Plain text; whatever stands in it is shown as it is and can ping nobody."""

    text: str
    bold: bool = False
    light: Light | None = None
    """A coloured dot (`DOTS`) stands before the text; it never carries the meaning alone."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A person who is pinged; `person` is the key in the settings, `name` the fallback."""

    person: str
    name: str


@dataclass(frozen=True, slots=True)
class When:
    """A moment, shown in the reader's own time zone where the platform can. Epoch seconds."""

    epoch: int
    fallback: str


Span = Words | Mention | When
Line = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Some lines under each other."""

    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A titled group of lines: one finding, one part of a form."""

    title: Line
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Fact:
    """A label with its value, such as "GMV" with "£8,412 ▼ (range ...)"."""

    label: str
    value: Line


@dataclass(frozen=True, slots=True)
class Facts:
    """Facts side by side where there is room."""

    items: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of short cells under headings; `caption` says what it shows (for screen readers)."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Series:
    """One line or one set of bars; None = no data on that place."""

    name: str
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """A native chart. `unit` stands on the axis; `shown` are the values as people read them."""

    kind: Literal["line", "bar", "funnel"]
    title: str
    categories: tuple[str, ...]
    series: tuple[Series, ...]
    unit: str = ""
    shown: tuple[str, ...] = ()
    """For a funnel: the formatted count of each category."""


@dataclass(frozen=True, slots=True)
class Note:
    """Small print: data freshness, conventions, ids."""

    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Divider:
    """A thin line."""


@dataclass(frozen=True, slots=True)
class Fold:
    """Details behind a click where the platform can fold; else in the message's thread."""

    title: str
    blocks: tuple[Paragraph | Section | Facts | Table | Chart | Note, ...]


@dataclass(frozen=True, slots=True)
class Button:
    """`action` is a registered word (ack, review, snooze ...), `value` its ids."""

    action: str
    label: str
    value: str
    style: Literal["default", "primary", "danger"] = "default"
    confirm: str = ""


@dataclass(frozen=True, slots=True)
class Buttons:
    """At most three are shown; the rest goes behind the overflow where there is one."""

    items: tuple[Button, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """A question of a form; with `options` (value, label) a choice, else a text."""

    name: str
    label: str
    hint: str = ""
    options: tuple[tuple[str, str], ...] = ()
    required: bool = False
    multiline: bool = True


@dataclass(frozen=True, slots=True)
class Form:
    """Questions that are answered together."""

    action: str
    value: str
    fields: tuple[Field, ...]
    submit: str


Block = Paragraph | Section | Facts | Table | Chart | Note | Divider | Fold | Buttons | Form


@dataclass(frozen=True, slots=True)
class Card:
    """A message: `summary` is the notification text and alone states scope, day and verdict."""

    state: State
    title: Line
    summary: str
    blocks: tuple[Block, ...]
    lang: Lang
    tells: tuple[str, ...] | None = None
    """The keys of the findings that a digest tells of; None where that is not kept."""


def say(text: str, *, bold: bool = False, light: Light | None = None) -> Words:
    """Return a span of words."""
    return Words(text, bold=bold, light=light)


def line(*parts: Span | str) -> Line:
    """Return a line of spans; a string is plain words."""
    return tuple(Words(part) if isinstance(part, str) else part for part in parts)


def plain(spans: Line) -> str:
    """Return a line without any format."""
    return "".join(
        span.text
        if isinstance(span, Words)
        else f"@{span.name}"
        if isinstance(span, Mention)
        else span.fallback
        for span in spans
    )
