"""Words get into a card as they are: nothing pings, nothing breaks the layout."""

from __future__ import annotations

import html
import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.card import Mention, When, Words
from bot.feishu.limits import SPAN
from bot.feishu.text import clean, escape, markdown, mask

HOSTILE = st.text(
    alphabet="<>!@#&|*_~`[]()\\:$^ aA1/=-+.ou_all漏斗＠＜\u202e\u200b\n\r\0", max_size=60
)


def known(mention: Mention) -> str:
    return {"lin": "ou_lin", "bad": "all"}.get(mention.person, "")


@given(HOSTILE)
def test_no_word_is_a_mark(text: str) -> None:
    safe = escape(text, at_start=True)
    assert not re.search(r"[<>*_~`\[\]\\|]", re.sub(r"&#\d+;", "", safe))
    assert "\n" not in safe
    assert all(unicodedata.category(char) not in {"Cc", "Cf"} for char in safe)
    assert html.unescape(safe) == clean(text)


@given(HOSTILE)
def test_only_a_mention_pings(text: str) -> None:
    assert "<at" not in markdown((Words(text), Words(text, bold=True), Mention(text, text)), known)


def test_mention() -> None:
    assert markdown((Mention("lin", "林"),), known) == "<at id=ou_lin></at>"
    assert markdown((Mention("mia", "Mia"),), known) == "@Mia"
    assert markdown((Mention("bad", "all"),), known) == "@all"


def test_light_is_a_dot_before_the_words() -> None:
    assert markdown((Words("GMV", light="red"), Words(" x")), known) == "🔴 GMV x"


@pytest.mark.parametrize(
    ("before", "text", "after", "shown"),
    [
        ("", "plain", "", "**plain**"),
        ("a", " spaced ", "b", "a **spaced** b"),
        ("补上", "「色号」", "信息", "补上\u200a**「色号」**\u200a信息"),
        ("GMV ", "£8,412 ▼", " 目标", "GMV **£8,412 ▼** 目标"),
        ("a", "  ", "b", "a b"),
    ],
)
def test_bold(before: str, text: str, after: str, shown: str) -> None:
    assert markdown((Words(before), Words(text, bold=True), Words(after)), known) == shown


def test_bold_spans_share_their_marks() -> None:
    spans = (Words("① live", bold=True, light="red"), Words(" 2.1%", bold=True), Words(" x"))
    assert markdown(spans, known) == "**🔴 ① live 2.1%** x"


@pytest.mark.parametrize(
    ("text", "shown"),
    [("- x", "&#45; x"), ("1. x", "1&#46; x"), ("+ x", "&#43; x"), ("2.8 %", "2&#46;8 %")],
)
def test_the_start_of_a_line_makes_no_list(text: str, shown: str) -> None:
    assert markdown((Words(text),), known) == shown


def test_emoji_word_stays_words() -> None:
    assert escape(":fire: at 20:00") == "&#58;fire: at 20:00"


def test_when_is_shown_in_the_readers_zone() -> None:
    shown = markdown((When(1773300000, "15:20"),), known)
    assert shown.count('millisecond="1773300000000"') == 2


def test_endless_words_are_cut() -> None:
    assert len(escape("長" * 5000)) == SPAN


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("call +86 138 0013 8000 now", "call *** now"),
        ("mail mia.w@example.co.uk!", "mail ***!"),
        ("GMV £8,412 on 2026-03-12", "GMV £8,412 on 2026-03-12"),
        ("391 orders, 12.1 %", "391 orders, 12.1 %"),
    ],
)
def test_mask(text: str, shown: str) -> None:
    assert mask(text) == shown
