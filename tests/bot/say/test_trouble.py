"""What is said where the base is in trouble, and of what speaks against a cause."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.card import plain
from bot.console.render import render
from bot.say import findings
from bot.say.digest import digest
from bot.say.voice import Voice
from diagnostics.diagnose import diagnose
from diagnostics.reading import Evidence, Hypothesis
from tests.diagnostics.rows import LAST, Shop, shipped, shops, unit

if TYPE_CHECKING:
    from diagnostics.reading import Diagnosis

BOOK = shipped()


def judged(**change: tuple[int, float]) -> Diagnosis:
    return diagnose(shops(Shop(change=change)), BOOK, LAST)


@pytest.mark.parametrize(
    ("lang", "sides"), [("zh", ("支持：", "反对：")), ("en", ("for: ", "against: "))]
)
def test_what_speaks_against_a_cause_is_worded(lang: str, sides: tuple[str, str]) -> None:
    reading = judged(pay_rate=(1, 0.6)).findings[0].reading
    both = (Evidence(reading, supports=True), Evidence(reading, supports=False))
    voice = Voice("zh" if lang == "zh" else "en", BOOK, units={"uk-beauty": unit("uk-beauty")})
    said = findings.cause(Hypothesis("S6", "bad_batch", both), voice)
    assert all(side in said for side in sides)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_base_in_trouble_is_said_first_and_holds_all_else_back(lang: str) -> None:
    """S5 asks whether the funnel may be judged at all, before anything of it is."""
    day = judged(disconnects=(1, 60.0), pay_rate=(1, 0.4), refund_rate=(1, 4.0))
    assert {one.scene for one in judged(pay_rate=(1, 0.4), refund_rate=(1, 4.0)).findings} >= {"S3"}
    assert [one.scene for one in day.findings] == ["S5"]
    assert not day.trust.judged
    assert [one.verdict for one in day.trust.checks] == ["block", "unknown", "unknown", "unknown"]
    (shop,) = day.shops
    assert shop.funnel.leak == ""
    assert {step.rate.why for step in shop.funnel.steps if step.rate and step.rate.value} == {
        "not_trusted"
    }
    voice = Voice("zh" if lang == "zh" else "en", BOOK, units={"uk-beauty": unit("uk-beauty")})
    card = digest(day, voice)
    first = plain(card.title)
    said = render(card, color=False)
    told = {
        "zh": ("账号或网络异常", "漏斗不评判"),
        "en": ("account or network trouble", "not judged"),
    }
    assert all(words in first for words in told[lang])
    do = {row.key: row.text(voice.lang).rstrip("。.") for row in BOOK.prescriptions()}
    flat = "".join(said.replace("▌", " ").split())
    assert "".join(do[day.findings[0].prescriptions[0]].split()) in flat
    others = [
        key
        for key, row in do.items()
        if key not in {p.key for p in BOOK.scenes["S5"].prescriptions}
    ]
    assert [key for key in others if "".join(do[key].split()) in flat] == []
