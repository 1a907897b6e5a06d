"""What is typed, forgiven and understood: words, windows, the registry."""

from __future__ import annotations

from datetime import date

import pytest

from bot.asking import REGISTRY
from bot.commands import Registry, Window, window, words

LAST = date(2026, 3, 12)


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("/funnel live-0312", ("funnel", "live-0312")),
        ("／漏斗　live-0312", ("漏斗", "live-0312")),
        ("  funnel\u00a0live-0312 ７d ", ("funnel", "live-0312", "7d")),
        ("", ()),
        ("/", ()),
    ],
)
def test_words(text: str, typed: tuple[str, ...]) -> None:
    assert words(text) == typed


@pytest.mark.parametrize(
    ("args", "rest", "days"),
    [
        (("live-0312",), ("live-0312",), Window(LAST, 1)),
        (("live-0312", "7d"), ("live-0312",), Window(LAST, 7)),
        (("30天", "gmv"), ("gmv",), Window(LAST, 30)),
        (("2026-03-01..2026-03-10",), (), Window(date(2026, 3, 10), 10)),
        (("2026-03-05", "x"), ("x",), Window(date(2026, 3, 5), 1)),
    ],
)
def test_window(args: tuple[str, ...], rest: tuple[str, ...], days: Window) -> None:
    assert window(args, LAST) == (rest, days)


@pytest.mark.parametrize("word", ["0d", "999d", "2026-03-10..2026-03-01", "2026-13-01"])
def test_a_window_that_is_none(word: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        window((word,), LAST)


@pytest.mark.parametrize("words", ["7d 30d", "2026-03-12 2026-03-05", "2026-03-12 7d"])
def test_two_windows_are_none(words: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        window(tuple(words.split()), LAST)


def test_every_word_calls_its_command() -> None:
    for command in REGISTRY.commands:
        for word in command.words:
            assert REGISTRY.find(f"/{word.upper()} x") == (command, ("x",))


def test_an_unknown_word_is_handed_back() -> None:
    assert REGISTRY.find("/funel x") == (None, ("funel", "x"))
    assert REGISTRY.find(" ") == (None, ())


def test_two_commands_cannot_share_a_word() -> None:
    with pytest.raises(ValueError, match="share a word"):
        Registry((*REGISTRY.commands, REGISTRY.commands[0]))
