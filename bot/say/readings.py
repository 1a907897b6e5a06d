"""A number never stands alone: its value, range, what such a day brings, and its peers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from bot.say import basis, days, figures, words
from diagnostics.book.rows import Text

if TYPE_CHECKING:
    from bot.say.voice import Voice
    from diagnostics.book.rows import RangeRow
    from diagnostics.reading import Reading, Why

_WHY: dict[Why, Text] = {
    "missing": Text("没有数据", "no data"),
    "provisional": Text("还没结算", "not settled yet"),
    "too_few": Text("样本太少", "too few to say"),
    "no_history": Text("历史不够", "too little history"),
    "no_range": Text("没有目标", "no range set"),
    "no_cost": Text("成本数据不全", "cost data incomplete"),
    "not_trusted": Text("数据不可信", "data not trusted"),
}
_RANGE = Text("目标 {bounds}", "range {bounds}")
_ROUGH = Text("参考 {bounds}", "rough range {bounds}")
_WHOSE = Text("{whose}{said}", "{said} {whose}")
_PEERS = Text("同类 {value}", "peers {value}")
_HABIT = {
    "weekday": Text("往常{weekday}", "usual {weekday}"),
    "recent": Text("最近几天", "recent days"),
    "sessions": Text("往常场次", "usual session"),
    "peers": Text("同类", "peers"),
    "ages": Text("同龄时", "at that age"),
    "mixed": Text("这样的{weekday}", "such a {weekday}"),
    "calendar": Text("这样的日子", "such a day"),
    "guess": Text("系统粗估", "rough guess"),
    "none": Text("往常", "usual"),
}
"""What an expectation is called before its figure; `_USUAL` in a sentence."""
_USUAL = {
    "weekday": Text("往常{weekday}", "a usual {weekday}"),
    "recent": Text("最近几天", "recent days"),
    "sessions": Text("往常场次", "the usual session"),
    "peers": Text("同类", "its peers"),
    "ages": Text("往常同龄的视频", "earlier videos at that age"),
    "mixed": Text("这样的{weekday}", "such a {weekday}"),
    "calendar": Text("这样的日子", "such a day"),
    "guess": Text("系统粗估", "the rough guess for such a day"),
    "none": Text("往常", "usual"),
}
_USUAL_SPAN = Text("往常 {n} 天", "the usual {n} days")
_TOO_FEW = Text("样本太少（{base} {number}）", "too few to say ({number} {base})")
ROUGH_NOTE = Text(
    "「参考」是行业粗值，还不是你们自己的目标",
    "“Rough range” is a coarse industry figure, not yet a range of your own",
)


def usual(reading: Reading, voice: Voice, span: int = 1) -> str:
    """Return what the expectation of `span` days is called: 往常周四, a usual Thursday."""
    if span > 1:
        return voice(_USUAL_SPAN, n=str(span))
    return voice(_USUAL[_basis(reading, voice)], weekday=days.weekday(reading.day, voice.lang))


def _basis(reading: Reading, voice: Voice) -> str:
    """Return what an expectation stands on; a campaign's day without a past is a mere guess."""
    expected = reading.expected
    if expected is None:
        return "none"
    if not expected.calendar:
        return expected.basis
    return "guess" if basis.guessed(reading, voice) else "calendar"


def value(reading: Reading, voice: Voice) -> str:
    """Return the value, or why there is none."""
    if reading.value is None or not figures.known(reading.value):
        return voice(_WHY[reading.why or "missing"])
    return voice.value(reading.metric, reading.value, reading.unit)


def mark(reading: Reading) -> Literal["✓", "▲", "▼", ""]:
    """Return ✓ for well, an arrow for where it left its range or its habit, else nothing."""
    if not figures.known(reading.value) or reading.light == "grey":
        return ""
    if reading.position == "below" and reading.light != "green":
        return "▼"
    if reading.position == "above" and reading.light != "green":
        return "▲"
    if reading.change and (reading.unusual or reading.light in {"red", "yellow"}):
        return figures.arrow(reading.change)
    return "✓" if reading.light == "green" and _within(reading) else ""


def _within(reading: Reading) -> bool:
    """Say whether a value lies in its range as it stands; so small a sample may say nothing."""
    row, value = reading.range, reading.value
    if row is None or value is None:
        return True
    return (row.low is None or value >= row.low) and (row.high is None or value <= row.high)


def marked(reading: Reading, voice: Voice) -> str:
    """Return the value with its mark: 2.8% ▼."""
    return f"{value(reading, voice)} {mark(reading)}".rstrip()


def bounds(row: RangeRow, unit: str, voice: Voice) -> str:
    """Return a range's figures: 3.2–4.5%."""
    metric = voice.book.metrics.get(row.metric)
    measured = metric.unit if metric else "count"
    return figures.span(row.low, row.high, measured, voice.unit(unit).currency, voice.lang)


def cell(reading: Reading, voice: Voice) -> str:
    """Return the range for a table's cell; a rough one says so; a dash without one."""
    row = reading.range
    said = bounds(row, reading.unit, voice) if row else ""
    return voice(_ROUGH, bounds=said) if said and rough(reading) else said or figures.DASH


def target(reading: Reading, voice: Voice, *, whose: bool = False) -> str:
    """Return the range in words: 目标 3.2–4.5%, 英国美妆目标 3.2–4.5%; empty without one."""
    row = reading.range
    said = bounds(row, reading.unit, voice) if row else ""
    if row is None or not said:
        return ""
    said = voice(_ROUGH if row.grade == "C" else _RANGE, bounds=said)
    owner = "" if row.scope.unit or not whose else words.scope(row.scope, "", voice.lang)
    return voice(_WHOSE, said=said, whose=owner) if owner else said


def expectation(reading: Reading, voice: Voice) -> str:
    """Return what such a day brings: 往常周四 3.5%; empty where it is not known."""
    if reading.expected is None or not figures.known(reading.expected.mid):
        return ""
    said = voice.value(reading.metric, reading.expected.mid, reading.unit)
    habit = voice(_HABIT[_basis(reading, voice)], weekday=days.weekday(reading.day, voice.lang))
    return f"{habit} {said}"


def peers(reading: Reading, voice: Voice) -> str:
    """Return the peers' middle value; empty without peers."""
    if reading.peers is None or not figures.known(reading.peers) or not reading.peer_count:
        return ""
    return voice(_PEERS, value=voice.value(reading.metric, reading.peers, reading.unit))


def context(reading: Reading, voice: Voice, *, whose: bool = False) -> str:
    """Return range, expectation and peers, as far as known.

    With `whose` for a headline: whose range it is; else also what the expectation stands on.
    """
    parts = (target(reading, voice, whose=whose), expectation(reading, voice))
    stands = "" if whose else basis.line(reading, voice)
    return voice.clauses((*parts, peers(reading, voice), stands))


def rough(reading: Reading | None) -> bool:
    """Say whether the reading's range is a coarse industry figure, which must be told once."""
    return reading is not None and reading.range is not None and reading.range.grade == "C"


def too_few(reading: Reading, voice: Voice) -> str:
    """Return on how little a value stands: too few to say (12 paid orders)."""
    row = voice.book.metrics.get(reading.metric)
    base = row.over[0].measure if row and row.over else ""
    number = reading.over if base else reading.of
    if number is None or not figures.known(number):
        return voice(_WHY["too_few"])
    return voice(
        _TOO_FEW,
        base=voice.measure(base) if base else voice.metric(reading.metric),
        number=figures.count(number, voice.lang),
    )
