"""A card as a Slack message: native blocks where they are taken, plain words where they are not.

Three ways to say the same card: "rich" draws charts, tables and folds; "sections" keeps to the
oldest blocks, for when Slack refuses the rich ones; "text" is words alone. What does not fit is
counted in a last line, never dropped in silence; buttons always stay.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, assert_never

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
)
from bot.slack import limits
from bot.slack.buttons import Press, opener, row
from bot.slack.charts import draw, told
from bot.slack.text import STATES, bold, cut, marked, mrkdwn, raw, unmarked
from bot.slack.words import word

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from bot.card import Block, Card, Line
    from diagnostics.book.rows import Lang

Style = Literal["rich", "sections", "text"]
Json = dict[str, Any]
Content = Paragraph | Section | Note | Facts | Table | Chart

STYLES: tuple[Style, ...] = ("rich", "sections", "text")
"""From the richest to the plainest: the order in which a refused message is tried again."""


def _nobody(mention: Mention) -> str:
    return f"@{mention.name}"


@dataclass(slots=True)
class _Page:
    """What has been written so far, and how many charts and tables it holds."""

    naming: Callable[[Mention], str]
    lang: Lang
    style: Style
    charts: int = 0
    tables: int = 0
    folded: bool = False
    press: Press = field(default_factory=Press)

    def lines(self, lines: Iterable[Line]) -> list[str]:
        return [marked(line, self.naming) for line in lines]


def render(card: Card, mention: Callable[[Mention], str] = _nobody, style: Style = "rich") -> Json:
    """Return the arguments of chat.postMessage that say a card: `text`, and `blocks` if any.

    `mention` gives a person's `<@U…>`; whatever else it returns is shown as the plain name.
    """
    if style == "text":
        return {"text": _as_text(card, mention), "blocks": []}
    page = _Page(mention, card.lang, style)
    blocks = _header(card)
    for block in card.blocks:
        blocks += _blocks(block, page, card)
    summary = cut(mrkdwn(card.summary) or mrkdwn(unmarked(card.title)), limits.SUMMARY)
    return {"text": summary, "blocks": _fitting(blocks, card.lang)}


def title(card: Card) -> str:
    """Return the card's title in plain text, led by the light of its state if it has none yet."""
    words = unmarked(card.title).strip() or raw(card.summary).strip()
    light = STATES[card.state]
    lit = any(isinstance(span, Words) and span.light for span in card.title)
    lit = lit or words.startswith(tuple(filter(None, STATES.values())))
    return words if lit or not light else f"{light} {words}"


def _header(card: Card) -> list[Json]:
    """Return the title as a header; one too long for that is a bold line, and loses nothing."""
    words = title(card) or "–"
    if len(words) > limits.HEADER:
        return _texts([bold(mrkdwn(words))])
    return [{"type": "header", "text": {"type": "plain_text", "text": words, "emoji": True}}]


def _blocks(block: Block, page: _Page, card: Card) -> list[Json]:
    """Return the Block Kit blocks of one block of a card."""
    match block:
        case Buttons(items=items):
            made = row(items, page.press, page.lang)
        case Form():
            made = opener(block, title(card), page.press, page.lang)
        case Divider():
            made = [{"type": "divider"}]
        case Fold():
            made = _fold(block, page)
        case _:
            made = _content(block, page)
    return made


def _content(block: Content, page: _Page) -> list[Json]:
    match block:
        case Paragraph(lines=lines):
            made = _texts(page.lines(lines))
        case Section(title=heading, lines=lines):
            made = _texts([_strong(heading, page), *page.lines(lines)])
        case Note(lines=lines):
            made = _notes(page.lines(lines))
        case Facts():
            made = _facts(block, page)
        case Table():
            made = _table(block, page)
        case Chart():
            made = _chart(block, page)
        case _:
            assert_never(block)
    return made


def _strong(heading: Line, page: _Page) -> str:
    """Return a heading in bold: its words, but not the mentions and times in it."""
    spans = [
        Words(span.text, bold=True, light=span.light) if isinstance(span, Words) else span
        for span in heading
    ]
    return marked(tuple(spans), page.naming)


def _text(text: str) -> Json:
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _pieces(lines: Sequence[str], limit: int) -> list[str]:
    """Return the lines joined into as few texts of at most `limit` characters as possible."""
    pieces: list[str] = []
    for line in (cut(line, limit) for line in lines):
        if pieces and len(pieces[-1]) + 1 + len(line) <= limit:
            pieces[-1] += "\n" + line
        else:
            pieces.append(line)
    return [piece for piece in pieces if piece.strip()]


def _texts(lines: Sequence[str]) -> list[Json]:
    return [{"type": "section", "text": _text(p)} for p in _pieces(lines, limits.SECTION)]


def _notes(lines: Sequence[str]) -> list[Json]:
    return [{"type": "context", "elements": [_text(p)]} for p in _pieces(lines, limits.NOTE)]


def _facts(facts: Facts, page: _Page) -> list[Json]:
    fields = [
        _text(cut(f"{bold(mrkdwn(fact.label))}\n{marked(fact.value, page.naming)}", limits.FIELD))
        for fact in facts.items
    ]
    step = limits.FIELDS
    groups = [fields[start : start + step] for start in range(0, len(fields), step)]
    return [{"type": "section", "fields": group} for group in groups]


def _table(table: Table, page: _Page) -> list[Json]:
    caption = bold(mrkdwn(table.caption))
    fits = page.tables < limits.TABLES and 0 < len(table.columns) <= limits.TABLE_COLUMNS
    if page.style != "rich" or not fits or not table.rows:
        return _texts([caption, *_table_lines(table, page.lang)])
    page.tables += 1
    shown = table.rows[: limits.TABLE_ROWS - 1]
    rows = [_cells(row, len(table.columns)) for row in (table.columns, *shown)]
    native = {"type": "table", "rows": rows, "column_settings": _alignment(table)}
    more = len(table.rows) - len(shown)
    rest = _notes([word("more_rows", page.lang, n=more)]) if more else []
    return [*_texts([caption]), native, *rest]


def _cells(row: Sequence[str], columns: int) -> list[Json]:
    texts = [raw(text).strip()[: limits.CELL] or "–" for text in row[:columns]]
    texts += ["–"] * (columns - len(texts))
    return [{"type": "raw_text", "text": text} for text in texts]


def _alignment(table: Table) -> list[Json]:
    """The first column names the row; figures stand right, so that they can be compared."""
    return [
        {"align": "left" if place == 0 else "right", "is_wrapped": place == 0}
        for place in range(len(table.columns))
    ]


def _table_lines(table: Table, lang: Lang) -> list[str]:
    if not table.rows:
        return [mrkdwn(word("no_data", lang))]
    lines = []
    for cells_of_row in table.rows:
        name, *rest = cells_of_row or ("",)
        cells = zip(table.columns[1:], rest, strict=False)
        said = " · ".join(mrkdwn(f"{column} {cell}") for column, cell in cells if cell)
        lines.append(f"{bold(mrkdwn(name))} {said}".rstrip())
    return lines


def _chart(chart: Chart, page: _Page) -> list[Json]:
    if page.style == "rich" and not page.folded and page.charts < limits.CHARTS:
        block, gaps = draw(chart, page.lang)
        if block is not None:
            page.charts += 1
            return [block, *_notes([mrkdwn(gaps)] if gaps else [])]
    said = [mrkdwn(text) for text in told(chart, page.lang)]
    return _texts([bold(mrkdwn(chart.title)), *said])


def _fold(fold: Fold, page: _Page) -> list[Json]:
    """Return details that open by a click; Slack's container holds no charts, so they are told."""
    if page.style != "rich":
        heading = _texts([bold(mrkdwn(fold.title))])
        return [*heading, *(made for block in fold.blocks for made in _content(block, page))]
    page.folded = True
    inside = [made for block in fold.blocks for made in _content(block, page)]
    page.folded = False
    heading_text = raw(fold.title)[: limits.FOLD_TITLE] or "–"
    step = limits.FOLD_BLOCKS
    return [
        {
            "type": "container",
            "title": {"type": "plain_text", "text": heading_text},
            "child_blocks": inside[start : start + step],
            "is_collapsible": True,
            "default_collapsed": True,
        }
        for start in range(0, len(inside), step)
    ]


_COUNTED = ("text", "value", "label", "name", "title", "description")


def length(node: object) -> int:
    """Return how many characters of words a payload holds, nested ones too."""
    if isinstance(node, dict):
        own = sum(len(node[key]) for key in _COUNTED if isinstance(node.get(key), str))
        return own + sum(length(child) for child in node.values())
    if isinstance(node, list):
        return sum(len(child) if isinstance(child, str) else length(child) for child in node)
    return 0


def _fitting(blocks: list[Json], lang: Lang) -> list[Json]:
    """Return what fits into one message; the last parts go first, buttons never."""
    kept = list(blocks)
    left_out = 0
    note = _notes([word("more_parts", lang, n=len(blocks))])
    while len(kept) + bool(left_out) > limits.BLOCKS or (
        length(kept) + (length(note) if left_out else 0) > limits.TOTAL_TEXT
    ):
        place = _expendable(kept)
        if place is None:
            break
        del kept[place]
        left_out += 1
    if not left_out:
        return kept
    last_words = next(
        (n for n in range(len(kept), 0, -1) if kept[n - 1]["type"] != "actions"), len(kept)
    )
    kept[last_words:last_words] = _notes([word("more_parts", lang, n=left_out)])
    return kept


def _expendable(blocks: Sequence[Json]) -> int | None:
    """Return the place of the last fold, else of the last block that is no header or button."""
    for wanted in ("container", ""):
        for place in range(len(blocks) - 1, 0, -1):
            kind = blocks[place]["type"]
            if kind == wanted or (not wanted and kind != "actions"):
                return place
    return None


def _as_text(card: Card, mention: Callable[[Mention], str]) -> str:
    """Return the whole card in words, for when Slack takes no blocks at all."""
    page = _Page(mention, card.lang, "sections")
    lines = [bold(mrkdwn(title(card))), mrkdwn(card.summary)]
    for block in card.blocks:
        for made in _blocks(block, page, card):
            lines += _said(made)
    pieces = _pieces(lines, limits.PLAIN_TEXT)
    left_out = len(pieces) - 1
    if not left_out:
        return pieces[0]
    more = mrkdwn(word("more_parts", card.lang, n=left_out))
    return cut(pieces[0], limits.PLAIN_TEXT - len(more) - 1) + "\n" + more


def _said(block: Json) -> list[str]:
    match block["type"]:
        case "section" if "fields" in block:
            return [one["text"].replace("\n", " ") for one in block["fields"]]
        case "section":
            return [block["text"]["text"]]
        case "context":
            return [one["text"] for one in block["elements"]]
        case _:
            return []
