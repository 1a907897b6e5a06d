"""What the team's own answers did to an alert: told from now on only when so much surer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.card import Note, Words
from bot.say import alarm, days
from diagnostics.book.rows import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.say.voice import Voice
    from diagnostics.patience import Heard, Patience
    from diagnostics.reading import Finding

_HEARD = Text("{since}以来：{answers}；{effect}", "Since {since}: {answers}; {effect}")
_FALSE = Text("误报 {n} 次", "false alarm {n}")
_GOOD = Text("报得好 {n} 次", "good catch {n}")
_SURER = Text("要有 {factor} 倍把握才报", "told only from {factor}× as sure")
_SOONER = Text("有 {factor} 倍把握就报", "told already from {factor}× as sure")
_SAME = Text("门槛不变", "told as before")
_NAMED = Text("{what}：{said}", "{what}: {said}")
_ONCE = {1: "once", 2: "twice"}


def line(heard: Heard, voice: Voice) -> str:
    """Return how often an alert was called false or good, and what follows from it."""
    said = [
        voice(text, n=_times(number, voice))
        for text, number in ((_FALSE, heard.false), (_GOOD, heard.good))
        if number
    ]
    since = days.short(heard.since, voice.lang)
    return voice(_HEARD, since=since, answers=voice.joined(said), effect=effect(heard, voice))


def note(found: Sequence[Finding], patience: Patience, voice: Voice) -> Note | None:
    """Return what was answered of some findings, each by its name; None where nobody did."""
    said = [
        voice(_NAMED, what=alarm.scene(one, voice), said=line(heard, voice))
        for one in found
        if (heard := patience.heard(one.key)) is not None
    ]
    return Note(tuple((Words(text),) for text in said)) if said else None


def effect(heard: Heard, voice: Voice) -> str:
    """Return how much surer an alert must be from now on; one decimal, "as before" below it."""
    factor = f"{heard.factor:.1f}"
    if factor == "1.0":
        return voice(_SAME)
    return voice(_SURER if heard.factor > 1.0 else _SOONER, factor=factor)


def _times(number: int, voice: Voice) -> str:
    return str(number) if voice.lang == "zh" else _ONCE.get(number, f"{number} times")
