"""From symptoms to causes and prescriptions: which scene is being played, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, assert_never

import numpy as np

from diagnostics import ranges
from diagnostics.reading import Evidence, Hypothesis
from diagnostics.remedies import remedies

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from diagnostics.book.rows import Book, Cause, Condition, Scene
    from diagnostics.control import Firm
    from diagnostics.desk import Desk
    from diagnostics.expect import Outlook
    from diagnostics.judge import Judged

    Flags = NDArray[np.bool_]

MOST_HYPOTHESES = 2
EVIDENCE = 0.75
"""A sign tells a few causes apart, so it need not be as rare as what raises an alarm."""


class Signs(NamedTuple):
    """Whether a condition holds (`yes`) or certainly not (`no`), (n,); neither = unknown."""

    yes: Flags
    no: Flags


def signs(judged: Judged, condition: Condition, edge: float = 1.0) -> Signs:
    """Return whether a condition holds for each row at hand.

    low, high: certainly out, for such a day or against a range; sudden: out for such a day; ok:
    not out on the side that is bad for the business. A figure that is missing, provisional or on
    too small a base is unknown. `edge` is the score from which a figure is out for such a day.
    """
    known = (judged.why == "") | (judged.place != ranges.NONE)
    found = judged.outlook
    out = (judged.why == "") & (np.nan_to_num(found.score) >= edge)
    below, above = out & (found.value < found.mid), out & (found.value > found.mid)
    low, high = (below, above) if condition.sudden else (judged.low | below, judged.high | above)
    match condition.state:
        case "low":
            yes = low
        case "high":
            yes = high
        case "ok":
            bad = {"up": low, "down": high, "none": low | high}[judged.metric.direction]
            yes = known & ~bad
        case "any":
            yes = np.ones(len(known), dtype=bool)
        case _:
            assert_never(condition.state)
    return Signs(yes, known & ~yes)


def _holding(desk: Desk, scene: Scene, firm: Firm) -> tuple[Flags, ...]:
    """Return per symptom where it holds firmly enough to tell of it.

    What is certainly out of its range needs no score: it may stand there as ever, and where such a
    day brings none of it at all (a LIVE that drops), no score has a scale.
    """
    answer = []
    for one in scene.symptoms:
        judged = desk.judged(desk.book.metrics[one.metric])
        yes = signs(judged, one).yes
        if one.state not in {"ok", "any"}:
            outside = (judged.place == ranges.BELOW) | (judged.place == ranges.ABOVE)
            hard = outside & (judged.certainty > ranges.CERTAIN) & (not one.sudden)
            yes = yes & (_firm(judged.outlook, firm) | hard)
        answer.append(yes)
    return tuple(answer)


def _firm(found: Outlook, firm: Firm) -> Flags:
    """Say whether a figure (n,) is far enough out, or out on the same side for a second day."""
    score = np.nan_to_num(found.score)
    if not found.past_score.shape[1]:
        return score >= firm.once
    before = np.nan_to_num(found.past_score[:, -1]) * np.sign(found.value - found.mid)
    return (score >= firm.once) | (np.minimum(score, before) >= firm.twice)


def symptoms(desk: Desk, scene: Scene, row: int, firm: Firm) -> list[Condition]:
    """Return the symptoms of a scene that applies to a unit (panel row), without the ordinary ones.

    One firm symptom opens the case; then what is out as well, less far, belongs to it: the refunds
    that come with a spike of bad reviews are what it costs.
    """
    index = int(np.flatnonzero(desk.rows == row)[0])
    held = _holding(desk, scene, firm)
    out = [signs(desk.judged(desk.book.metrics[one.metric]), one).yes for one in scene.symptoms]
    opened = any(yes[index] for yes in held)
    pairs = zip(scene.symptoms, out if opened else held, strict=True)
    return [one for one, yes in pairs if yes[index] and one.state not in {"ok", "any"}]


def applying(desk: Desk, firm: Mapping[str, Firm]) -> Mapping[str, Flags]:
    """Return per scene where it applies (n,), after those that take precedence.

    `firm` is by scene the score that a symptom needs before it is told: higher where many units
    are looked at, so that the number of false findings of a morning stays small.
    """
    kinds = np.array([desk.panel.units[row].kind for row in desk.rows])
    found: dict[str, Flags] = {}
    for scene in desk.book.scenes.values():
        held = _holding(desk, scene, firm[scene.key])
        count = np.sum(held, axis=0) if held else np.zeros(len(desk.rows))
        enough = count > 0 if scene.any_symptom else count == len(held)
        found[scene.key] = enough & np.isin(kinds, scene.kinds)
    answer = dict(found)
    for scene in desk.book.scenes.values():
        for other in scene.yields_to:
            answer[scene.key] = answer[scene.key] & ~found.get(other, np.zeros_like(kinds, bool))
    return answer


class Weighed(NamedTuple):
    """A cause with the weight of its signs: above zero likely, below zero ruled out."""

    cause: Cause
    weight: float
    evidence: tuple[Evidence, ...]


def weighed(desk: Desk, scene: Scene, row: int, told: str) -> tuple[Weighed, ...]:
    """Return a scene's causes for a unit, the best supported first.

    A sign for a cause counts one, a sign against it minus one; among equals what the team controls
    comes first. The figure that is `told`
    (a metric key) weighs, since it tells causes apart, but is no evidence: it is what happened.
    """
    signs_of = [(*cause.evidence_for, *cause.evidence_against) for cause in scene.causes]
    desk.ask(desk.book.metrics[one.metric] for some in signs_of for one in some)
    every = [_weigh(desk, cause, row, told) for cause in scene.causes]
    return tuple(sorted(every, key=lambda one: (-one.weight, not one.cause.controllable)))


def hypotheses(scene: Scene, causes: Sequence[Weighed]) -> tuple[Hypothesis, ...]:
    """Return at most two causes that something speaks for, and not more against; none without.

    One with as much for it as against it comes after those with more, and shows both.
    """
    return tuple(
        Hypothesis(scene.key, one.cause.key, one.evidence, one.weight)
        for one in causes
        if one.weight > 0.0 or (one.weight == 0.0 and any(part.supports for part in one.evidence))
    )[:MOST_HYPOTHESES]


def _weigh(desk: Desk, cause: Cause, row: int, told: str) -> Weighed:
    weight, evidence = 0.0, {}
    for conditions, supports in ((cause.evidence_for, True), (cause.evidence_against, False)):
        for one in conditions:
            metric = desk.book.metrics[one.metric]
            judged = desk.judged(metric)
            if signs(judged, one, EVIDENCE).yes[judged.outlook.place(row)]:
                weight += 1.0 if supports else -1.0
                if metric.key != told:
                    evidence[metric.key] = Evidence(desk.reading(metric, row), supports)
    return Weighed(cause, weight, tuple(evidence.values()))


def prescriptions(scene: Scene, causes: Sequence[Weighed]) -> tuple[str, ...]:
    """Return a scene's prescriptions in order of controllable x expected gain, nothing yet tried.

    What would mend a cause that is ruled out is left out, unless all of them are. What was learnt
    since comes in with diagnostics.remedies.ordered.
    """
    likely = [one for one in causes if one.weight > 0.0][:MOST_HYPOTHESES]
    out = {one.cause.key for one in causes if one.weight < 0.0}
    left = [one for one in scene.prescriptions if one.cause not in out] or scene.prescriptions
    weights = {one.cause.key: one.weight for one in likely}
    return tuple(one.key for one in remedies(left, weights, {}, 0.0))


def blocking(book: Book) -> tuple[str, ...]:
    """Return the scenes under which a funnel may not be judged."""
    return tuple(key for key, scene in book.scenes.items() if scene.blocks_judgement)
