"""What can be asked, made from the registry of commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.card import Card, Fact, Facts, Note, Words
from bot.say.errors import problem
from diagnostics.book.rows import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.card import Line
    from bot.say.voice import Voice

_HEAD = Text("可以这样问我", "What you can ask me")
_NAMES = Text(
    "直播、商品、视频可以只写名字的一部分，大小写都行；写错了会给出最接近的三个。",
    "A part of a name is enough, in any case; a wrong one is answered with the nearest three.",
)
_UNKNOWN = Text("没有「{word}」这个命令", "There is no command “{word}”")
_TRY = Text("最接近的：{nearest}；全部命令：/help", "Nearest: {nearest}; all commands: /help")
_TRY_HELP = Text("全部命令：/help", "All commands: /help")


def help_(commands: Sequence[tuple[str, Text, Text]], voice: Voice, *, note: str = "") -> Card:
    """Return all commands as (word, usage, meaning). `note`: how to call them on this platform."""
    facts = tuple(
        Fact(usage(voice.lang) or word, (Words(meaning(voice.lang)),))
        for word, usage, meaning in commands
    )
    lines: list[Line] = [(Words(note),)] if note else []
    lines.append(voice.line(_NAMES))
    head = voice(_HEAD)
    return Card(
        "blue", (Words(head, bold=True),), head, (Facts(facts), Note(tuple(lines))), voice.lang
    )


def unknown_command(word: str, nearest: Sequence[str], voice: Voice) -> Card:
    """Return that there is no such command, with those that are spelt like it."""
    named = voice.joined(f"/{one}" for one in nearest[:3])
    hint = voice(_TRY, nearest=named) if named else voice(_TRY_HELP)
    return problem(voice(_UNKNOWN, word=word), hint, voice)
