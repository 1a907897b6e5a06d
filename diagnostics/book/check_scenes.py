"""Can every scene be met and every prescription be given?"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from diagnostics.book.known import Known
    from diagnostics.book.rows import Book, Condition, Scene

Path = tuple[str, ...]


def check_scenes(book: Book, known: Known) -> Iterator[str]:
    """Yield what does not fit in the scenes."""
    times = Counter(one.key for one in book.prescriptions())
    for key, scene in book.scenes.items():
        row = ("scenes", key)
        yield from _symptoms(scene, row, known)
        yield from _causes(scene, row, known)
        yield from _prescriptions(scene, row, known, times)
        for other in scene.yields_to:
            yield from known.refer(row, "yields_to", other, "scenes")
    links = {key: scene.yields_to for key, scene in book.scenes.items()}
    yield from known.cycle("scenes", "yields_to", links)


def _conditions(found: tuple[Condition, ...], row: Path, field: str, known: Known) -> Iterator[str]:
    for one in found:
        yield from known.refer(row, field, one.metric, "metrics")


def _symptoms(scene: Scene, row: Path, known: Known) -> Iterator[str]:
    if not scene.symptoms:
        yield known.say(
            row, "symptoms", "has none, so its prescriptions can never fire; name a metric"
        )
    yield from _conditions(scene.symptoms, row, "symptoms", known)
    twice = [key for key, n in Counter(one.metric for one in scene.symptoms).items() if n > 1]
    if twice and not scene.any_symptom:
        yield known.say(
            row, "symptoms", f"{twice[0]} cannot be in two states at once; keep one of them"
        )


def _causes(scene: Scene, row: Path, known: Known) -> Iterator[str]:
    treated = {one.cause for one in scene.prescriptions}
    for cause in scene.causes:
        path = (*row, "causes", cause.key)
        yield from _conditions(cause.evidence_for, path, "evidence_for", known)
        yield from _conditions(cause.evidence_against, path, "evidence_against", known)
        both = set(cause.evidence_for) & set(cause.evidence_against)
        for one in both:
            yield known.say(
                path,
                "evidence_against",
                f'"{one.metric} {one.state}" speaks for it as well; remove one',
            )
        if cause.key not in treated:
            yield known.say(
                row,
                "prescriptions",
                f"none is for the cause {cause.key!r}; add one or drop the cause",
            )


def _prescriptions(scene: Scene, row: Path, known: Known, times: Counter[str]) -> Iterator[str]:
    causes = {cause.key for cause in scene.causes}
    for one in scene.prescriptions:
        path = (*row, "prescriptions", one.key)
        if one.cause not in causes:
            yield known.say(
                path,
                "cause",
                f"{scene.key} has no cause {one.cause!r}, so this can never fire"
                f"; use one of {', '.join(sorted(causes))}",
            )
        yield from known.refer(path, "owner", one.owner, "roles")
        yield from known.refer(path, "judged_by", one.judged_by, "metrics")
        if times[one.key] > 1:
            yield known.say(path, "key", "another scene has a prescription of that key; rename it")
        if one.judged_after_days < 1:
            yield known.say(path, "judged_after_days", "must be at least 1")
