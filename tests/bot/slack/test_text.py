"""Nothing that stands in a name can ping, link or format; nothing is cut in the middle."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.card import (
    Button,
    Buttons,
    Card,
    Chart,
    Fact,
    Facts,
    Field,
    Fold,
    Form,
    Mention,
    Note,
    Paragraph,
    Section,
    Series,
    Table,
    When,
    line,
    say,
)
from bot.slack.render import STYLES, render
from bot.slack.text import bold, cut, marked, mrkdwn, ping, raw, unmarked
from tests.cards.slack_rules import faults, strings

HOSTILE = st.text(st.sampled_from("<>!@#&|*`_~^U1C,: \n\u202e\u200b\x00＜＠漏斗ab"), max_size=40)


def nobody(mention: Mention) -> str:
    return f"<!channel> {mention.name}"


def card(name: str) -> Card:
    """Return a card with a name in every place that takes one."""
    words = line(say(name), " ", say(name, bold=True), Mention("lin", name), When(0, name))
    table = Table(name, (name, "B"), ((name, name), ("x", name)))
    chart = Chart("bar", name, (name, "b"), (Series(name, (1.0, None)),), name)
    return Card(
        "red",
        words,
        name,
        (
            Paragraph((words,)),
            Section(words, (words,)),
            Facts((Fact(name, words),)),
            table,
            table,
            chart,
            Fold(name, (Paragraph((words,)), table, chart)),
            Note((words,)),
            Buttons((Button("ack", name, "v1", confirm=name), Button("snooze", name, "v1"))),
            Form("review", name, (Field("a", name, name),), name),
        ),
        "zh",
    )


@settings(max_examples=250, deadline=None)
@given(HOSTILE)
def test_a_name_pings_nobody_wherever_it_stands(name: str) -> None:
    for style in STYLES:
        payload = render(card(name), nobody, style)
        assert not [text for text in strings(payload) if re.search(r"<[!@#](?!date\^)", text)]


@settings(max_examples=100, deadline=None)
@given(HOSTILE)
def test_slack_takes_any_name(name: str) -> None:
    for style in STYLES:
        assert faults(render(card(f"x{name}"), nobody, style)) == []


@given(st.text(st.sampled_from("ab <>&*"), max_size=60), st.integers(5, 40))
def test_a_cut_text_keeps_to_the_limit_and_breaks_no_entity(text: str, limit: int) -> None:
    shown = cut(mrkdwn(text), limit)
    assert len(shown) <= limit
    assert not re.search(r"&(?!amp;|lt;|gt;)", shown)


def test_a_cut_bold_text_is_closed_again() -> None:
    assert cut("*abcdefgh*", 8) == "*abcde…*"


def test_hidden_signs_go_and_emoji_stay() -> None:
    assert raw("a\u202eb\u200bc\x07 👩\u200d🔧") == "abc 👩\u200d🔧"


def test_bold_words_need_an_edge_beside_chinese_but_none_beside_spaces() -> None:
    assert marked(line("漏斗", say("支付", bold=True), "慢"), nobody) == "漏斗\u200b*支付*\u200b慢"
    assert marked(line("a ", say("b", bold=True), " c"), nobody) == "a *b* c"
    assert marked(line(say("a", bold=True), say("b", bold=True)), nobody) == "*ab*"
    assert bold("  x ") == "  *x* "
    assert bold("  ") == "  "


def test_a_light_is_told_before_its_words() -> None:
    assert marked(line(say("2.8% ▼", light="red")), nobody) == "🔴 2.8% ▼"
    assert unmarked(line(say("2.8% ▼", light="red"), Mention("lin", "林"))) == "🔴 2.8% ▼@林"


def test_only_a_users_id_pings() -> None:
    assert ping(Mention("lin", "<林>"), lambda _: "<@U123ABC>") == "<@U123ABC>"
    assert ping(Mention("lin", "<林>"), lambda _: "<!here>") == "@&lt;林&gt;"


def test_a_moment_is_shown_in_the_readers_own_time() -> None:
    told = marked((When(1773389100, "08:05 | x"),), nobody)
    assert told == "<!date^1773389100^{date_short_pretty} {time}|08:05 / x>"
