"""Every card as Slack gets it, compared with what was looked at and found good."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from bot.card import Form, Mention
from bot.slack.forms import Asked, Place, modal, pack, unpack
from bot.slack.render import STYLES, Style, render, title
from tests.cards import catalogue
from tests.cards.golden import same, stems
from tests.cards.slack_rules import faults, modal_faults

if TYPE_CHECKING:
    from diagnostics.book.rows import Lang

ALL = [(name, lang) for name in catalogue.CATALOGUE for lang in catalogue.LANGS]
IDS = [f"{name}.{lang}" for name, lang in ALL]


def naming(mention: Mention) -> str:
    """Give everybody a Slack id, so that mentions are seen in the golden files."""
    return f"<@U{mention.person.upper().replace('-', '')}>"


@pytest.mark.parametrize(("name", "lang"), ALL, ids=IDS)
def test_the_message_is_as_it_was_looked_at(name: str, lang: Lang) -> None:
    payload = render(catalogue.card(name, lang), naming)
    same(json.dumps(payload, ensure_ascii=False, indent=1) + "\n", "slack", f"{name}.{lang}.json")


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize(("name", "lang"), ALL, ids=IDS)
def test_slack_takes_the_message(name: str, lang: Lang, style: Style) -> None:
    assert faults(render(catalogue.card(name, lang), naming, style)) == []


@pytest.mark.parametrize(("name", "lang"), ALL, ids=IDS)
def test_the_notification_says_what_the_card_says_alone(name: str, lang: Lang) -> None:
    card = catalogue.card(name, lang)
    text = render(card)["text"]
    assert len(text) >= 5
    assert "\n" not in text


@pytest.mark.parametrize(("name", "lang"), ALL, ids=IDS)
def test_every_form_fits_into_its_button_and_its_modal(name: str, lang: Lang) -> None:
    card = catalogue.card(name, lang)
    for form in (block for block in card.blocks if isinstance(block, Form)):
        asked = unpack(pack(Asked(form, title(card), lang)))
        assert [field.name for field in asked.form.fields] == [f.name for f in form.fields]
        assert modal_faults(modal(asked, Place("C01GEN", "1.1", ""))) == []


def test_no_golden_file_is_left_over() -> None:
    assert stems("slack") == set(IDS)
