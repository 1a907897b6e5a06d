"""Who moved together, in words: of a country, of all shops, of one kind; and who moved alone."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bot.card import plain
from bot.say import together
from diagnostics.panel import Unit
from diagnostics.reading import Compared, Moved
from tests.cards import values

if TYPE_CHECKING:
    from diagnostics.book.rows import Lang
    from diagnostics.reading import Finding

VIDEOS = {
    f"uk-beauty/video-{at}": Unit(f"uk-beauty/video-{at}", "video", f"v{at}", "uk-beauty")
    for at in range(8)
}


def of_kind(asked: int) -> Finding:
    moved = tuple(Moved(key, -0.2) for key in VIDEOS)
    one = values.group_finding()
    return replace(one, unit="uk-beauty", scope="kind", others=moved, asked=asked)


@pytest.mark.parametrize(
    ("lang", "asked", "said"),
    [
        ("zh", 8, "英国美妆店 8 条视频"),
        ("en", 8, "8 videos of UK beauty"),
        ("zh", 12, "英国美妆店 8/12 条视频"),
        ("en", 12, "8 of 12 videos of UK beauty"),
    ],
)
def test_units_of_one_kind(lang: Lang, asked: int, said: str) -> None:
    voice = values.voice(lang).knowing(VIDEOS)
    assert together.who(of_kind(asked), voice) == said
    named, shared = together.members(of_kind(asked), voice)
    assert plain(named).count("−20%") == together.NAMED
    assert ("条的事" if lang == "zh" else "single one") in plain(shared)


@pytest.mark.parametrize(
    ("unit", "scope", "asked", "said"),
    [
        ("th-a/all-th", "country", 3, "3 shops in Thailand"),
        ("th-a/all-th", "country", 4, "3 of 4 shops in Thailand"),
        ("th-a/all", "company", 3, "all 3 shops"),
        ("th-a/all", "company", 4, "3 of all 4 shops"),
    ],
)
def test_shops_of_a_country_and_all_shops(unit: str, scope: str, asked: int, said: str) -> None:
    assert scope in {"country", "company"}
    where = "country" if scope == "country" else "company"
    one = replace(values.group_finding(), unit=unit, scope=where, asked=asked)  # type: ignore[arg-type]  # one of the two
    assert together.who(one, values.voice("en")) == said


@pytest.mark.parametrize(
    ("lang", "asked", "said"),
    [
        ("zh", 3, "3 家店"),
        ("en", 3, "3 shops"),
        ("zh", 4, "4 家店里 3 家"),
        ("en", 4, "3 of 4 shops"),
        ("zh", 6, "6 家店里 3 家"),
        ("en", 6, "3 of all 6 shops"),
    ],
)
def test_all_is_said_only_of_all_shops_that_there_are(lang: Lang, asked: int, said: str) -> None:
    shops = {key: Unit(key, "shop", key, key) for key in "abcdef"}
    one = replace(values.group_finding(), unit="a/all", scope="company", asked=asked)
    voice = replace(values.voice(lang), units=shops)
    assert together.who(one, voice) == said


@pytest.mark.parametrize(
    ("found", "zh", "en"),
    [
        (
            Compared(-0.4, 0.002, -0.4, -0.2, 0.2, 5, "alone"),
            "只有这家店，其他 5 家没动",
            "only this shop; the other 5: unmoved",
        ),
        (
            Compared(-0.4, -0.35, -0.1, -0.2, 0.2, 5, "together"),
            "其他 5 家也 −35%",
            "so did the other 5 shops: −35%",
        ),
        (
            Compared(-0.4, -0.2, -0.3, -0.2, 0.2, 5, "unclear"),
            "其他 5 家 −20%",
            "the other 5 shops: −20%",
        ),
        (Compared(-0.4, 0.1, -0.5, -0.2, 0.2, 1, "unclear"), "另一家 +10%", "the other shop: +10%"),
    ],
)
def test_how_the_others_did(found: Compared, zh: str, en: str) -> None:
    one = replace(values.live_finding(), compared=found)
    assert together.beside(one, values.voice("zh")) == zh
    assert together.beside(one, values.voice("en")) == en


def test_nothing_is_said_beside_a_shop_that_stands_alone() -> None:
    assert together.beside(values.live_finding(), values.voice("en")) == ""
    assert together.members(values.live_finding(), values.voice("en")) == ()
