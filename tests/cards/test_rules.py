"""What every card must keep to, whatever the data bring: the rules of wording."""

from __future__ import annotations

import re
from collections import Counter
from typing import assert_never

import pytest

from bot.card import (
    Block,
    Buttons,
    Card,
    Chart,
    Divider,
    Facts,
    Fold,
    Form,
    Line,
    Mention,
    Note,
    Paragraph,
    Section,
    Table,
    plain,
)
from bot.cardjson import dumps, loads
from tests.cards.catalogue import CATALOGUE, HOSTILE, LANGS, LONG, Kind, cards

ALL = cards()
IDS = [name for name, _card in ALL]
EVERY = pytest.mark.parametrize(("name", "card"), ALL, ids=IDS)
_GREETINGS = re.compile(r"\b(hello|hi|dear|good morning)\b|你好|早上好|大家好|各位", re.IGNORECASE)
_NO_NUMBER = re.compile(r"\b(nan|none|null|inf|undefined)\b", re.IGNORECASE)
_RAW_KEY = re.compile(r"\b[a-z]+_[a-z_]+\b")
_DATE = re.compile(r"\d+月\d+日|\d+ (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)|\d+–\d+ Mar")
_SCOPE = re.compile("英国|印尼|美国|UK|ID home|US|shops|家店|live-0312|Linen|channel")


def kind(name: str) -> Kind:
    return CATALOGUE[name.rsplit(".", 1)[0]][0]


def lines(block: Block) -> list[Line]:
    """Return a block's lines of words as a phone counts them; charts and buttons are none."""
    match block:
        case Paragraph(found) | Note(found):
            return list(found)
        case Section(title, found):
            return [title, *found]
        case Facts(items):
            pairs = [items[at : at + 2] for at in range(0, len(items), 2)]
            return [tuple(span for item in pair for span in item.value) for pair in pairs]
        case Fold():
            return [()]
        case Table() | Chart() | Divider() | Buttons() | Form():
            return []
        case _:
            assert_never(block)


def texts(card: Card) -> list[str]:
    """Return every text that a reader may see, the form's and the folds' included."""
    found = [card.summary, plain(card.title)]
    for block in card.blocks:
        found += _texts(block)
    return found


def _texts(block: Block) -> list[str]:
    match block:
        case Paragraph() | Note() | Section():
            found = [plain(line) for line in lines(block)]
        case Facts(items):
            found = [f"{item.label} {plain(item.value)}" for item in items]
        case Table(caption, columns, rows):
            found = [caption, *columns, *(cell for row in rows for cell in row)]
        case Chart():
            found = [block.title, *block.categories, *block.shown]
        case Fold(title, blocks):
            found = [title, *(text for one in blocks for text in _texts(one))]
        case Buttons(items):
            found = [text for one in items for text in (one.label, one.confirm)]
        case Form(fields=fields):
            found = [text for one in fields for text in (one.label, one.hint)]
        case Divider():
            found = []
        case _:
            assert_never(block)
    return found


def mentions(card: Card) -> Counter[str]:
    def of(block: Block) -> list[Line]:
        match block:
            case Facts(items):
                return [item.value for item in items]
            case Fold(blocks=blocks):
                return [line for one in blocks for line in of(one)]
            case _:
                return lines(block)

    spans = [*card.title, *(span for one in card.blocks for line in of(one) for span in line)]
    return Counter(span.person for span in spans if isinstance(span, Mention))


@EVERY
def test_the_summary_alone_says_something(name: str, card: Card) -> None:
    assert card.summary.strip()
    assert len(card.summary) < 400
    if kind(name) != "other":
        assert _DATE.search(card.summary), card.summary
        assert _SCOPE.search(card.summary), card.summary


@EVERY
def test_nobody_is_greeted(name: str, card: Card) -> None:
    for text in texts(card):
        assert not _GREETINGS.search(text), text


@EVERY
def test_a_missing_number_is_never_printed_as_one(name: str, card: Card) -> None:
    for text in texts(card):
        assert not _NO_NUMBER.search(text), text


@EVERY
def test_no_raw_key_stands_where_a_name_exists(name: str, card: Card) -> None:
    for text in texts(card):
        if "/metric " not in text and "_x_" not in text and ".xlsx" not in text:
            assert not _RAW_KEY.search(text), text


@EVERY
def test_each_person_is_called_once_at_most(name: str, card: Card) -> None:
    assert all(number == 1 for number in mentions(card).values())


@EVERY
def test_a_card_is_short_enough_for_a_phone(name: str, card: Card) -> None:
    allowed = {"digest": 25, "alert": 12, "other": 60}[kind(name)]
    said = 1 + sum(len(lines(block)) for block in card.blocks)
    assert said <= allowed, said


@EVERY
def test_at_most_two_charts_and_titles_that_fit(name: str, card: Card) -> None:
    charts = [block for block in card.blocks if isinstance(block, Chart)]
    assert len(charts) <= 2
    for chart in charts:
        assert all(len(series.values) == len(chart.categories) for series in chart.series)
        assert not chart.shown or len(chart.shown) == len(chart.categories)


@EVERY
def test_a_stored_card_comes_back_the_same(name: str, card: Card) -> None:
    assert loads(dumps(card)) == card


@pytest.mark.parametrize("lang", LANGS)
def test_hostile_names_stay_words_as_they_are(lang: str) -> None:
    card = dict(ALL)[f"digest_hostile.{lang}"]
    told = "\n".join(texts(card))
    for name in HOSTILE:
        assert name in told
    assert LONG not in told
    assert set(mentions(card)) == {"mia"}


def test_both_languages_tell_the_same_figures() -> None:
    """A figure that stands in one language and not in the other was lost on the way."""
    found = dict(ALL)
    for name in ("digest_bad", "alert_open", "why"):
        zh, en = (
            Counter(re.findall(r"\d+(?:\.\d+)?%", "\n".join(texts(found[f"{name}.{lang}"]))))
            for lang in LANGS
        )
        assert zh == en
