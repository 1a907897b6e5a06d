"""A funnel in words: the steps in one line, the leak, and which of them carried the day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.card import Words
from bot.say import figures, readings
from bot.say.voice import inner
from diagnostics.book.rows import Text

if TYPE_CHECKING:
    from bot.card import Line, Span
    from bot.say.voice import Voice
    from diagnostics.reading import FunnelReading, Reading, StepReading

BASKET = "aov"
"""The name by which a reading calls the basket where a step is asked for."""
_FUNNEL = Text("漏斗：{steps}", "Funnel: {steps}")
_BETWEEN = Text("{before}→{after}", "{before} → {after}")
_BASKET = Text("客单价", "order value")
_QUOTED = Text("「{name}」", "{name}")
_HELD = Text("{value}（{context}）", "{value} ({context})")


def name(funnel: FunnelReading, step: str, voice: Voice) -> str:
    """Return the name of a step alone; the basket's for `aov`."""
    if step == BASKET:
        return voice(_BASKET)
    row = voice.step(funnel.unit, step)
    return inner(row.name(voice.lang)) if row else voice.measure(step)


def in_chain(funnel: FunnelReading, step: str, voice: Voice) -> bool:
    """Say whether a step is a factor of GMV; a step that the book does not know counts as one."""
    row = voice.step(funnel.unit, step)
    return row is None or row.in_chain


def passage(funnel: FunnelReading, step: str, voice: Voice) -> str:
    """Return where a leak sits: 「加购→支付」; a first step or the basket by its name alone."""
    before = ""
    for reading in funnel.steps:
        if reading.step == step:
            break
        if reading.count.value is not None and in_chain(funnel, reading.step, voice):
            before = reading.step
    said = name(funnel, step, voice)
    if before and step != BASKET:
        said = voice(_BETWEEN, before=name(funnel, before, voice), after=said)
    return voice(_QUOTED, name=said)


def carrier(funnel: FunnelReading) -> str:
    """Return what won the most of the steps and the basket that are unusual; empty for none."""
    links: list[tuple[str, float | None, Reading | None]] = [
        (one.step, one.lost, one.rate or one.count) for one in funnel.steps
    ]
    links.append((BASKET, funnel.aov_lost, funnel.aov))
    won = {
        step: -lost
        for step, lost, told in links
        if lost is not None and told is not None and told.unusual
    }
    best = max(won, key=lambda key: won[key], default="")
    return best if best and won[best] > 0 else ""


def line(funnel: FunnelReading, voice: Voice, *, judged: bool = True) -> Line:
    """Return all steps in one line, the leak bold with its range and expectation."""
    spans: list[Span] = []
    for reading in funnel.steps:
        if spans:
            spans.append(Words(" → "))
        spans.append(_step(funnel, reading, voice, judged=judged))
    return voice.line(_FUNNEL, steps=spans) if spans else ()


def _step(funnel: FunnelReading, step: StepReading, voice: Voice, *, judged: bool) -> Words:
    said = name(funnel, step.step, voice)
    shown = step.count if step.rate is None else step.rate
    leaks = judged and (step.is_leak or step.step == funnel.leak)
    if not judged or not leaks:
        text = readings.marked(shown, voice) if judged else readings.value(shown, voice)
        return Words(f"{said} {text}")
    context = readings.context(shown, voice)
    text = readings.marked(shown, voice)
    if context:
        text = voice(_HELD, value=text, context=context)
    return Words(f"{said} {text}", bold=True)


def lost(amount: float | None, unit: str, voice: Voice) -> str:
    """Return a step's money with its sign seen from the till: −£1,120 lost, +£300 won."""
    if amount is None or not figures.known(amount):
        return figures.DASH
    said = voice.money(-round(amount) if abs(amount) >= 10 else -amount, unit)
    return f"+{said}" if amount < 0 and not said.startswith(figures.MINUS) else said
