"""Do the rows fit together? Every contradiction is a sentence with file, row, field and remedy."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from diagnostics.book.check_funnels import check_funnels
from diagnostics.book.check_ranges import check_ranges
from diagnostics.book.check_scenes import check_scenes
from diagnostics.book.known import Known

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from diagnostics.book.rows import Book
    from diagnostics.book.tables import Table


def check(book: Book, tables: Mapping[str, Table]) -> list[str]:
    """Return a sentence for each contradiction between the rows, in the order of the files."""
    known = Known(tables)
    return [
        *_metrics(book, known),
        *_words(book, known),
        *check_funnels(book, known),
        *check_ranges(book, known),
        *check_scenes(book, known),
        *_calendar(book, known),
    ]


def _metrics(book: Book, known: Known) -> Iterator[str]:
    for metric in book.metrics.values():
        row = ("metrics", metric.key)
        for name, sides in (("of", metric.of), ("over", metric.over)):
            for term in sides:
                yield from known.refer(row, name, term.measure, "measures")
        yield from known.refer(row, "stage", metric.stage, "stages")
        yield from known.refer(row, "owner", metric.owner, "roles")
        people = [
            key
            for key in metric.measures
            if key in book.measures and book.measures[key].dedup == "people"
        ]
        if people and metric.dedup is None:
            yield known.say(
                row,
                "dedup",
                f"is missing although {people[0]} counts people; say within what a person counts once",
            )
        if not metric.over and metric.unit == "ratio":
            yield known.say(row, "over", "is missing although the unit is ratio; name the base")


def _words(book: Book, known: Known) -> Iterator[str]:
    """Refuse a name that two metrics answer to: `/metric <name>` must have one answer."""
    owners: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for metric in book.metrics.values():
        named = {metric.key: "key", metric.name.zh: "zh", metric.name.en: "en"}
        for word, where in {**dict.fromkeys(metric.aliases, "aliases"), **named}.items():
            if word:
                owners[word.strip().casefold()].append((metric.key, where))
    for word, found in owners.items():
        first = found[0][0]
        for key, where in found[1:]:
            if key != first:
                yield known.say(
                    ("metrics", key), where, f"{word!r} already names {first}; choose another word"
                )


def _calendar(book: Book, known: Known) -> Iterator[str]:
    for one in book.calendar:
        row = ("calendar", known.calendar_row(one.key))
        if one.last < one.first:
            yield known.say(row, "last", f"{one.last} lies before first {one.first}; swap them")
        around = (("before", one.before, one.before_effect), ("after", one.after, one.after_effect))
        for name, effect in (("effect", one.effect), *((f"{n}_effect", e) for n, _, e in around)):
            if effect <= 0:
                yield known.say(row, name, "must be above 0 (1.0 is no effect)")
        for name, days, effect in around:
            if effect != 1.0 and not days:
                yield known.say(
                    row, f"{name}_effect", f"has no days to act on; say how many in {name}"
                )
        for country in one.countries:
            yield from known.country(row, "countries", country)
        for day in one.makeup:
            if one.first <= day <= one.last:
                yield known.say(row, "makeup", f"{day} is one of the days off; remove it")
