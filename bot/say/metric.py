"""What a figure means: formula in words, window, who answers for it, what a rise or a fall says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.card import Block, Card, Fact, Facts, Note, Paragraph, Section, Words
from bot.say import days, readings, words
from diagnostics.book.rows import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.card import Line
    from bot.say.voice import Voice
    from diagnostics.book.rows import Metric, RangeRow, Term
    from diagnostics.panel import Unit

_HEAD = Text("{name}：{definition}", "{name}: {definition}")
_OVER = Text("（{of}）÷（{over}）", "({of}) ÷ ({over})")
_OVER_PLAIN = Text("{of} ÷ {over}", "{of} ÷ {over}")
_SCALED = Text("每 {scale} 次：{formula}", "per {scale}: {formula}")
_FORMULA = Text("算法", "Formula")
_WINDOW = Text("统计窗口", "Window")
_WINDOWS = {
    "day": Text("按天", "one day"),
    "7d": Text("最近 7 天", "the last 7 days"),
    "30d": Text("最近 30 天", "the last 30 days"),
}
_DEDUP = Text("去重", "Counted as")
_DEDUPS = {
    "events": Text("按次数，不去重", "events, each one counts"),
    "people": Text("按人去重，不能跨天相加", "people, who cannot be added over days"),
}
_CLOCK = Text("算在哪天", "Belongs to")
_CLOCKS = {
    "event": Text("发生当天", "the day it happens"),
    "order": Text("下单当天", "the day of the order"),
    "request": Text("申请当天", "the day of the request"),
    "session": Text("开播当天", "the day the LIVE starts"),
}
_SETTLES = Text(
    "{clock}，{n} 天后定下来，之前只和同龄的日子比",
    "{clock}; settles after {n} days, until then compared with days of the same age only",
)
_BETTER = Text("方向", "Better when")
_DIRECTIONS = {
    "up": Text("越高越好", "higher"),
    "down": Text("越低越好", "lower"),
    "none": Text("没有好坏", "neither"),
}
_OWNER = Text("负责", "Owner")
_SMALLEST = Text("至少要", "Needs at least")
_RISE = Text("升了：{meaning}", "When it rises: {meaning}")
_FALL = Text("降了：{meaning}", "When it falls: {meaning}")
_RANGES = Text("目标区间", "Ranges")
_NO_RANGE = Text("这里的店还没有设目标", "No range is set for the shops here")
_RANGE = Text(
    "{who}：{bounds}（{grade}，{since}起；{reason}）",
    "{who}: {bounds} ({grade}, since {since}; {reason})",
)
_EVERYBODY = Text("所有店", "everyone")
_GRADES = {
    "own": Text("自己定的", "your own"),
    "A": Text("官方", "official"),
    "B": Text("实测数据", "measured data"),
    "C": Text("行业粗值", "rough industry figure"),
}
_SOURCE = Text("来源：{source}", "Source: {source}")
_ALSO = Text("也叫：{names}", "Also called: {names}")


def metric(row: Metric, voice: Voice, ranges: Sequence[tuple[Unit, RangeRow]] = ()) -> Card:
    """Return a metric's definition. `ranges`: each shop here with the range that applies to it."""
    definition = row.definition(voice.lang).rstrip("。.")
    head = voice(_HEAD, name=voice.label(row.key), definition=definition)
    voice = voice.knowing({unit.key: unit for unit, _range in ranges})
    meaning = (
        voice.line(_RISE, meaning=row.rise(voice.lang).rstrip("。.")),
        voice.line(_FALL, meaning=row.fall(voice.lang).rstrip("。.")),
    )
    blocks: list[Block] = [
        Facts(_facts(row, voice)),
        Paragraph(meaning),
        Section(voice.line(_RANGES), _ranges(ranges, voice)),
    ]
    small = _small_print(row, voice)
    if small:
        blocks.append(Note(small))
    return Card(
        state="blue",
        title=(Words(head, bold=True),),
        summary=head,
        blocks=tuple(blocks),
        lang=voice.lang,
    )


def _facts(row: Metric, voice: Voice) -> tuple[Fact, ...]:
    clock = voice(_CLOCKS[row.clock])
    if row.settles_after:
        clock = voice(_SETTLES, clock=clock, n=str(row.settles_after))
    facts = [
        (_FORMULA, formula(row, voice)),
        (_WINDOW, voice(_WINDOWS[row.window])),
        (_DEDUP, _dedup(row, voice)),
        (_CLOCK, clock),
        (_BETTER, voice(_DIRECTIONS[row.direction])),
        (_OWNER, voice.role(row.owner)),
    ]
    base = row.over or row.of
    if row.smallest_base and base:
        facts.append((_SMALLEST, f"{row.smallest_base:g} {voice.measure(base[0].measure)}"))
    return tuple(Fact(voice(label), (Words(said),)) for label, said in facts)


def formula(row: Metric, voice: Voice) -> str:
    """Return a metric's formula in the names of what is counted."""
    of, over = _sum(row.of, voice), _sum(row.over, voice)
    if not row.over:
        said = of
    elif len(row.of) > 1 or len(row.over) > 1:
        said = voice(_OVER, of=of, over=over)
    else:
        said = voice(_OVER_PLAIN, of=of, over=over)
    return said if row.scale == 1 else voice(_SCALED, scale=f"{row.scale:,.0f}", formula=said)


def _sum(terms: Sequence[Term], voice: Voice) -> str:
    said = ""
    for term in terms:
        sign = " − " if term.sign < 0 else " + " if said else ""
        said += sign + voice.measure(term.measure)
    return said.strip()


def _dedup(row: Metric, voice: Voice) -> str:
    if row.dedup is not None:
        return row.dedup(voice.lang)
    found = [voice.book.measures[key].dedup for key in row.measures if key in voice.book.measures]
    return voice(_DEDUPS["people" if "people" in found else "events"])


def _ranges(ranges: Sequence[tuple[Unit, RangeRow]], voice: Voice) -> tuple[Line, ...]:
    if not ranges:
        return (voice.line(_NO_RANGE),)
    lines = {}
    for unit, row in ranges:
        who = words.scope(row.scope, voice.name(row.scope.unit), voice.lang) or voice(_EVERYBODY)
        lines[row.key] = voice.line(
            _RANGE,
            who=who,
            bounds=_bounds(row, unit, voice),
            grade=voice.clauses((voice(_GRADES[row.grade]), row.source)),
            since=days.dated(row.valid_from, voice.lang),
            reason=row.reason(voice.lang).rstrip("。."),
        )
    return tuple(lines.values())


def _bounds(row: RangeRow, unit: Unit, voice: Voice) -> str:
    """Return a range's figures; of one whose low bound is another metric, that metric's name."""
    said = readings.bounds(row, unit.key, voice)
    floor = f"≥ {voice.metric(row.low_from)}" if row.low_from else ""
    return voice.clauses((floor, said))


def _small_print(row: Metric, voice: Voice) -> tuple[Line, ...]:
    lines = []
    if row.aliases:
        lines.append(voice.line(_ALSO, names=voice.joined((*row.aliases, f"/metric {row.key}"))))
    if row.source:
        lines.append(voice.line(_SOURCE, source=row.source))
    return tuple(lines)
