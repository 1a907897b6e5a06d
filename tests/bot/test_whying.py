"""`loudou why` and /why: which part of a change is out of the ordinary, in the terminal and as JSON."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest

from bot import whying
from bot.asking import answer
from bot.cardjson import dumps
from bot.commands import Ask
from bot.driving import Answer, answered
from bot.whying import Question

if TYPE_CHECKING:
    from pathlib import Path

    from bot.desk import Desk
    from diagnostics.book.rows import Lang

DAY = date(2026, 3, 12)


def asked(
    home: Path,
    capsys: pytest.CaptureFixture[str],
    metric: str,
    unit: str = "uk-beauty",
    day: date | None = DAY,
    against: date | None = None,
) -> dict[str, Any]:
    capsys.readouterr()
    assert whying.run(home, Question(metric, unit, day, against), as_json=True) == 0
    answer: dict[str, Any] = json.loads(capsys.readouterr().out)
    return answer


def summed(answer: dict[str, Any]) -> float:
    return float(sum(one["effect"] for one in answer["factors"]))


def test_the_days_gmv_by_its_factors(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answer = asked(home, capsys, "GMV")
    assert list(answer)[:7] == ["unit", "day", "against", "metric", "value", "base", "change"]
    assert (answer["unit"], answer["day"], answer["against"]) == (
        "uk-beauty",
        "2026-03-12",
        "expected",
    )
    assert (answer["metric"], answer["currency"]) == ("gmv", "GBP")
    assert summed(answer) == pytest.approx(answer["change"], rel=1e-9)
    named = [one for one in answer["factors"] if one["named"]]
    assert [one["key"] for one in named] == ["orders/add_to_cart"]
    assert named[0]["low"] < named[0]["effect"] < named[0]["high"] < 0.0
    profit = answer["profit"]
    assert sum(one["effect"] for one in profit["factors"]) == pytest.approx(profit["change"])


def test_against_another_day(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answer = asked(home, capsys, "gmv", against=date(2026, 3, 5))
    assert answer["against"] == "2026-03-05"
    assert summed(answer) == pytest.approx(answer["change"], rel=1e-9)
    assert answer["value"] - answer["base"] == pytest.approx(answer["change"])
    assert [one["key"] for one in answer["factors"] if one["named"]] == ["orders/add_to_cart"]


@pytest.mark.parametrize("word", ["refund_rate", "退款率", "REFUND RATE"])
def test_a_rate_by_key_and_by_name(
    home: Path, capsys: pytest.CaptureFixture[str], word: str
) -> None:
    answer = asked(home, capsys, word, "us-apparel")
    assert answer["metric"] == "refund_rate"
    assert [one["key"] for one in answer["factors"]] == ["refund_requests", "orders"]
    assert summed(answer) == pytest.approx(answer["change"], rel=1e-9)
    assert answer["factors"][0]["named"]


@pytest.mark.parametrize(
    ("lang", "said"),
    [("en", "Out of the ordinary: add to cart → paid"), ("zh", "反常的是「加购→支付」")],
)
def test_the_card_names_what_is_unusual_and_no_more(
    home: Path, capsys: pytest.CaptureFixture[str], lang: Any, said: str
) -> None:
    assert whying.run(home, Question("GMV", "uk-beauty", DAY, None, lang), as_json=False) == 0
    shown = capsys.readouterr().out
    assert said in shown.replace("\n▌  ", "")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_figure_against_another_day_is_a_table(
    home: Path, capsys: pytest.CaptureFixture[str], lang: Any
) -> None:
    for metric in ("GMV", "ctor", "profit", "orders"):
        question = Question(metric, "uk-beauty", DAY, date(2026, 3, 5), lang)
        assert whying.run(home, question, as_json=False) == 0
        shown = capsys.readouterr().out
        assert ("对比 3月5日" if lang == "zh" else "against Thu 5 Mar") in shown
        assert "nan" not in shown


@pytest.mark.parametrize(
    ("metric", "unit", "day", "said"),
    [
        ("gmvv", "uk-beauty", DAY, "gmv (GMV)"),
        ("gmv", "uk-beuty", DAY, "uk-beauty"),
        ("gmv", "", DAY, "uk-beauty"),
        ("gmv", "uk-beauty", date(2030, 1, 1), "2026-03-12"),
        ("gmv", "uk-beauty", date(2025, 1, 1), "no data"),
    ],
)
def test_what_is_not_there_is_answered_with_the_nearest(
    home: Path,
    capsys: pytest.CaptureFixture[str],
    metric: str,
    unit: str,
    day: date,
    said: str,
) -> None:
    assert whying.run(home, Question(metric, unit, day, None, "en"), as_json=False) == 2
    shown = capsys.readouterr().out
    assert said in shown
    assert "Traceback" not in shown


def test_a_session_is_asked_for_its_own_day(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answer = asked(home, capsys, "gmv", "live-0312", None)
    assert (answer["unit"], answer["day"]) == ("uk-beauty/live-0312", "2026-03-12")
    assert [one["step"] for one in answer["factors"] if one["named"]] == ["pay"]
    assert answer["profit"] is None


@pytest.mark.parametrize(
    ("lang", "young"),
    [
        ("zh", "退款金额（按下单日）还会增加，没有算进比较"),
        ("en", "refunded amount (by order day) is still coming in and not compared"),
    ],
)
def test_refunds_of_a_young_day_are_not_told_as_a_gain(desk: Desk, lang: Lang, young: str) -> None:
    def said(now: datetime, against: date | None, metric: str = "gmv") -> str:
        shop = desk.store.units(keys=("uk-beauty",))[0]
        ask = Ask(desk, desk.voice(lang), ("uk-beauty",), (), now)
        answer = answered(ask, desk.book.metrics[metric], shop, DAY, against)
        assert isinstance(answer, Answer)
        return dumps(answer.card)

    morning, summer = datetime(2026, 3, 13, 9, tzinfo=UTC), datetime(2026, 6, 13, 9, tzinfo=UTC)
    for against in (None, date(2026, 3, 5)):
        assert young in said(morning, against)
        assert young not in said(summer, against)
        assert young in said(morning, against, "profit")
        assert young not in said(summer, against, "profit")


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("why profit uk-beauty", "contribution profit"),
        ("/why refund_rate uk-beauty 2026-03-12", "refund rate"),
        ("为什么 退款率 uk-beauty", "refund rate"),
        ("why gmv uk-beauty", "GMV"),
        ("why uk-beauty", "GMV"),
        ("why profit live-0312", "contribution profit"),
    ],
)
def test_a_figure_can_be_asked_for_in_the_chat(desk: Desk, text: str, title: str) -> None:
    shops = tuple(row.key for row in desk.team.shop)
    ask = Ask(desk, desk.voice("en"), shops, (), datetime(2026, 3, 13, 9, tzinfo=UTC))
    assert title.casefold() in str(answer(ask, text).title).casefold()
    assert dumps(answer(ask, "why gmv uk-beauty")) == dumps(answer(ask, "why uk-beauty"))
