"""What a digest could not say yet: found in figures that came after it, told in its thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.card import DOTS, Button, Buttons, Card, Note, Paragraph, Section, Words
from bot.say import alarm, days, findings, slide, together, verdict
from diagnostics import fingerprint
from diagnostics.book.rows import Text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from bot.card import Block, Line
    from bot.say.findings import Called
    from bot.say.voice import Voice
    from diagnostics.reading import Diagnosis, Finding

_SOME = Text(
    "{day}又发现 {n} 条：{what}",
    "{n} more findings · {day}: {what}",
)
_GONE = Text("已撤回：更正后的数据里没有", "Withdrawn: the corrected figures do not show it")
_TAKEN_BACK = Text("{gone}（{what}）", "{gone} ({what})")
_LATER = Text(
    "日报发出后数据才到，这时才看得出来；上面的日报已经更正",
    "Seen only in figures that came after the digest; the digest above is put right",
)
_REVIEW = Text("复盘", "Review")
_REVIEW_FIRST = Text("复盘第 1 条", "Review no. 1")
_WHY = Text("钱去哪了", "Where the money went")


def since(
    found: Sequence[Finding], gone: Sequence[str], day: date, diagnosis: Diagnosis, voice: Voice
) -> Card:
    """Return what was found of a `day` after its digest: costliest first, each with what to do.

    `gone` are the keys of what this message told before and corrected figures do not show.
    """
    voice = voice.knowing(diagnosis.units).knowing({s.unit.key: s.unit for s in diagnosis.shops})
    tells = (*(one.key for one in found), *gone)
    back = tuple((Words(_back(key, voice)),) for key in gone)
    if not found:
        head = voice.dotted((_back(gone[0], voice), days.full(day, voice.lang)))
        rest = (Paragraph(back[1:]),) if back[1:] else ()
        return Card("grey", (Words(head, bold=True),), head, rest, voice.lang, tells)
    light = verdict.worst([one.reading.light for one in found])
    head = _head(found, day, voice)
    small = (*back, voice.line(_LATER))
    blocks: tuple[Block, ...] = (*_blocks(found, voice), Note(small), _buttons(found, voice))
    return Card(
        state="yellow" if light == "yellow" else "red",
        title=(Words(head, bold=True, light=light),),
        summary=f"{DOTS[light]} {head}",
        blocks=blocks,
        lang=voice.lang,
        tells=tells,
    )


def _head(found: Sequence[Finding], day: date, voice: Voice) -> str:
    if len(found) == 1:
        return alarm.headline(found[0], voice)
    what = voice.joined(findings.short(one, voice, place=True) for one in found[:2])
    return voice(_SOME, n=str(len(found)), day=days.full(day, voice.lang), what=what)


def _blocks(found: Sequence[Finding], voice: Voice) -> list[Block]:
    called = findings.Called()
    if len(found) == 1:
        return [Paragraph(lines) for lines in (_lines(found[0], voice, called),) if lines]
    return [
        Section(findings.title(one, voice, number=number, place=True), _lines(one, voice, called))
        for number, one in enumerate(found, start=1)
    ]


def _lines(finding: Finding, voice: Voice, called: Called) -> tuple[Line, ...]:
    """Return who moved along, the causes with their evidence, and what is to be done first."""
    deeds = (
        findings.prescription(row, finding, voice, called)
        for row in findings.rows(finding, voice)[:1]
    )
    causes = findings.causes(finding, voice)
    return tuple(line for line in (*together.members(finding, voice), causes, *deeds) if line)


def _back(key: str, voice: Voice) -> str:
    """Return that what was told is not so, and what it was."""
    unit, what = fingerprint.read(key)
    row = voice.book.scenes.get(what)
    name = row.name(voice.lang) if row else slide.named(what, voice)
    return voice(_TAKEN_BACK, gone=voice(_GONE), what=voice.dotted((name, voice.place(unit))))


def _buttons(found: Sequence[Finding], voice: Voice) -> Buttons:
    review = voice(_REVIEW if len(found) == 1 else _REVIEW_FIRST)
    first = Button("review", review, found[0].key, style="primary")
    unit = found[0].unit if fingerprint.circle(found[0].unit) is None else found[0].others[0].unit
    return Buttons((first, Button("why", voice(_WHY), unit)))
