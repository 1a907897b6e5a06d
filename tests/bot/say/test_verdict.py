"""The first line of a morning: what it says on a day that is neither good nor bad enough."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from bot.say import headline, readings, verdict
from bot.say.voice import Voice
from diagnostics.book import load
from diagnostics.reading import Learnt
from tests.cards.values import UK, bad_day, diagnosis, funnel, reading, voice

if TYPE_CHECKING:
    from diagnostics.book.rows import Lang
    from diagnostics.reading import ShopDay

SALE = date(2026, 11, 11)
GUESS, LEARNT = Learnt(60, effect=2.0), Learnt(60, effect=2.0, effect_days=2)


def first(shop: ShopDay, lang: Lang = "en") -> str:
    return verdict.headline(diagnosis([shop]), voice(lang))[1]


@pytest.mark.parametrize(
    ("lang", "said"),
    [("en", "watch cart → pay"), ("zh", "留意「加购→支付」")],
)
def test_a_green_day_with_a_leak_says_what_to_watch(lang: Lang, said: str) -> None:
    green = replace(bad_day(), light="green")
    assert first(green, lang).endswith(said)
    whole = replace(green, funnel=replace(green.funnel, leak=""))
    assert said not in first(whole, lang)


@pytest.mark.parametrize(("orders", "even"), [(0.4, True), (3.0, False)])
def test_a_day_off_is_much_like_one(orders: float, *, even: bool) -> None:
    gmv = reading("gmv", 0.0, usual=7.36)
    off = funnel(UK.key, gmv, leak="")
    paid = reading("orders", 0.0, usual=orders)
    steps = tuple(replace(one, count=paid) if one.step == "orders" else one for one in off.steps)
    said = verdict.gmv(replace(off, steps=steps), voice("en"))
    assert ("much like a usual Thursday" in said) == even
    assert ("−100%" in said) != even


@pytest.mark.parametrize(("told", "guess"), [(GUESS, True), (LEARNT, False)])
def test_a_campaign_without_a_past_is_called_a_guess(told: Learnt, *, guess: bool) -> None:
    day = reading("gmv", 90.0, usual=180.0, day=SALE, calendar=("double-11-11-2026",))
    assert day.expected is not None
    day = replace(day, expected=replace(day.expected, learnt=told))
    here = Voice("en", load(), units={UK.key: UK})
    assert (readings.usual(day, here) == "the rough guess for such a day") == guess
    assert (readings.expectation(day, here).startswith("rough guess")) == guess
    near = replace(day, day=date(2026, 11, 12))
    assert readings.usual(near, here) == "such a day"


def test_a_rate_of_few_says_so_beside_its_figure() -> None:
    shop = bad_day()
    few = reading("refund_rate", 0.5, usual=0.05, over=6, why="too_few", light="grey")
    shop = replace(shop, headline={**shop.headline, "refund_rate": few})
    (fact,) = [one for one in headline.facts(shop, voice("en")) if one.label == "Refund rate"]
    said = "".join(span.text for span in fact.value if hasattr(span, "text"))
    assert said.startswith("50% too few to say (6 ")
