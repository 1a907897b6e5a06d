"""What is added to an alert's thread when it goes on: worse, still there, better, over."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bot.card import DOTS, Card, Mention, Paragraph, State, Words
from bot.say import days, findings, readings, slide
from diagnostics import fingerprint, slides
from diagnostics.alerts import severity
from diagnostics.book.rows import Text

if TYPE_CHECKING:
    from datetime import date

    from bot.card import Line
    from bot.say.voice import Voice
    from diagnostics.alerts import Left, Reason
    from diagnostics.reading import Finding, Light

_HEADS: dict[Reason, Text] = {
    "worse": Text("更严重了", "Getting worse"),
    "graver": Text("级别升高", "More serious now"),
    "still": Text("还没好", "Still going on"),
    "better": Text("在好转", "Getting better"),
    "reopened": Text("又出现了", "Back again"),
    "parted": Text("现在单独算", "Now by itself"),
    "recovered": Text("已恢复", "Recovered"),
    "settled": Text("现在是新常态", "Now the usual level"),
    "withdrawn": Text("撤回", "Withdrawn"),
}
_NOT_FALSE = Text("比标误报时更严重", "Graver than when it was called false")
_GOES_ON = Text("仍在继续", "It goes on")
_LOOKS: dict[Reason, tuple[Light, State]] = {
    "better": ("yellow", "yellow"),
    "recovered": ("green", "green"),
    "settled": ("grey", "grey"),
    "withdrawn": ("grey", "grey"),
}
_LINE = Text("{what}：{figure}", "{what}: {figure}")
_DAYS = Text("从{since}到现在 {n} 天", "{n} since {since}")
_OVER = Text("回到正常，前后 {length}", "back to normal after {length}")


_LEVEL = Text(
    "{metric} {now}，之前这样的日子 {before}；没有回到原来的水平，从{since}起按新水平比较",
    "{metric} {now}, before {before} on such a day; it did not come back, the new level counts"
    " since {since}",
)
_LEVEL_WEEK = Text(
    "近 7 天 {metric} {now}，下滑前每 7 天 {before}；没有回到原来的水平，从{since}起按新水平比较",
    "{metric} of the last 7 days {now}, {before} in 7 days before the slide; it did not come back,"
    " the new level counts since {since}",
)
_GONE = Text("更正后的数据里没有这个问题", "the corrected figures do not show it")
_APART = Text(
    "数据到齐后，这些店不是一起动的", "with all figures in, these shops did not move as one"
)
_BREACH = Text(
    "当时还没确定超出团队自己的区间，现在确定了",
    "then not surely out of the team's own range, now it is",
)
_RED = Text("当时是黄灯，现在是红灯", "yellow then, red now")
_BREACH_NOW = Text(
    "之前还没确定超出团队自己的区间，现在确定了",
    "not surely out of the team's own range before, now it is",
)
_RED_NOW = Text("之前是黄灯，现在是红灯", "yellow before, red now")
_TAKEN = Text("{who} 已认领，请再看一眼", "{who} has it in hand: please look again")
_FREE = Text("还没人认领（{who}）", "Nobody has taken it on yet ({who})")


def update(
    reason: Reason,
    key: str,
    first: date,
    day: date,
    finding: Finding | None,
    voice: Voice,
    left: Left | None = None,
    called: Line = (),
    *,
    false: bool = False,
) -> Card:
    """Return the card for an alert's thread. `first`: the day on which it began.

    `finding` is how it stands on `day`; None where the day has none of it any more, and then
    `left` is how its figure stands. `called` says who is to look, `false` that it was called false.
    """
    unit = fingerprint.read(key).unit
    head = voice(_NOT_FALSE if false and reason == "graver" else _HEADS.get(reason, _GOES_ON))
    what = voice.dotted((head, voice.place(unit), days.full(day, voice.lang)))
    figure = _figure(finding, first, day, voice)
    if reason == "withdrawn":
        figure = voice(_GONE if fingerprint.circle(unit) is None else _APART)
    elif reason == "settled" and left is not None:
        figure = _level(left, key, first, voice)
    said = voice(_LINE, what=what, figure=figure)
    detail = _detail(finding, first, day, voice)
    if reason == "graver" and finding is not None:
        detail = voice.dotted((_step(finding, voice, false=false), detail))
    lines: tuple[Line, ...] = ((Words(detail),) if detail else (), called)
    lines = tuple(one for one in lines if one)
    light, state = _LOOKS.get(reason, ("red", "red"))
    return Card(
        state=state,
        title=(Words(said, bold=True, light=light),),
        summary=f"{DOTS[light]} {said}",
        blocks=(Paragraph(lines),) if lines else (),
        lang=voice.lang,
    )


def taken(who: Mention | str, voice: Voice) -> Line:
    """Return that whoever took an alert on is to look again; a name that is nobody's is no ping."""
    return voice.line(_TAKEN, who=(Words(who) if isinstance(who, str) else who,))


def free(finding: Finding, voice: Voice) -> Line:
    """Return that nobody took an alert on, and who does what is to be done first; empty for none."""
    for row in findings.rows(finding, voice)[:1]:
        return voice.line(_FREE, who=findings.who(row, finding, voice, findings.Called()))
    return ()


def _step(finding: Finding, voice: Voice, *, false: bool) -> str:
    """Return from which grade to which a figure went."""
    if severity(finding.reading) > 1:
        return voice(_BREACH if false else _BREACH_NOW)
    return voice(_RED if false else _RED_NOW)


def _figure(finding: Finding | None, first: date, day: date, voice: Voice) -> str:
    if finding is None:
        length = timedelta(days=max(1, (day - first).days))
        return voice(_OVER, length=days.lasting(length, voice.lang))
    if finding.slide is not None:
        return slide.figure(finding, finding.slide, voice)
    reading = finding.reading
    figure = f"{voice.metric(reading.metric)} {readings.marked(reading, voice)}"
    return voice.dotted((figure, findings.lost(finding, voice)))


def _level(left: Left, key: str, first: date, voice: Voice) -> str:
    """Return the new level beside the old one, and since when it counts."""
    reading, before = left.reading, left.before
    weekly = slides.is_slide(fingerprint.read(key).what)
    return voice(
        _LEVEL_WEEK if weekly else _LEVEL,
        metric=voice.metric(reading.metric),
        now=readings.value(reading, voice),
        before=voice.value(reading.metric, before or 0.0, reading.unit),
        since=days.short(first, voice.lang),
    )


def _detail(finding: Finding | None, first: date, day: date, voice: Voice) -> str:
    """Return range and habit again, and since when; empty for what is over."""
    if finding is None:
        return ""
    if finding.slide is not None:
        return ""
    age = (day - first).days + 1
    number = str(age) if voice.lang == "zh" else days.many(age, "day", "days")
    since = days.short(first, voice.lang)
    lasted = voice(_DAYS, since=since, n=number) if age > 1 else ""
    return voice.dotted((readings.context(finding.reading, voice), lasted))
