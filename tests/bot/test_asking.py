"""Every command on the example, in both languages; what is not known; nothing of other shops."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest

from bot.answering import Answering
from bot.asking import REGISTRY, answer
from bot.cardjson import dumps
from bot.chat import Incoming
from bot.commands import Ask
from bot.say import days

if TYPE_CHECKING:
    from bot.card import Card
    from bot.chat import Ref
    from bot.desk import Desk
    from diagnostics.book.rows import Lang

NOW = datetime(2026, 3, 13, 9, tzinfo=UTC)
LAST = date(2026, 3, 12)
UK = ("uk-beauty",)


def ask(desk: Desk, text: str, lang: Lang = "en", shops: tuple[str, ...] = UK) -> Card:
    return answer(Ask(desk, desk.voice(lang), shops, (), NOW), text)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(
    ("text", "scope"),
    [
        ("/funnel live-0312", "live-0312"),
        ("/漏斗 UK-BEAUTY 7d", ""),
        ("/kpi", ""),
        ("/trend gmv uk-beauty", ""),
        ("/趋势 退款率 30d", ""),
        ("/why live-0312", "live-0312"),
        ("/为什么 uk-beauty 2026-03-10", ""),
        ("/funnel uk-beauty 2026-03-01..2026-03-07", ""),
    ],
)
def test_an_answer_alone_says_of_what_and_when(
    desk: Desk, text: str, scope: str, lang: Lang
) -> None:
    card = ask(desk, text, lang)
    shop = desk.voice(lang).name("uk-beauty")
    assert (scope or shop) in card.summary
    assert any(
        days.short(date(2026, 3, day), lang) in card.summary
        or days.full(date(2026, 3, day), lang) in card.summary
        or days.stretch(date(2026, 3, first), date(2026, 3, day), lang) in card.summary
        for day in range(1, 13)
        for first in range(1, day)
    ), card.summary
    assert card.lang == lang
    assert card.blocks


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_help_names_every_command_in_the_readers_language(desk: Desk, lang: Lang) -> None:
    for text in ("", "/help", "/帮助"):
        said = dumps(ask(desk, text, lang))
        for command in REGISTRY.commands:
            assert command.usage(lang) in said


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("/funel live-0312", "funnel"),
        ("/funnel liv-0312", "live-0312"),
        ("/funnel LIVE-0312", "live-0312"),
        ("/trend gvm", "gmv"),
        ("/trend", "metric"),
        ("/metric", "metric"),
        ("/metric 退款率", "refund"),
        ("/metric ctrr", "ctr"),
        ("/funnel uk-beauty 999d", "dates"),
        ("/funnel uk-beauty 2026-03-10..2026-03-01", "dates"),
        ("/funnel uk-beauty 2099-01-01", "no data"),
        ("/funnel uk-beauty 0001-01-01", "not found"),
        ("/why nobody-knows-this", "not found"),
        ("/kpi nobody-knows-this", "not found"),
        ("/funnel " + "x" * 3000, "not found"),
        ("/funnel %_%' or 1=1 --", "not found"),
        ("/frobnicate", "help"),
    ],
)
def test_what_is_not_known_is_answered_with_what_comes_nearest(
    desk: Desk, text: str, says: str
) -> None:
    card = ask(desk, text)
    assert says in dumps(card).casefold()
    assert len(card.summary) < 200


@pytest.mark.parametrize("word", ["why", "why gmv", "funnel", "why refund_rate", "trend gmv"])
@pytest.mark.parametrize("day", ["2099-01-01", "2019-01-01"])
def test_a_day_without_figures_names_those_that_have(desk: Desk, word: str, day: str) -> None:
    card = ask(desk, f"/{word} uk-beauty {day}")
    assert card.state == "grey"
    assert card.summary == f"UK beauty · {day}: no data"
    assert "2026-03-12" in dumps(card)


def test_without_a_metric_it_is_asked_which(desk: Desk) -> None:
    assert ask(desk, "/trend").summary == "Which metric?"
    assert ask(desk, "/metric", "zh").summary == "要看哪个指标？"


def test_without_a_unit_several_shops_are_offered(desk: Desk) -> None:
    said = dumps(ask(desk, "/funnel", shops=("uk-beauty", "us-apparel")))
    assert "uk-beauty" in said
    assert "us-apparel" in said


def test_a_name_that_two_shops_use_is_asked_back(desk: Desk) -> None:
    units = desk.store.units(kinds=("live",))
    names = [unit.key.rpartition("/")[2] for unit in units]
    twice = next((name for name in names if names.count(name) > 1), "")
    assert twice, "the example has sessions of the same day in two shops"
    shops = tuple(row.key for row in desk.team.shop)
    said = dumps(ask(desk, f"/funnel {twice}", shops=shops))
    for unit in units:
        if unit.key.endswith(f"/{twice}"):
            assert unit.key in said


def test_no_command_tells_of_another_shop(desk: Desk) -> None:
    foreign = [unit for unit in desk.store.units() if unit.shop not in {"", *UK}]
    assert foreign
    words = {one.key for one in foreign} | {one.name for one in foreign if len(one.name) > 5}
    mine = desk.store.units(shops=UK)
    own = {one.name for one in mine} | {one.key.rpartition("/")[2] for one in mine}
    live = next(one for one in foreign if one.kind == "live")
    for command in REGISTRY.commands:
        for args in ("", "us-apparel", live.key, "gmv us-apparel", "list", "us"):
            card = ask(desk, f"/{command.word} {args}")
            said = dumps(card)
            asked = {word for word in words if word.casefold() in args.casefold()}
            leaked = [word for word in words - own - asked if word in said]
            assert not leaked, (command.word, args, leaked)


class Deaf:
    """A chat of which only the answers are looked at."""

    platform = "console"

    def __init__(self) -> None:
        self.said: list[str] = []

    def answer(self, incoming: Incoming, card: Card, *, key: str) -> Ref | None:
        self.said.append(dumps(card))
        return None

    def name(self, user: str) -> str:
        return user


@pytest.mark.parametrize(
    ("user", "channel", "private", "says"),
    [
        ("you", "standup", False, "UK beauty"),
        ("stranger", "elsewhere", False, "not set up"),
        ("stranger", "stranger", True, "not set up"),
        ("", "", True, "not set up"),
    ],
)
def test_who_may_ask_what(desk: Desk, user: str, channel: str, private: bool, says: str) -> None:
    chat = Deaf()
    answering = Answering(desk, {"console": chat}, lambda: NOW, lambda: None)  # type: ignore[dict-item]  # all that is called
    answering(Incoming("command", "1", "console", channel, user, NOW, text="/kpi", private=private))
    assert says in chat.said[0]


def test_in_private_a_person_sees_the_own_shops(desk: Desk) -> None:
    chat = Deaf()
    answering = Answering(desk, {"console": chat}, lambda: NOW, lambda: None)  # type: ignore[dict-item]  # all that is called
    person = next(row for row in desk.team.person if row.shops and len(row.shops) == 1)
    foreign = next(row.name for row in desk.team.shop if row.key not in person.shops)
    answering(Incoming("command", "1", "console", "dm", person.key, NOW, text="/kpi", private=True))
    assert desk.voice().name(person.shops[0]) in chat.said[0]
    assert foreign not in chat.said[0]
