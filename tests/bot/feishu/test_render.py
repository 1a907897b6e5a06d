"""A card becomes JSON that the platform takes, however much is in it and whoever named it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.card import (
    Block,
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
    Paragraph,
    Section,
    Series,
    Table,
    Words,
    line,
)
from bot.feishu import limits
from bot.feishu.post import masked, post
from bot.feishu.render import content, count, render
from tests.bot.feishu.cards import COUNTRIES, EVERYTHING, FUNNEL, QUESTIONS, TREND, card, people
from tests.cards.feishu_rules import problems

MARKS = st.text(alphabet="<>!@#&|*_~`[]()\\:-=/漏斗ทดสอบ🔥＠\u202e\u200d\n\0 aZ9", max_size=40)
HOSTILE = st.one_of(MARKS, MARKS.map(lambda text: f"{text}<at id=all></at>{text}"))


def elements(payload: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = payload["body"]["elements"]
    return found


def tags(payload: dict[str, Any]) -> list[str]:
    return [one["tag"] for one in elements(payload)]


def test_every_block_passes_the_rules() -> None:
    payload = render(card(), people)
    assert problems(payload) == []
    assert {"markdown", "column_set", "table", "hr", "chart", "collapsible_panel", "form"} <= set(
        tags(payload)
    )


def test_frame() -> None:
    payload = render(card(state="orange"), people)
    assert payload["header"]["template"] == "orange"
    assert payload["config"]["summary"] == {"content": "英国美妆店 · 3月12日 · GMV £8,412"}
    assert payload["config"]["update_multi"] is True


def test_chart_has_no_gaps() -> None:
    funnel, trend = (
        elements(render(card(one), people))[0]["chart_spec"] for one in (FUNNEL, TREND)
    )
    assert [(row["name"], row["value"]) for row in funnel["data"]["values"]] == [
        ("曝光", 120000),
        ("观看", 34000),
        ("支付", 231),
    ]
    assert funnel["minSize"] == "25%"
    assert [row["x"] for row in trend["data"]["values"] if row["series"] == "GMV"] == [
        "03-10",
        "03-12",
    ]


def test_chart_without_any_data_is_words() -> None:
    empty = Chart("line", "GMV", ("03-10", "03-11"), (Series("GMV", (None, None)),))
    assert elements(render(card(empty), people)) == [
        {"tag": "markdown", "content": "**GMV**\n03-10: –\n03-11: –"}
    ]


def test_fourth_table_is_words() -> None:
    payload = render(card(*[COUNTRIES] * 4), people)
    assert tags(payload).count("table") == limits.TABLES
    assert "英国 · £8,412 ▼" in elements(payload)[-1]["content"]


def test_table_in_a_fold_is_words_and_its_chart_a_chart() -> None:
    payload = render(card(Fold("more", (COUNTRIES, TREND))), people)
    assert [one["tag"] for one in elements(payload)[0]["elements"]] == ["markdown", "chart"]


def test_table_without_rows_is_words() -> None:
    assert tags(render(card(Table("none", ("a",), ())), people)) == ["markdown"]


def test_more_than_three_buttons_go_into_a_second_row() -> None:
    buttons = Buttons(tuple(Button("ack", f"b{one}", "x") for one in range(5)))
    payload = render(card(buttons), people)
    assert [len(row["columns"]) for row in elements(payload)] == [3, 2]
    assert problems(payload) == []


def test_button_carries_an_object() -> None:
    payload = render(
        card(Buttons((Button("ack", "认领", "a1", style="primary", confirm="sure?"),))), people
    )
    button = elements(payload)[0]["columns"][0]["elements"][0]
    assert button["behaviors"] == [{"type": "callback", "value": {"action": "ack", "value": "a1"}}]
    assert button["confirm"]["text"]["content"] == "sure?"


def test_form_answers_under_its_names() -> None:
    form = elements(render(card(QUESTIONS), people))[0]
    assert [one["name"] for one in form["elements"] if "name" in one] == [
        "problem",
        "cause",
        "result",
        "send0",
    ]


def test_bare_card_has_the_same_facts() -> None:
    payload = render(card(), people, rich=False)
    assert not {"table", "chart"} & set(tags(payload))
    shown = content(payload)
    assert all(fact in shown for fact in ("Rp 182 jt", "12万", "8,412"))
    assert problems(payload) == []


def test_too_large_a_card_keeps_its_first_words() -> None:
    many = [Section(line(f"finding {one}"), (line("字" * 400),)) for one in range(60)]
    payload = render(card(*many), people)
    assert len(content(payload).encode()) <= limits.BYTES
    assert "finding 0" in elements(payload)[0]["content"]
    assert "… (+" in elements(payload)[-1]["content"]


def test_too_many_elements_are_said_simpler() -> None:
    facts = Facts(tuple(Fact(f"k{one}", line("1")) for one in range(100)))
    payload = render(card(Paragraph((line("first"),)), facts), people)
    assert count(payload) <= limits.ELEMENTS


def test_one_endless_block_fits() -> None:
    endless = Paragraph(tuple(line("字" * 900) for _ in range(300)))
    payload = render(card(endless), people)
    assert problems(payload) == []
    assert len(content(payload).encode()) <= limits.BYTES


def test_many_rows_fit() -> None:
    rows = tuple((f"live-{one:04d}", "£1,234.56") for one in range(200))
    assert problems(render(card(Table("lives", ("live", "GMV"), rows)), people)) == []


def blocks(text: str) -> tuple[Block, ...]:
    return (
        Paragraph((line(text, Mention(text, text)), (Words(text, bold=True),))),
        Section(line(text), (line(text),)),
        Facts((Fact(text, line(text)),)),
        Table(text, (text, "b"), ((text, text),)),
        Chart("bar", text, (text, "b"), (Series(text, (1.0, None)),)),
        Fold(text, (Paragraph((line(text),)),)),
        Buttons((Button("ack", text, text, confirm=text),)),
        Form("answer", text, (Field("f", text, hint=text, options=((text, text),)),), text),
    )


@settings(max_examples=60, deadline=None)
@given(HOSTILE)
def test_hostile_names_never_ping_and_never_break(text: str) -> None:
    message = Card("red", line(text), text, blocks(text), "en")
    for payload in (render(message, people), render(message, people, rich=False)):
        assert problems(payload, people=()) == []
    assert '"at"' not in json.dumps(post(message, people))


def test_post_says_the_same_facts() -> None:
    payload = post(card(), people)
    shown = content(payload)
    assert list(payload) == ["zh_cn"]
    assert payload["zh_cn"]["title"] == "英国美妆店 · 3月12日"
    assert {"tag": "at", "user_id": "ou_lin"} in payload["zh_cn"]["content"][0]
    facts = (
        "少赚约 £1,120",
        "Rp 182 jt",
        "12万",
        "z = 3.2",
        "哪一步漏了?",
        "数据 5/5 到齐",
        "GMV: ",
    )
    assert all(fact in shown for fact in facts)


def test_endless_post_is_cut() -> None:
    payload = post(card(Paragraph(tuple(line("字" * 900) for _ in range(300)))), people)
    assert len(content(payload).encode()) <= limits.BYTES
    assert "… (+" in payload["zh_cn"]["content"][-1][0]["text"]


def test_masked_card_keeps_its_ids() -> None:
    private = Button("ack", "call 13800138000", "13800138000")
    message = masked(card(*EVERYTHING, Buttons((private,)), title="a@b.cn"))
    assert "13800138000" not in message.blocks[-1].items[0].label  # type: ignore[union-attr]
    assert message.blocks[-1].items[0].value == "13800138000"  # type: ignore[union-attr]
    assert message.title == line("***")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_card_without_blocks_is_still_a_card(lang: Any) -> None:
    bare = Card("grey", line("t"), "s", (), lang)
    assert problems(render(bare, people)) == []
    (shown,) = post(bare, people).values()
    assert shown["content"] == [[{"tag": "text", "text": "t"}]]
