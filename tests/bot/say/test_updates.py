"""What an alert's thread says when a false alarm speaks again, or a group was none."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.card import plain
from bot.say import updates
from bot.say.alert import Stand, gone
from diagnostics.book.rows import RangeRow, Scope, Text
from tests.cards import values

if TYPE_CHECKING:
    from bot.card import Card
    from diagnostics.book.rows import Lang


def said(card: Card) -> str:
    """Return a card's own words, line by line."""
    lines = [line for block in card.blocks for line in getattr(block, "lines", ())]
    return "\n".join((plain(card.title), *map(plain, lines)))


@pytest.mark.parametrize(
    ("lang", "own", "head", "why"),
    [
        ("zh", True, "比标误报时更严重", "当时还没确定超出团队自己的区间，现在确定了"),
        ("en", True, "Graver than when it was called false", "then not surely out of the team's own range, now it is"),
        ("zh", False, "比标误报时更严重", "当时是黄灯，现在是红灯"),
        ("en", False, "Graver than when it was called false", "yellow then, red now"),
    ],
)  # fmt: skip
def test_why_a_false_alarm_speaks_again(lang: Lang, head: str, why: str, *, own: bool) -> None:
    one = values.live_finding()
    day = one.reading.day
    row = RangeRow("r", one.reading.metric, Scope(), 0.9, None, None, "", "own", day, Text("", ""))
    told = replace(one.reading, light="red", range=row if own else None, position="below")
    finding = replace(one, reading=told)
    card = updates.update("graver", one.key, day, day, finding, values.voice(lang), false=True)
    assert head in said(card)
    assert why in said(card)


@pytest.mark.parametrize(
    ("lang", "line", "title"),
    [
        ("zh", "数据到齐后，这些店不是一起动的", "泰国"),
        ("en", "with all figures in, these shops did not move as one", "Thailand"),
    ],
)
def test_a_group_that_was_none_is_taken_back_in_its_own_words(
    lang: Lang, line: str, title: str
) -> None:
    day, key = values.live_finding().reading.day, "th-a/all-th|S4"
    voice = values.voice(lang)
    note = updates.update("withdrawn", key, day, day + timedelta(1), None, voice)
    card = gone(key, "refund_rate", day, Stand("withdrawn"), voice)
    for one in (note, card):
        assert line in said(one)
        assert title in said(one)
