"""The catalogue as a terminal shows it, at a phone's width, compared with golden files."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from bot.console.render import render
from bot.say.width import width
from tests.cards.catalogue import cards
from tests.cards.golden import same, stems

if TYPE_CHECKING:
    from bot.card import Card

WIDTH = 60
ALL = cards()
EVERY = pytest.mark.parametrize(("name", "card"), ALL, ids=[name for name, _card in ALL])
_CODES = re.compile(r"\x1b\[[0-9;]*m")


@EVERY
def test_the_terminal_shows_what_it_showed(name: str, card: Card) -> None:
    same(render(card, WIDTH, color=False), "console", f"{name}.txt")


@EVERY
def test_no_line_is_wider_than_the_terminal(name: str, card: Card) -> None:
    for columns in (40, WIDTH, 100, 160):
        for line in render(card, columns, color=False).splitlines():
            assert width(line) <= columns, line


@EVERY
def test_colour_changes_nothing_but_colour(name: str, card: Card) -> None:
    coloured = _CODES.sub("", render(card, WIDTH))
    bare = render(card, WIDTH, color=False)
    assert [line.rstrip() for line in coloured.splitlines()] == bare.splitlines()


def test_no_golden_file_is_left_over() -> None:
    assert stems("console") == {name for name, _card in ALL}
