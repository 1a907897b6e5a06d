"""A card is stored and read back exactly; what does not fit is told clearly."""

from __future__ import annotations

from dataclasses import replace
from math import nan

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import card as parts
from bot.card import Card, Chart, Series
from bot.cardjson import CardError, dumps, loads

TEXT = st.text(max_size=12)
LIGHT = st.sampled_from(["green", "yellow", "red", "grey", None])
WORDS = st.builds(parts.Words, TEXT, st.booleans(), LIGHT)
SPAN = st.one_of(
    WORDS,
    st.builds(parts.Mention, TEXT, TEXT),
    st.builds(parts.When, st.integers(0, 2**40), TEXT),
)


def tuples(of: st.SearchStrategy[object]) -> st.SearchStrategy[tuple[object, ...]]:
    return st.lists(of, max_size=3).map(tuple)


LINE = tuples(SPAN)
NUMBER = st.one_of(st.none(), st.floats(allow_nan=False, allow_infinity=False), st.integers())
FLAT = st.one_of(
    st.builds(parts.Paragraph, tuples(LINE)),
    st.builds(parts.Section, LINE, tuples(LINE)),
    st.builds(parts.Facts, tuples(st.builds(parts.Fact, TEXT, LINE))),
    st.builds(parts.Table, TEXT, tuples(TEXT), tuples(tuples(TEXT))),
    st.builds(
        parts.Chart,
        st.sampled_from(["line", "bar", "funnel"]),
        TEXT,
        tuples(TEXT),
        tuples(st.builds(parts.Series, TEXT, tuples(NUMBER))),
        TEXT,
        tuples(TEXT),
    ),
    st.builds(parts.Note, tuples(LINE)),
)
BUTTON = st.builds(
    parts.Button, TEXT, TEXT, TEXT, st.sampled_from(["default", "primary", "danger"]), TEXT
)
FIELD = st.builds(
    parts.Field, TEXT, TEXT, TEXT, tuples(st.tuples(TEXT, TEXT)), st.booleans(), st.booleans()
)
BLOCK = st.one_of(
    FLAT,
    st.just(parts.Divider()),
    st.builds(parts.Fold, TEXT, tuples(FLAT)),
    st.builds(parts.Buttons, tuples(BUTTON)),
    st.builds(parts.Form, TEXT, TEXT, tuples(FIELD), TEXT),
)
CARD = st.builds(
    Card,
    st.sampled_from(["red", "yellow", "green", "grey", "blue", "orange"]),
    LINE,
    TEXT,
    tuples(BLOCK),
    st.sampled_from(["zh", "en"]),
)
PLAIN = Card("blue", (), "x", (), "en")


@settings(max_examples=150, deadline=None)
@given(CARD)
def test_every_card_comes_back_as_it_was(card: Card) -> None:
    stored = dumps(card)
    assert loads(stored) == card
    assert "\n" not in stored
    assert dumps(loads(stored)) == stored


def test_an_unknown_part_is_named() -> None:
    with pytest.raises(CardError, match="'Hologram'"):
        loads(dumps(PLAIN).replace('"blocks":[]', '"blocks":[{"is":"Hologram"}]'))


def test_a_part_that_does_not_fit_is_named() -> None:
    with pytest.raises(CardError, match="'Note'"):
        loads(dumps(PLAIN).replace('"blocks":[]', '"blocks":[{"is":"Note","rows":1}]'))


@pytest.mark.parametrize("text", ["", "{", "[]", '{"is":"Divider"}'])
def test_what_is_no_card_is_refused(text: str) -> None:
    with pytest.raises(CardError):
        loads(text)


def test_a_number_that_is_none_is_refused() -> None:
    chart = Chart("line", "t", ("a",), (Series("s", (nan,)),))
    with pytest.raises(CardError, match="number"):
        dumps(replace(PLAIN, blocks=(chart,)))
