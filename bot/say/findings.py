"""One finding in words: where and what, how surely, what it costs, why perhaps, what to do."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.card import Mention, Words
from bot.say import days, figures, readings, together
from bot.say.voice import merged
from diagnostics.book.rows import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bot.card import Line, Span
    from bot.say.voice import Voice
    from diagnostics.book.rows import Cause, Prescription
    from diagnostics.reading import Finding, Hypothesis, Reading, Sureness

NUMBERS = "①②③④⑤⑥⑦⑧⑨"

_TITLE = Text("{number}{what}", "{number}{unit}: {figure}")
_CONTEXT = Text("（{context}）", " ({context})")
_LOST_PROFIT = Text("利润少约 {money}", "about {money} of profit lost")
_LOST_GMV = Text("GMV 少约 {money}", "about {money} of GMV lost")
_SURE: dict[Sureness, Text] = {
    "sure": Text("把握：高", "sure"),
    "likely": Text("把握：中", "likely"),
    "unknown": Text("把握：说不准", "not sure"),
}
_CAUSE = Text("可能：{causes}", "Likely: {causes}")
_FOR = Text("支持：{evidence}", "for: {evidence}")
_AGAINST = Text("反对：{evidence}", "against: {evidence}")
_DO = Text("处方：{what}（{who}）", "Do: {what} ({who})")
_STEP_DO = Text("{number}. {what}（{who}）", "{number}. {what} ({who})")
_BY = {
    0: Text("今天做", "today"),
    1: Text("明天前做", "by tomorrow"),
}
_WITHIN = Text("{days} 天内做", "within {days} days")
_JUDGED = Text("{days}看{metric}{goal}", "judged by {metric} {days}{goal}")
_GOAL = Text("（{goal}）", " ({goal})")
_NEXT_DAY = Text("次日", "the next day")
_AFTER = Text("{days} 天后", "after {days} days")
_PAST = Text("以前 {tried} 次里 {worked} 次有效", "worked {worked} of {tried} times before")


@dataclass
class Called:
    """Whom a card has called already: each person is pinged once, then only named."""

    persons: set[str] = field(default_factory=set)

    def spans(self, mentions: Sequence[Mention]) -> Iterator[Span]:
        """Yield a ping for who was not called yet, a plain name for who was."""
        for mention in mentions:
            if mention.person in self.persons:
                yield Words(mention.name)
            else:
                self.persons.add(mention.person)
                yield mention


def lost(finding: Finding, voice: Voice) -> str:
    """Return what it costs: profit where costs are known, else GMV; empty for nothing."""
    if finding.lost_profit is not None and figures.known(finding.lost_profit):
        amount, text = finding.lost_profit, _LOST_PROFIT
    else:
        amount, text = finding.lost, _LOST_GMV
    if not figures.known(amount) or amount <= 0:
        return ""
    rounded = round(amount) if amount >= 10 else amount
    return voice(text, money=voice.money(rounded, finding.unit))


def sureness(finding: Finding, voice: Voice) -> str:
    """Return how sure it is, or on how little it stands."""
    if finding.sureness == "too_few":
        return readings.too_few(finding.reading, voice)
    return voice(_SURE[finding.sureness])


def title(finding: Finding, voice: Voice, *, number: int = 0, place: bool = False) -> Line:
    """Return unit, metric, value with its range and expectation, money, sureness."""
    context = readings.context(finding.reading, voice)
    unit = voice.place(finding.unit) if place else voice.name(finding.unit)
    figure = f"{voice.metric(finding.reading.metric)} {readings.marked(finding.reading, voice)}"
    mark = f"{NUMBERS[number - 1]} " if number else ""
    head = voice(_TITLE, number=mark, what=voice.beside(unit, figure), unit=unit, figure=figure)
    if finding.scope:
        head = f"{mark}{together.headed(finding, figure, voice)}"
    tail = voice(_CONTEXT, context=context) if context else " "
    rest = voice.dotted(
        (tail, lost(finding, voice), together.beside(finding, voice), sureness(finding, voice))
    )
    return (Words(head, bold=True, light=finding.reading.light), Words(rest))


def short(finding: Finding, voice: Voice, *, place: bool) -> str:
    """Return a finding in half a line: unit, metric, value, money."""
    unit = voice.place(finding.unit) if place else voice.name(finding.unit)
    figure = f"{voice.metric(finding.reading.metric)} {readings.marked(finding.reading, voice)}"
    said = voice.beside(unit, figure)
    if finding.scope:
        said = together.headed(finding, figure, voice)
    return voice.dotted((said, lost(finding, voice)))


def _cause(hypothesis: Hypothesis, voice: Voice) -> Cause | None:
    scene = voice.book.scenes.get(hypothesis.scene)
    causes = scene.causes if scene else ()
    return next((cause for cause in causes if cause.key == hypothesis.cause), None)


def _evidence(reading: Reading, voice: Voice) -> str:
    return f"{voice.metric(reading.metric)} {readings.marked(reading, voice)}"


def cause(hypothesis: Hypothesis, voice: Voice) -> str:
    """Return a cause with what speaks for and against it; empty where the book has no such row."""
    row = _cause(hypothesis, voice)
    if row is None:
        return ""
    sides = []
    for text, supports in ((_FOR, True), (_AGAINST, False)):
        found = [
            _evidence(item.reading, voice)
            for item in hypothesis.evidence
            if item.supports is supports
        ]
        if found:
            sides.append(voice(text, evidence=voice.joined(found[:3])))
    said = row.text(voice.lang).rstrip("。.")
    if not sides:
        return said
    return said + voice(_CONTEXT, context=("；" if voice.lang == "zh" else "; ").join(sides))


def causes(finding: Finding, voice: Voice) -> Line:
    """Return the two likeliest causes in one line; empty without any."""
    said = [text for one in finding.hypotheses[:2] if (text := cause(one, voice))]
    return voice.line(_CAUSE, causes=" / ".join(said)) if said else ()


def rows(finding: Finding, voice: Voice) -> list[Prescription]:
    """Return the finding's prescriptions, first to be done first."""
    known = {row.key: row for row in voice.book.prescriptions()}
    return [known[key] for key in finding.prescriptions if key in known]


def goal(metric: str, seen: Sequence[Reading], voice: Voice) -> str:
    """Return the range that a metric is to come back to, where one of the readings shows it."""
    for reading in seen:
        if reading.metric == metric and reading.range is not None:
            return readings.target(reading, voice)
    return ""


def who(row: Prescription, finding: Finding, voice: Voice, called: Called) -> list[Span]:
    """Return the owner's role with the people who must act."""
    people = voice.people(row.owner, voice.unit(finding.unit))
    spans: list[Span] = [Words(voice.role(row.owner))]
    for span in called.spans(people):
        spans += (Words(" "), span)
    return spans


def by_when(row: Prescription, voice: Voice) -> str:
    """Return until when it is to be done."""
    return voice(_BY.get(row.within_days, _WITHIN), days=str(row.within_days))


def judged(row: Prescription, voice: Voice, seen: Sequence[Reading]) -> str:
    """Return by which figure, aimed where, and when the action will be judged."""
    aim = goal(row.judged_by, seen, voice)
    after = row.judged_after_days
    return voice(
        _JUDGED,
        metric=voice.metric(row.judged_by),
        goal=voice(_GOAL, goal=aim) if aim else "",
        days=voice(_NEXT_DAY if after <= 1 else _AFTER, days=str(after)),
    )


def past(row: Prescription, voice: Voice) -> str:
    """Return what the action did the last times; empty where it was never tried."""
    worked, tried = voice.past.get(row.key, (0, 0))
    return voice(_PAST, worked=str(worked), tried=str(tried)) if tried else ""


def task(
    row: Prescription, finding: Finding, voice: Voice, called: Called, *, number: int = 0
) -> Line:
    """Return an action with who does it, without the rest."""
    return voice.line(
        _STEP_DO if number else _DO,
        number=str(number),
        what=row.text(voice.lang).rstrip("。."),
        who=who(row, finding, voice, called),
    )


def prescription(
    row: Prescription,
    finding: Finding,
    voice: Voice,
    called: Called,
    *,
    seen: Sequence[Reading] = (),
    number: int = 0,
) -> Line:
    """Return an action: what, who, by when, judged by what, what it did the last times."""
    tail = (by_when(row, voice), judged(row, voice, (finding.reading, *seen)), past(row, voice))
    head = task(row, finding, voice, called, number=number)
    lead = "）" if voice.lang == "zh" else ")"
    said = voice.dotted((lead, *tail)).removeprefix(lead)
    return merged((*head, Words(said)))


def since(finding: Finding, voice: Voice) -> str:
    """Return the day it began, by weekday within the last week."""
    age = (finding.reading.day - finding.since).days
    if age <= 0:
        return ""
    return (
        days.weekday(finding.since, voice.lang)
        if age < 7
        else days.short(finding.since, voice.lang)
    )
