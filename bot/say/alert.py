"""What cannot wait for the morning: what broke, how far, for how much money, and what to do now."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Literal, assert_never

from bot.card import (
    DOTS,
    Block,
    Button,
    Buttons,
    Card,
    Fold,
    Line,
    Note,
    Paragraph,
    State,
    Words,
)
from bot.say import alarm, days, figures, findings, readings, slide, together
from bot.say import heard as hearing
from bot.say.voice import slug
from diagnostics import fingerprint
from diagnostics.book.rows import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from bot.say.voice import Voice
    from diagnostics.patience import Heard
    from diagnostics.reading import Diagnosis, Finding

DONE_FIRST = 3
"""How many prescriptions an alert names, first to be done first."""

_REASONS = Text("买家给的原因：{reasons}", "Reasons given: {reasons}")
_CAUSE = Text("可能：{cause}", "Likely: {cause}")
_MORE = Text("详情：{command}", "Details: {command}")
_ROUGH = Text("{more} · {rough}", "{more} · {rough}")

_ACK = Text("认领", "Acknowledge")
_REVIEW = Text("发起复盘", "Start review")
_SNOOZE = Text("静默 {n} 天", "Snooze {n} d")
_FALSE = Text("误报", "False alarm")
_GOOD = Text("报得好", "Good catch")
_SURE_FALSE = Text(
    "确定是误报？之后同样的情况会更谨慎地报。",
    "Really a false alarm? The same case will be told more carefully.",
)

_ACKED = Text("{who} 已认领（{when}）", "Acknowledged by {who} ({when})")
_ACKED_BARE = Text("{who} 已认领", "Acknowledged by {who}")
_SNOOZED = Text("{who} 已静默到 {until}", "Snoozed by {who} until {until}")
_SNOOZED_BARE = Text("静默到 {until}", "Snoozed until {until}")
_RECOVERED = Text("已恢复（持续 {length}）", "Recovered after {length}")
_SETTLED = Text("现在是新常态（持续 {length}）", "Now the usual level, after {length}")
_WITHDRAWN = Text("已撤回：更正后的数据里没有", "Withdrawn: the corrected figures do not show it")
_APART = Text(
    "已撤回：数据到齐后，这些店不是一起动的",
    "Withdrawn: with all figures in, these shops did not move as one",
)
_JOINED = Text("并到「{who}一起」那一条里看", "Now told as one alert: {who} together")
_CLOSED = Text("{who} 标为误报", "Marked as a false alarm by {who}")

_SHOWN = 3
"""How many alerts of a group are told with what to do first; the rest folds."""
_FOLDED = 20

_GROUP = Text("{n} 条告警 · {shops} · {day}：{lead}", "{n} alerts · {shops} · {day}: {lead}")
_MORE_OF_DAY = Text(
    "另外 {n} 条告警 · {shops} · {day}：{lead}", "{n} more of the day · {shops} · {day}: {lead}"
)
_GROUP_LEFT = Text(
    "{all} 条告警还剩 {n} 条 · {shops} · {day}：{lead}",
    "{n} of {all} alerts still open · {shops} · {day}: {lead}",
)
_MORE_LEFT = Text(
    "当天另外 {all} 条告警还剩 {n} 条 · {shops} · {day}：{lead}",
    "{n} of {all} more of the day still open · {shops} · {day}: {lead}",
)
_GROUP_OVER = Text(
    "{all} 条告警都已结束 · {shops} · {day}", "All {all} alerts are over · {shops} · {day}"
)
_GROUP_SUM = Text("{what}；共约 {money}", "{what}; about {money} in all")
_KINDS = Text("「{scene}」{n} 条", "{n} × “{scene}”")
_GROUP_FOLD = Text("其余 {n} 条", "{n} more")

Standing = Literal[
    "open", "acked", "snoozed", "recovered", "settled", "withdrawn", "joined",
    "false_alarm",
]  # fmt: skip
_COLORS: dict[Standing, State] = {
    "open": "red",
    "acked": "orange",
    "snoozed": "grey",
    "recovered": "green",
    "settled": "grey",
    "withdrawn": "grey",
    "joined": "grey",
    "false_alarm": "grey",
}


@dataclass(frozen=True, slots=True)
class Stand:
    """How an alert stands now, who made it so, and since or until when (local words).

    `who` of an alert that is told with others now: those others.
    """

    state: Standing = "open"
    who: str = ""
    when: str = ""
    until: date | None = None
    days: int = 0
    """For a recovery: how many days it lasted."""
    group: bool = False
    """For a withdrawal: it told of several shops as one."""


def alert(
    finding: Finding,
    diagnosis: Diagnosis,
    voice: Voice,
    stand: Stand | None = None,
    heard: Heard | None = None,
) -> Card:
    """Return the alert of a finding as it stands now; the same card is changed when that changes.

    `heard`: what the team answered of it so far, and what that did to it.
    """
    voice = voice.knowing(diagnosis.units)
    stand = stand or Stand()
    head = voice.dotted((_status(stand, voice), alarm.headline(finding, voice)))
    light = finding.reading.light if stand.state == "open" else None
    open_still = stand.state in {"open", "acked"}
    blocks = [
        Paragraph(_why(finding, voice)),
        Paragraph(_actions(finding, voice) if open_still else ()),
        Note(_small_print(finding, voice, heard)),
        *_buttons(finding, stand, voice),
    ]
    state = "yellow" if light == "yellow" else _COLORS[stand.state]
    return Card(
        state=state,
        title=(Words(head, bold=True, light=light),),
        summary=f"{DOTS[light]} {head}" if light else head,
        blocks=tuple(one for one in blocks if not isinstance(one, Paragraph) or one.lines),
        lang=voice.lang,
    )


def _status(stand: Stand, voice: Voice) -> str:
    """Return how the alert stands; empty while it is open."""
    until = days.full(stand.until, voice.lang) if stand.until else ""
    match stand.state:
        case "open":
            return ""
        case "acked":
            text = _ACKED if stand.when else _ACKED_BARE
            return voice(text, who=stand.who, when=stand.when)
        case "snoozed":
            text = _SNOOZED if stand.who else _SNOOZED_BARE
            return voice(text, who=stand.who, until=until)
        case "recovered" | "settled":
            length = days.lasting(timedelta(days=max(1, stand.days)), voice.lang)
            return voice(_RECOVERED if stand.state == "recovered" else _SETTLED, length=length)
        case "withdrawn":
            return voice(_APART if stand.group else _WITHDRAWN)
        case "joined" | "false_alarm":
            return voice(_JOINED if stand.state == "joined" else _CLOSED, who=stand.who)
        case _:
            assert_never(stand.state)


def _why(finding: Finding, voice: Voice) -> tuple[Line, ...]:
    """Return who moved along, the reasons that buyers gave, and at most two causes with evidence."""
    if finding.slide is not None:
        step = slide.why(finding, finding.slide, voice)
        return (step,) if step else ()
    lines: list[Line] = list(together.members(finding, voice))
    if finding.reasons:
        ranked = sorted(finding.reasons.items(), key=lambda item: -item[1])
        said = [
            f"{_reason(key, voice)} {figures.rate(round(share, 2))}"
            for key, share in ranked
            if figures.known(share) and share > 0
        ]
        if said:
            lines.append(voice.line(_REASONS, reasons=voice.joined(said)))
    for one in finding.hypotheses[:2]:
        cause = findings.cause(one, voice)
        if cause:
            lines.append(voice.line(_CAUSE, cause=cause))
    return tuple(lines)


def _reason(key: str, voice: Voice) -> str:
    """Return a refund reason without the word refund before it."""
    return voice.measure(key).replace("：", ":").rsplit(":", 1)[-1].strip()


def _actions(finding: Finding, voice: Voice) -> tuple[Line, ...]:
    called = findings.Called()
    if finding.slide is not None:
        return (slide.action(finding, finding.slide, voice, called),)
    rows = findings.rows(finding, voice)[:DONE_FIRST]
    return tuple(
        findings.prescription(row, finding, voice, called, number=number)
        for number, row in enumerate(rows, start=1)
    )


def _word(unit: str, voice: Voice) -> str:
    """Return the shortest word by which a command finds a unit: a slug of an id is long to type."""
    name = voice.unit(unit).name
    return min((slug(unit), name), key=len) if name else slug(unit)


def gone(key: str, metric: str | None, day: date, stand: Stand, voice: Voice) -> Card:
    """Return the card of an alert of a `day` whose finding is not there any more."""
    unit, what = fingerprint.read(key)
    row = voice.book.scenes.get(what)
    name = row.name(voice.lang) if row else slide.named(what, voice, metric)
    stand = replace(stand, group=fingerprint.circle(unit) is not None)
    said = (_status(stand, voice), name, voice.place(unit), days.full(day, voice.lang))
    head = voice.dotted(said)
    return Card(_COLORS[stand.state], (Words(head, bold=True),), head, (), voice.lang)


def _small_print(finding: Finding, voice: Voice, heard: Heard | None) -> tuple[Line, ...]:
    unit = finding.others[0].unit if finding.scope and finding.others else finding.unit
    more = voice(_MORE, command=f"/why {_word(unit, voice)}")
    if readings.rough(finding.reading):
        more = voice(_ROUGH, more=more, rough=voice(readings.ROUGH_NOTE))
    said = ((Words(hearing.line(heard, voice)),),) if heard is not None else ()
    return ((Words(more),), *said)


def _buttons(finding: Finding, stand: Stand, voice: Voice) -> tuple[Block, ...]:
    """Return the buttons that still make sense; `value` is the finding's key, and a time."""
    key = finding.key
    review = Button("review", voice(_REVIEW), key)
    snooze = [Button("snooze", voice(_SNOOZE, n=str(n)), f"{key} {n}d") for n in (1, 3)]
    wrong = Button("false_alarm", voice(_FALSE), key, confirm=voice(_SURE_FALSE))
    good = Button("good_catch", voice(_GOOD), key)
    match stand.state:
        case "open":
            ack = Button("ack", voice(_ACK), key, style="primary")
            return (Buttons((ack, review, *snooze, wrong, good)),)
        case "acked":
            return (Buttons((review, *snooze, wrong, good)),)
        case "snoozed" | "recovered" | "settled":
            return (Buttons((review, wrong, good)),)
        case "false_alarm":
            return (Buttons((good,)),)
        case "withdrawn" | "joined":
            return ()
        case _:
            assert_never(stand.state)


def grouped(
    found: Sequence[Finding],
    diagnosis: Diagnosis,
    voice: Voice,
    *,
    more: bool = False,
    of: int = 0,
    day: date | None = None,
) -> Card:
    """Return many alerts of one run as one message: counts, the sum, and each in a fold.

    `more`: they are beyond what has messages of its own on a day. `of`: how many they were when
    those that are over counted too; `day` is the message's, where they have gone on since.
    """
    voice = voice.knowing(diagnosis.units)
    first = found[0]
    day = day or first.reading.day
    kinds: dict[str, int] = {}
    for one in found:
        name = alarm.scene(one, voice)
        kinds[name] = kinds.get(name, 0) + 1
    lead = voice.joined(voice(_KINDS, scene=name, n=str(n)) for name, n in kinds.items())
    total = _total(found, voice) if {one.reading.day for one in found} == {day} else ""
    text = _MORE_OF_DAY if more else _GROUP
    if of > len(found):
        text = _MORE_LEFT if more else _GROUP_LEFT
    head = voice(
        text,
        n=str(len(found)),
        all=str(of),
        shops=_shops((one.unit for one in found), voice),
        day=days.full(day, voice.lang),
        lead=voice(_GROUP_SUM, what=lead, money=total) if total else lead,
    )
    called, told = findings.Called(), set[str]()
    shown = [
        (
            Words(findings.short(one, voice, place=True), light=one.reading.light),
            *_first(one, voice, called, told),
        )
        for one in found[:_SHOWN]
    ]
    rest = tuple(
        (Words(findings.short(one, voice, place=True), light=one.reading.light),)
        for one in found[_SHOWN : _SHOWN + _FOLDED]
    )
    blocks: list[Block] = [Paragraph(tuple(shown))]
    if rest:
        blocks.append(Fold(voice(_GROUP_FOLD, n=str(len(found) - _SHOWN)), (Paragraph(rest),)))
    light = first.reading.light
    return Card(
        state="yellow" if light == "yellow" else "red",
        title=(Words(head, bold=True, light=light),),
        summary=f"{DOTS[light]} {head}",
        blocks=tuple(blocks),
        lang=voice.lang,
    )


def _total(found: Sequence[Finding], voice: Voice) -> str:
    """Return what all of them cost together in the reporting currency; empty without all rates."""
    amounts = [
        voice.reported(one.lost if one.lost_profit is None else one.lost_profit, one.unit)
        for one in found
    ]
    known = [amount for amount in amounts if amount is not None and figures.known(amount)]
    if len(known) < len(amounts) or sum(known) <= 0:
        return ""
    return figures.money(sum(known), voice.currency, voice.lang)


def all_over(units: Iterable[str], of: int, day: date, voice: Voice) -> Card:
    """Return the message that told `of` alerts of some units at once, once none is open."""
    head = voice(
        _GROUP_OVER, all=str(of), shops=_shops(units, voice), day=days.full(day, voice.lang)
    )
    return Card("grey", (Words(head, bold=True),), head, (), voice.lang)


def _shops(units: Iterable[str], voice: Voice) -> str:
    """Return the shops that are concerned, at most three by name."""
    keys = list(dict.fromkeys(voice.unit(one).shop or one for one in units))
    return voice.joined(voice.name(key) for key in keys[:3]) + (" …" if len(keys) > 3 else "")


def _first(finding: Finding, voice: Voice, called: findings.Called, told: set[str]) -> Line:
    """Return the first thing to do about a finding, unless the message has said it already."""
    for row in findings.rows(finding, voice)[:1]:
        if row.key not in told:
            told.add(row.key)
            return (Words(" · "), *findings.task(row, finding, voice, called))
    return ()
