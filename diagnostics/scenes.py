"""From symptoms to causes and prescriptions: which scene is being played, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, assert_never

import numpy as np

from diagnostics import ranges
from diagnostics.reading import Evidence, Hypothesis

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from diagnostics.book.rows import Book, Cause, Condition, Scene
    from diagnostics.desk import Desk
    from diagnostics.judge import Judged

    Flags = NDArray[np.bool_]

MOST_HYPOTHESES = 2
CONTRADICTED = 0.5
"""What a missing sign counts against a cause; a sign against it counts one."""


class Signs(NamedTuple):
    """Whether a condition holds (`yes`) or certainly not (`no`), (n,); neither = unknown."""

    yes: Flags
    no: Flags


def signs(judged: Judged, condition: Condition) -> Signs:
    """Return whether a condition holds for each row at hand.

    low, high: certainly out, for such a day or against a range; sudden: out for such a day; ok:
    not out on the side that is bad for the business. A figure that is missing, provisional or on
    too small a base is unknown.
    """
    known = (judged.why == "") | (judged.place != ranges.NONE)
    found = judged.outlook
    match condition.state:
        case "low":
            yes = judged.unusual & (found.value < found.mid) if condition.sudden else judged.low
        case "high":
            yes = judged.unusual & (found.value > found.mid) if condition.sudden else judged.high
        case "ok":
            out = judged.low | judged.high if judged.metric.direction == "none" else judged.bad
            yes = known & ~out
        case "any":
            yes = np.ones(len(known), dtype=bool)
        case _:
            assert_never(condition.state)
    return Signs(yes, known & ~yes)


def _holding(desk: Desk, scene: Scene, firm: NDArray[np.float64]) -> tuple[Flags, ...]:
    """Return per symptom where it holds firmly enough to tell of it."""
    answer = []
    for one in scene.symptoms:
        judged = desk.judged(desk.book.metrics[one.metric])
        yes = signs(judged, one).yes
        if one.state not in {"ok", "any"}:
            outside = (judged.place == ranges.BELOW) | (judged.place == ranges.ABOVE)
            hard = outside & (judged.certainty > ranges.CERTAIN) & (not one.sudden)
            yes = yes & ((np.nan_to_num(judged.outlook.score) >= firm) | (hard & ~judged.unusual))
        answer.append(yes)
    return tuple(answer)


def symptoms(desk: Desk, scene: Scene, row: int, firm: NDArray[np.float64]) -> list[Condition]:
    """Return the symptoms that hold for a unit (panel row), without the merely ordinary ones."""
    index = int(np.flatnonzero(desk.rows == row)[0])
    held = _holding(desk, scene, firm)
    pairs = zip(scene.symptoms, held, strict=True)
    return [one for one, yes in pairs if yes[index] and one.state not in {"ok", "any"}]


def applying(desk: Desk, firm: NDArray[np.float64]) -> Mapping[str, Flags]:
    """Return per scene where it applies (n,), after those that take precedence.

    `firm` (n,) is the score that a symptom needs before a scene is told: higher where many units
    are looked at, so that the number of false findings of a morning stays small.
    """
    kinds = np.array([desk.panel.units[row].kind for row in desk.rows])
    found: dict[str, Flags] = {}
    for scene in desk.book.scenes.values():
        held = _holding(desk, scene, firm)
        count = np.sum(held, axis=0) if held else np.zeros(len(desk.rows))
        enough = count > 0 if scene.any_symptom else count == len(held)
        found[scene.key] = enough & np.isin(kinds, scene.kinds)
    answer = dict(found)
    for scene in desk.book.scenes.values():
        for other in scene.yields_to:
            answer[scene.key] = answer[scene.key] & ~found.get(other, np.zeros_like(kinds, bool))
    return answer


def hypotheses(desk: Desk, scene: Scene, row: int) -> tuple[Hypothesis, ...]:
    """Return at most two causes of a scene for a unit, the best supported first, with evidence.

    A sign for a cause counts one, a sign against it minus one, a sign that should be there and is
    not minus a half; among equals what the team controls comes first. A cause against which more
    speaks than for it is told only when there is no other.
    """
    weighed = [(*_weigh(desk, cause, row), cause) for cause in scene.causes]
    order = sorted(weighed, key=lambda one: (-one[0], not one[2].controllable))
    likely = [one for one in order if one[0] > 0.0]
    likely = likely or [one for one in order if one[0] == 0.0] or order[:1]
    return tuple(
        Hypothesis(scene.key, cause.key, evidence)
        for _, evidence, cause in likely[:MOST_HYPOTHESES]
    )


def _weigh(desk: Desk, cause: Cause, row: int) -> tuple[float, tuple[Evidence, ...]]:
    weight, evidence = 0.0, []
    for conditions, supports in ((cause.evidence_for, True), (cause.evidence_against, False)):
        for one in conditions:
            metric = desk.book.metrics[one.metric]
            judged = desk.judged(metric)
            found, index = signs(judged, one), judged.outlook.place(row)
            if found.yes[index]:
                weight += 1.0 if supports else -1.0
                evidence.append(Evidence(desk.reading(metric, row), supports))
            elif supports and found.no[index]:
                weight -= CONTRADICTED
                evidence.append(Evidence(desk.reading(metric, row), supports=False))
    told = {(one.reading.metric, one.supports): one for one in evidence}
    return weight, tuple(told.values())


def prescriptions(scene: Scene, causes: Sequence[Hypothesis]) -> tuple[str, ...]:
    """Return a scene's prescriptions, those of the told causes first, controllable before others."""
    told = [one.cause for one in causes]
    order = sorted(
        scene.prescriptions,
        key=lambda one: (one.cause not in told, not one.controllable, one.priority),
    )
    return tuple(one.key for one in order)


def blocking(book: Book) -> tuple[str, ...]:
    """Return the scenes under which a funnel may not be judged."""
    return tuple(key for key, scene in book.scenes.items() if scene.blocks_judgement)
