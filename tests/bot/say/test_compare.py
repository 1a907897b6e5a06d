"""A figure by its factors: the note speaks of the others only where there are some."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bot.card import Note
from bot.say.compare import compare
from bot.say.findings import Called
from bot.say.metric import metric
from bot.say.slide import told as slides_told
from bot.say.trend import visible
from bot.say.voice import Voice
from diagnostics.book import load
from diagnostics.detail import Detail
from diagnostics.drivers import Drivers, Factor
from diagnostics.reading import Slide
from tests.cards.values import THURSDAY, UK, live_finding, reading

if TYPE_CHECKING:
    from bot.card import Card
    from diagnostics.book.rows import Lang

BOOK = load()
CVR = BOOK.metrics["cvr"]


def voice(lang: Lang) -> Voice:
    return Voice(lang, BOOK, units={UK.key: UK}, currency="GBP")


def part(effect: float, *, named: bool) -> Factor:
    return Factor("orders", "", 222.0, 188.0, effect, None, None, named)


def said(*factors: Factor, lang: Lang = "en", red: bool = False) -> Card:
    effect = sum(one.effect for one in factors)
    told = Drivers("cvr", UK.key, 0.0728 + effect, 0.0728, effect, factors)
    day = reading("cvr", 0.04, light="red" if red else "green")
    return compare(told, CVR, THURSDAY, None, Detail(), voice(lang), day)


def note(card: Card) -> str:
    (found,) = [block for block in card.blocks if isinstance(block, Note)]
    return "".join(span.text for line in found.lines for span in line if hasattr(span, "text"))


@pytest.mark.parametrize(
    ("lang", "rest", "each"),
    [("en", "the others, −0.9 points together", "as each part is"), ("zh", "−0.9 个百分点", "每一部分都是")],
)  # fmt: skip
def test_the_others_are_spoken_of_where_there_are_some(lang: Lang, rest: str, each: str) -> None:
    fall, small = part(-0.023, named=True), part(-0.009, named=False)
    assert rest in note(said(fall, small, lang=lang))
    assert note(said(fall, replace(small, named=True), lang=lang)).rstrip("。.").endswith(each)


def test_what_is_red_in_the_digest_is_red_here() -> None:
    fall = part(-0.023, named=True)
    assert said(fall).state == "yellow"
    assert said(fall, red=True).state == "red"


def test_a_rate_that_reads_the_same_did_not_change() -> None:
    assert said(part(-0.00001, named=False)).summary.endswith("CVR 7.3%, no change")


@pytest.mark.parametrize(("lang", "words"), [("en", "no data on cost of goods"), ("zh", "贡献利润率没法比：缺商品成本")])  # fmt: skip
def test_what_is_lacking_is_named(lang: Lang, words: str) -> None:
    told = Drivers("margin", UK.key, None, None, None, (), "no_cost", ("cost_goods",))
    card = compare(told, BOOK.metrics["margin"], THURSDAY, None, Detail(), voice(lang))
    assert card.summary.endswith(words)


def test_the_smallest_change_of_a_rate_is_of_the_rate() -> None:
    assert "41% of the rate itself" in visible("refund_rate", 0.41, voice("en"))
    assert "of the rate" not in visible("gmv", 0.41, voice("en"))


def test_a_range_that_follows_another_metric_names_it() -> None:
    row = BOOK.metrics["roas"]
    (range_,) = [one for one in BOOK.ranges if one.metric == "roas" and one.low_from]
    card = metric(row, voice("en"), [(UK, range_)])
    assert "everyone: ≥ break-even ROAS (" in str(card.blocks)


@pytest.mark.parametrize(("total", "lines"), [(9400.0, 0), (21_000.0, 1)])
def test_a_slide_of_one_week_is_not_counted_twice(total: float, lines: int) -> None:
    slide = Slide(THURSDAY, 24_100.0, 33_500.0, total=total)
    one = replace(live_finding(), unit=UK.key, lost=9400.0, slide=slide)
    (section,) = slides_told([one], voice("en"), Called())
    assert str(section.lines).count("less in all") == lines
