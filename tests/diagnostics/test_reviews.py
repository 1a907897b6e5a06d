"""A review's replies: which question they answer, by whom, and what is concluded."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from diagnostics.reviews import QUESTIONS, Answer, concluded, parse, tally

NINE = datetime(2026, 3, 13, 9, tzinfo=UTC)
OPEN = ("hypotheses", "action", "result", "conclusion")


def replies(*texts: str) -> list[Answer]:
    return [
        Answer(f"user{number}", text, NINE + timedelta(minutes=number), f"m{number}")
        for number, text in enumerate(texts)
    ]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("1. checkout fell", [("problem", "checkout fell")]),
        ("3、运费说明昨晚改过", [("hypotheses", "运费说明昨晚改过")]),
        ("假设:运费改过", [("hypotheses", "运费改过")]),
        ("假设：运费改过", [("hypotheses", "运费改过")]),
        ("hypothesis: freight", [("hypotheses", "freight")]),
        ("**Action**: new page", [("action", "new page")]),
        ("4) page\n6) keep", [("action", "page"), ("conclusion", "keep")]),
        ("4. page\nand picture\n5. +12%", [("action", "page\nand picture"), ("result", "+12%")]),
        ("3. 假设:色号", [("hypotheses", "色号")]),
        ("it was the freight", [("hypotheses", "it was the freight")]),
        ("回滚", [("conclusion", "回滚")]),
        ("note: 3 orders", [("hypotheses", "note: 3 orders")]),
        ("2.8% was the rate", [("hypotheses", "2.8% was the rate")]),
        ("9. nothing", [("hypotheses", "9. nothing")]),
        ("so:\n4. page", [("hypotheses", "so:"), ("action", "page")]),
        ("  ", []),
        ("3.", []),
    ],
)
def test_what_a_reply_answers(text: str, parts: list[tuple[str, str]]) -> None:
    assert list(parse(text, OPEN)) == parts


def test_free_text_goes_to_the_first_open_question() -> None:
    found = tally(replies("the freight text", "put it back", "3. maybe the colours"))
    assert [one.text for one in found.said["action"]] == ["put it back"]
    assert [one.user for one in found.said["hypotheses"]] == ["user0", "user2"]
    assert found.open == ("result", "conclusion")
    assert found.users == ("user0", "user1", "user2")
    assert not found.complete


def test_the_bots_own_questions_are_never_open() -> None:
    assert [one.key for one in QUESTIONS if one.filled] == ["problem", "evidence"]
    assert tally([]).open == OPEN
    (said,) = tally(replies("1. checkout fell")).said["problem"]
    assert said.text == "checkout fell"


def test_the_youngest_conclusion_holds_whatever_order_they_arrive_in() -> None:
    answers = replies("6. keep", "1. a\n3. b\n4. c\n5. d", "结论:回滚,下周再试")
    found = tally(reversed(answers))
    assert found.conclusion == "roll_back"
    assert found.complete


def test_an_empty_thread_has_nothing() -> None:
    found = tally(replies(" "))
    assert (found.said, found.users, found.conclusion) == ({}, (), None)
    assert found.open == OPEN


@pytest.mark.parametrize(
    ("text", "conclusion"),
    [
        ("保留", "keep"),
        ("迭代一次", "iterate"),
        ("roll back today", "roll_back"),
        ("Keep, then iterate", "keep"),
        ("不保留,回滚", "roll_back"),
        ("not keep but iterate", "iterate"),
        ("we shall see", None),
    ],
)
def test_what_is_concluded(text: str, conclusion: str | None) -> None:
    assert concluded(text) == conclusion
