"""The catalogue as a terminal shows it, at a phone's width, compared with golden files."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.console.render import render
from bot.say.width import width
from tests.cards.catalogue import cards

if TYPE_CHECKING:
    from bot.card import Card

GOLDEN = Path(__file__).parent / "golden" / "console"
WIDTH = 60
ALL = cards()
EVERY = pytest.mark.parametrize(("name", "card"), ALL, ids=[name for name, _card in ALL])
_CODES = re.compile(r"\x1b\[[0-9;]*m")


@EVERY
def test_the_terminal_shows_what_it_showed(name: str, card: Card) -> None:
    shown = render(card, WIDTH, color=False)
    path = GOLDEN / f"{name}.txt"
    if os.environ.get("LOUDOU_UPDATE_GOLDEN"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(shown, encoding="utf-8")
    assert path.exists(), f"no golden file {path.name}: run with LOUDOU_UPDATE_GOLDEN=1"
    assert shown == path.read_text(encoding="utf-8")


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
    assert {path.stem for path in GOLDEN.glob("*.txt")} == {name for name, _card in ALL}
