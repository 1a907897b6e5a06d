"""What the team holds to be true: metrics, funnels, ranges, scenes, calendar, as checked rows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from diagnostics.book import parse
from diagnostics.book.calendar import calendar_rows
from diagnostics.book.check import check
from diagnostics.book.row import rows
from diagnostics.book.rows import Book, BookError, CalendarRow, Funnel
from diagnostics.book.tables import gather

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from diagnostics.book.row import Row
    from diagnostics.book.tables import Table

__all__ = ["Book", "BookError", "load"]

T = TypeVar("T")


def load(*folders: Path) -> Book:
    """Return the shipped rows with each folder's laid over them by key, checked.

    A folder holds files of the same names (metrics.toml, ranges.toml ...). A row there changes
    the fields that it names, adds a row of a new key, or takes one out with `off = true`.
    Raises BookError with all problems at once, each naming file, row and field.
    """
    tables, problems = gather(folders)
    book = Book(
        measures=_read(tables["measures"], parse.measure, problems),
        metrics=_read(tables["metrics"], parse.metric, problems),
        funnels=_funnels(tables["funnels"], problems),
        ranges=tuple(_read(tables["ranges"], parse.range_row, problems).values()),
        scenes=_read(tables["scenes"], parse.scene, problems),
        calendar=_calendar(tables["calendar"], problems),
        roles=_read(tables["roles"], parse.role, problems),
        folders=tuple(str(folder) for folder in folders),
        stages=_read(tables["stages"], parse.stage, problems),
    )
    told = {_place(problem) for problem in problems}
    problems += [problem for problem in check(book, tables) if _place(problem) not in told]
    if problems:
        raise BookError(tuple(dict.fromkeys(problems)))
    return book


def _place(problem: str) -> str:
    """Return "file [row] field": a blank read for a wrong field is not a contradiction as well."""
    row, _, rest = problem.partition("] ")
    return f"{row}] {rest.partition(':')[0]}"


def _read(table: Table, one: Callable[[str, Row], T], problems: list[str]) -> dict[str, T]:
    """Read every row of a table; wrong fields are noted and read as blanks."""
    found: dict[str, T] = {}
    for key, row in rows(table, problems):
        found[key] = one(key, row)
        row.close()
    return found


def _funnels(table: Table, problems: list[str]) -> Mapping[str, Funnel]:
    """Read the funnels; one that is `like` another takes over its steps and value."""
    found = _read(table, parse.funnel, problems)

    def model(key: str, passed: frozenset[str]) -> Funnel | None:
        fields = table.rows.get(key)
        like = fields.get("like", "") if isinstance(fields, dict) else ""
        if not like or key in passed:
            return found.get(key)
        return model(str(like), passed | {key})

    taken = {}
    for key, funnel in found.items():
        shape = model(key, frozenset()) or funnel
        taken[key] = replace(funnel, steps=shape.steps, value=shape.value)
    return taken


def _calendar(table: Table, problems: list[str]) -> tuple[CalendarRow, ...]:
    """Read the calendar, by first day; a dated row of a team wins over a repeated one."""
    found: dict[str, CalendarRow] = {}
    dated: dict[str, CalendarRow] = {}
    for key, row in rows(table, problems):
        spans = {one.key: one for one in calendar_rows(key, row)}
        row.close()
        (dated if key in spans else found).update(spans)
    return tuple(sorted((found | dated).values(), key=lambda one: (one.first, one.key)))
