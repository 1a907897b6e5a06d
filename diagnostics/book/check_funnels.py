"""Do a funnel's steps follow from each other, and does each have a range or a reason for none?"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from diagnostics.book.known import Known
    from diagnostics.book.rows import Book, Funnel, Step


def check_funnels(book: Book, known: Known) -> Iterator[str]:
    """Yield what does not fit in the funnels; borrowed steps are told once, at their owner."""
    links = {}
    for key, fields in known.tables["funnels"].rows.items():
        like = fields.get("like") if isinstance(fields, dict) else None
        if isinstance(like, str) and like:
            links[key] = [like]
            yield from known.refer(("funnels", key), "like", like, "funnels")
            if isinstance(fields, dict) and fields.get("steps"):
                yield known.say(
                    ("funnels", key), "steps", f"are there although it is like {like}; drop one"
                )
    yield from known.cycle("funnels", "like", links)
    ranged = {one.metric for one in book.ranges}
    for key, funnel in book.funnels.items():
        if key not in links:
            yield from _funnel(funnel, key, book, known, ranged)


def _funnel(funnel: Funnel, key: str, book: Book, known: Known, ranged: set[str]) -> Iterator[str]:
    yield from known.refer(("funnels", key), "value", funnel.value, "measures")
    if not funnel.steps:
        yield known.say(("funnels", key), "steps", 'has no step; add some, or say like = "shop"')
    for place, step in enumerate(funnel.steps):
        row = ("funnels", key, "steps", step.key)
        for field, words in (("count", (step.count,)), ("plus", step.plus)):
            for word in words:
                yield from known.refer(row, field, word, "measures")
        if place == 0:
            if step.rate or not step.in_chain:
                yield known.say(row, "rate", "the first step has no rate and is in the chain")
            continue
        if not step.rate:
            yield known.say(row, "rate", "is missing; name the metric by which the step is reached")
            continue
        yield from known.refer(row, "rate", step.rate, "metrics")
        yield from _fits(funnel, place, row, book, known)
        if step.rate not in ranged and step.why_no_range is None:
            yield known.say(
                row,
                "why_no_range",
                f"{step.rate} has no range at all; add one to ranges.toml or say here why not",
            )


def _fits(
    funnel: Funnel, place: int, row: tuple[str, ...], book: Book, known: Known
) -> Iterator[str]:
    step = funnel.steps[place]
    metric = book.metrics.get(step.rate)
    if metric is None:
        return
    counted = {step.count, *step.plus}
    if {term.measure for term in metric.of} != counted:
        of = " + ".join(term.measure for term in metric.of)
        yield known.say(
            row,
            "rate",
            f"{step.rate} counts {of}, the step counts {' + '.join(sorted(counted))}"
            "; choose the rate whose `of` is the step's count",
        )
    bases = _bases(step, funnel.steps[:place])
    over = {term.measure for term in metric.over}
    if len(over) != 1 or not over <= bases:
        yield known.say(
            row,
            "rate",
            f"{step.rate} is over {', '.join(sorted(over)) or 'nothing'}, but the"
            f" step follows {', '.join(sorted(bases))}; choose a rate over that count",
        )


def _bases(step: Step, before: tuple[Step, ...]) -> set[str]:
    """Return the counts that a rate may be over: in the chain only the factor just before."""
    if step.in_chain:
        return {[one.count for one in before if one.in_chain][-1]}
    return {one.count for one in before}
