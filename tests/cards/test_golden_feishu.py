"""Every card of the catalogue as Feishu shows it, held against files that people have looked at."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from bot.feishu import limits
from bot.feishu.post import post
from bot.feishu.render import content, count, render
from tests.cards import catalogue
from tests.cards.feishu_rules import problems
from tests.cards.golden import same, stems

if TYPE_CHECKING:
    from bot.card import Card, Mention

CARDS = catalogue.cards()


def people(mention: Mention) -> str:
    return f"ou_{mention.person}" if mention.person.isascii() and mention.person.isalnum() else ""


@pytest.mark.parametrize(("name", "card"), CARDS, ids=[name for name, _ in CARDS])
def test_golden(name: str, card: Card) -> None:
    shown = json.dumps(render(card, people), ensure_ascii=False, indent=1) + "\n"
    same(shown, "feishu", f"{name}.json")


@pytest.mark.parametrize("rich", [True, False], ids=["card", "bare"])
@pytest.mark.parametrize(("name", "card"), CARDS, ids=[name for name, _ in CARDS])
def test_every_card_is_taken(name: str, card: Card, rich: bool) -> None:
    payload = render(card, people, rich=rich)
    assert problems(payload) == []
    assert len(content(payload).encode()) <= limits.BYTES
    assert count(payload) <= limits.ELEMENTS


@pytest.mark.parametrize(("name", "card"), CARDS, ids=[name for name, _ in CARDS])
def test_every_card_has_a_plain_form(name: str, card: Card) -> None:
    assert len(content(post(card, people)).encode()) <= limits.BYTES


def test_no_file_is_left_over() -> None:
    assert stems("feishu") == {name for name, _ in CARDS}
