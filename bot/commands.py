"""What can be asked: one registry of words for all platforms; /help is made from it."""

from __future__ import annotations

import difflib
import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from bot.say import errors

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from bot.card import Card
    from bot.desk import Desk
    from bot.say.voice import Voice
    from diagnostics.book.rows import Metric, Text
    from diagnostics.panel import Unit


@dataclass(frozen=True)
class Ask:
    """A question with everything that is needed to answer it.

    `shops` are the only ones that may be told here; `channel` is the channel's key in the settings.
    """

    desk: Desk
    voice: Voice
    shops: tuple[str, ...]
    args: tuple[str, ...]
    now: datetime
    channel: str = ""
    user: str = ""

    @property
    def rest(self) -> str:
        """Return the words after the command as one."""
        return " ".join(self.args)

    @property
    def day(self) -> date:
        """Return the last day with figures of these shops that is over."""
        latest = self.desk.store.latest_day(self.shops)
        closed = max(self.desk.closed_days(self.shops, self.now))
        return min(latest, closed) if latest else closed


@dataclass(frozen=True, slots=True)
class Command:
    """A word that can be called, how it is used, and what it does."""

    word: str
    aliases: tuple[str, ...]
    usage: Text
    meaning: Text
    run: Callable[[Ask], Card]

    @property
    def words(self) -> tuple[str, ...]:
        """Return the word with its other names."""
        return (self.word, *self.aliases)


@dataclass(frozen=True, slots=True)
class Window:
    """Some days that end with `last`."""

    last: date
    days: int


_SPAN = re.compile(r"(?P<days>\d{1,3})(d|天|日)")
_DATE = r"20\d{2}-\d{2}-\d{2}"
_DATES = re.compile(rf"(?P<first>{_DATE})(?:\.\.(?P<last>{_DATE}))?")
LONGEST = 400
"""Days; a longer window is a job for an export."""


def words(text: str) -> tuple[str, ...]:
    """Return what was typed as words: full-width forms and odd spaces are forgiven."""
    plain = unicodedata.normalize("NFKC", text).replace("…", "..").strip()
    return tuple(plain.lstrip("/").split())


def window(args: Sequence[str], last: date) -> tuple[tuple[str, ...], Window]:
    """Take a span (7d) or dates (D or D..D) out of the words; one day without any.

    Raises ValueError for a date that is none, a window that ends before it begins or is too long,
    and for two of them.
    """
    rest: list[str] = []
    spans: list[Window] = []
    for word in args:
        if match := _SPAN.fullmatch(word.casefold()):
            spans.append(Window(last, int(match["days"])))
        elif match := _DATES.fullmatch(word):
            first = date.fromisoformat(match["first"])
            end = date.fromisoformat(match["last"] or match["first"])
            spans.append(Window(end, (end - first).days + 1))
        else:
            rest.append(word)
    found = spans[0] if spans else Window(last, 1)
    if len(spans) > 1 or not 1 <= found.days <= LONGEST:
        raise ValueError(spans)
    return tuple(rest), found


def unit_of(ask: Ask, word: str) -> Unit | Card:
    """Return the unit that a word means here, or the card that says why there is none."""
    found = ask.desk.store.find_unit(word, shops=ask.shops)
    if len(found) == 1 and _means(word, found[0]):
        return found[0]
    if len(found) > 1 and all(_means(word, unit) for unit in found):
        return errors.several_units(word, found, ask.voice)
    return errors.unknown_unit(word, found, ask.voice)


def _means(word: str, unit: Unit) -> bool:
    names = (unit.key, unit.key.rsplit("/", 1)[-1], unit.name)
    return any(name.casefold().startswith(word.casefold()) for name in names)


def unknown_metric(voice: Voice, word: str) -> Card:
    """Return that there is no such metric, with the nearest three."""
    names: dict[str, Metric] = {}
    for row in voice.book.metrics.values():
        for name in (row.key, row.name.zh, row.name.en, *row.aliases):
            names[name.casefold()] = row
    near = difflib.get_close_matches(word.casefold(), names, 6, 0.3)
    nearest = list({names[name].key: names[name] for name in near}.values())
    return errors.unknown_metric(word, nearest[:3], voice)


class Registry:
    """All commands by their words; the first word of a text picks one."""

    def __init__(self, commands: Sequence[Command]) -> None:
        self.commands = tuple(commands)
        self._by_word = {
            word.casefold(): command for command in self.commands for word in command.words
        }
        if len(self._by_word) != sum(len(command.words) for command in self.commands):
            raise ValueError("two commands share a word")

    @property
    def words(self) -> tuple[str, ...]:
        """Return every word that calls a command."""
        return tuple(self._by_word)

    def find(self, text: str) -> tuple[Command | None, tuple[str, ...]]:
        """Return the command that a text calls (None for no such word) and the words after it."""
        typed = words(text)
        if not typed:
            return None, ()
        command = self._by_word.get(typed[0].casefold())
        return command, typed[1:] if command else typed
