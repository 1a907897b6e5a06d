"""Every card of the catalogue as Feishu shows it, held against files that people have looked at."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.feishu import limits
from bot.feishu.post import post
from bot.feishu.render import content, count, render
from tests.cards import catalogue
from tests.cards.feishu_rules import problems

if TYPE_CHECKING:
    from bot.card import Card, Mention

GOLDEN = Path(__file__).parent / "golden" / "feishu"
CARDS = catalogue.cards()
WRITE = "LOUDOU_WRITE_GOLDEN"
"""Set in the environment, the files are written anew; look at the difference before keeping it."""


def people(mention: Mention) -> str:
    return f"ou_{mention.person}" if mention.person.isascii() and mention.person.isalnum() else ""


@pytest.mark.parametrize(("name", "card"), CARDS, ids=[name for name, _ in CARDS])
def test_golden(name: str, card: Card) -> None:
    shown = json.dumps(render(card, people), ensure_ascii=False, indent=1) + "\n"
    file = GOLDEN / f"{name}.json"
    if os.environ.get(WRITE):
        file.write_text(shown, encoding="utf-8")
    assert file.read_text(encoding="utf-8") == shown


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
    assert {file.stem for file in GOLDEN.glob("*.json")} == {name for name, _ in CARDS}
