"""What a card becomes in Slack where it does not simply fit."""

from __future__ import annotations

from typing import Any

import pytest

from bot.card import (
    Block,
    Button,
    Buttons,
    Card,
    Chart,
    Field,
    Fold,
    Form,
    Paragraph,
    Section,
    Series,
    Table,
    line,
)
from bot.slack import limits
from bot.slack.forms import Asked, Place, modal, pack, submitted, unpack
from bot.slack.render import length, render
from tests.cards.slack_rules import faults, modal_faults, nodes


def card(*blocks: Block, summary: str = "A day", title: str = "A day") -> Card:
    return Card("green", line(title), summary, blocks, "en")


def kinds(payload: dict[str, Any]) -> list[str]:
    return [str(block["type"]) for block in payload["blocks"]]


def drawn(*series: Series, categories: tuple[str, ...] = ("a", "b", "c")) -> list[dict[str, Any]]:
    blocks: list[dict[str, Any]] = render(card(Chart("line", "T", categories, series)))["blocks"]
    return blocks[1:]


def values(block: dict[str, Any]) -> dict[str, list[tuple[str, float]]]:
    return {
        one["name"]: [(point["label"], point["value"]) for point in one["data"]]
        for one in block["chart"]["series"]
    }


def test_a_day_without_a_value_is_left_out_and_named_never_drawn_as_zero() -> None:
    chart, note = drawn(Series("CTR", (1.0, None, 3.0)), Series("usual", (2.0, 2.0, 2.0)))
    assert values(chart) == {"CTR": [("a", 1.0), ("c", 3.0)], "usual": [("a", 2.0), ("c", 2.0)]}
    assert note["elements"][0]["text"] == "not drawn: b (no data)"


def test_a_second_series_with_a_gap_is_named_instead_of_drawn() -> None:
    chart, note = drawn(Series("CTR", (1.0, 2.0, 3.0)), Series("usual", (None, 2.0, 2.0)))
    assert list(values(chart)) == ["CTR"]
    assert note["elements"][0]["text"] == "not drawn: usual"


def test_a_chart_without_any_value_says_so() -> None:
    (text,) = drawn(Series("CTR", (None, None, float("nan"))))
    assert text["text"]["text"] == "*T*\nCTR: a no data · b no data · c no data"


def test_a_long_line_shows_its_end_and_says_what_is_missing() -> None:
    days = tuple(f"day {n}" for n in range(30))
    chart, note = drawn(Series("CTR", tuple(float(n) for n in range(30))), categories=days)
    assert chart["chart"]["axis_config"]["categories"] == list(days[10:])
    assert note["elements"][0]["text"] == "not drawn: 10 earlier ones"


def test_long_labels_stay_different() -> None:
    names = ("a very long label of a product 1", "a very long label of a product 2", "c")
    chart = drawn(Series("CTR", (1.0, 2.0, 3.0)), categories=names)[0]
    labels = chart["chart"]["axis_config"]["categories"]
    assert len(set(labels)) == 3
    assert max(map(len, labels)) <= limits.CHART_LABEL


def test_the_third_chart_and_the_second_table_are_told_in_words() -> None:
    chart = Chart("bar", "T", ("a",), (Series("CTR", (1.5,)),), "%")
    table = Table("Shops", ("shop", "GMV"), (("UK", "£8,412"),))
    payload = render(card(chart, chart, chart, table, table))
    assert kinds(payload) == [
        "header", "data_visualization", "data_visualization", "section", "section", "table",
        "section",
    ]  # fmt: skip
    assert payload["blocks"][3]["text"]["text"] == "*T*\nCTR: a 1.5%"
    assert payload["blocks"][6]["text"]["text"] == "*Shops*\n*UK* GMV £8,412"


def test_a_long_table_says_how_many_rows_are_missing() -> None:
    rows = tuple((f"shop {n}", "1") for n in range(150))
    payload = render(card(Table("Shops", ("shop", "GMV"), rows)))
    assert len(payload["blocks"][2]["rows"]) == limits.TABLE_ROWS
    assert payload["blocks"][3]["elements"][0]["text"] == "51 more rows not shown"


def test_a_fold_opens_by_a_click_and_is_laid_open_in_plainer_form() -> None:
    fold = Fold("More", tuple(Paragraph((line(f"line {n}"),)) for n in range(12)))
    rich = render(card(fold))
    assert kinds(rich) == ["header", "container", "container"]
    assert rich["blocks"][1]["default_collapsed"] is True
    assert kinds(render(card(fold), style="sections")).count("section") == 13
    assert "line 11" in render(card(fold), style="text")["text"]


def test_what_does_not_fit_is_counted_and_buttons_stay() -> None:
    parts = [Section(line(f"part {n}"), (line("x" * 900),)) for n in range(40)]
    payload = render(card(*parts, Buttons((Button("ack", "Ack", "a1"),))))
    assert faults(payload) == []
    assert length(payload["blocks"]) > limits.TOTAL_TEXT - 1000
    assert kinds(payload)[-2:] == ["context", "actions"]
    shown = kinds(payload).count("section")
    assert payload["blocks"][-2]["elements"][0]["text"] == f"{40 - shown} more parts did not fit"


def test_more_than_fifty_blocks_never_go_out() -> None:
    payload = render(card(*(Section(line(str(n)), ()) for n in range(80))))
    assert faults(payload) == []
    assert len(payload["blocks"]) == limits.BLOCKS


def test_a_title_too_long_for_a_header_loses_nothing() -> None:
    payload = render(card(title="word " * 60))
    assert kinds(payload) == ["section"]
    assert payload["blocks"][0]["text"]["text"].count("word") == 60


def test_three_buttons_are_in_sight_the_rest_is_behind_the_overflow() -> None:
    five = tuple(Button(f"do{n}", f"Do {n}", f"v{n}", confirm="Sure?" * (n == 4)) for n in range(5))
    elements = render(card(Buttons(five)))["blocks"][1]["elements"]
    assert [e["action_id"] for e in elements] == ["do0", "do1", "do4", "overflow"]
    assert [o["value"] for o in elements[3]["options"]] == ["do2 v2", "do3 v3"]


def test_the_same_action_twice_gets_two_ids() -> None:
    one = Buttons((Button("ack", "Ack", "a1"), Button("ack", "Ack", "a2")))
    payload = render(card(one, one))
    ids = [node["action_id"] for node in nodes(payload["blocks"]) if "action_id" in node]
    assert ids == ["ack", "ack#2", "ack#3", "ack#4"]


FORM = Form(
    "review",
    "r1",
    (
        Field("problem", "Problem", "which step", required=True),
        Field("verdict", "Verdict", options=(("keep", "Keep"), ("back", "Roll back"))),
    ),
    "Send",
)


def test_a_form_travels_in_its_button_and_comes_back_whole() -> None:
    button = render(card(FORM))["blocks"][1]["elements"][0]
    assert button["action_id"] == "form/review"
    assert unpack(button["value"]) == Asked(FORM, "🟢 A day", "en")
    assert modal_faults(modal(unpack(button["value"]), Place("C1", "1.1", "1.0"))) == []


def test_a_form_too_long_for_its_button_gives_up_its_hints_first() -> None:
    fields = tuple(Field(f"f{n}", "label", "hint " * 60) for n in range(8))
    packed = unpack(pack(Asked(Form("review", "r1", fields, "Send"), "T", "zh")))
    assert [field.hint for field in packed.form.fields] == [""] * 8
    many = tuple((str(n), f"option {n}") for n in range(200))
    with pytest.raises(ValueError, match="ask fewer questions"):
        pack(Asked(Form("review", "r1", (Field("a", "b", options=many),), "Send"), "T", "zh"))


def test_a_required_answer_of_one_letter_is_sent_back_with_a_sentence() -> None:
    view = modal(Asked(FORM, "T", "zh"), Place("C1", "1.1", "1.0"))
    state = {
        "problem": {"answer": {"type": "plain_text_input", "value": " 贵 "}},
        "verdict": {"answer": {"type": "static_select", "selected_option": {"value": "keep"}}},
    }
    given = submitted({**view, "state": {"values": state}})
    assert given.faults == {"problem": "请写一两句话（至少两个字）。"}
    assert given.answers == {"problem": "贵", "verdict": "keep"}
    assert given.place == Place("C1", "1.1", "1.0")


def test_a_foreign_button_or_view_carries_no_form() -> None:
    with pytest.raises(ValueError, match="no form"):
        unpack("{}")
    with pytest.raises(ValueError, match="no form"):
        submitted({"private_metadata": "[1]"})
