"""What the rows say of exports: their kinds, headings, words and signs, as checked values."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Literal, cast

from diagnostics.book.rows import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

Reading = Literal["count", "money", "cost", "ratio", "seconds", "text", "id", "time", "flag"]
Day = Literal["title", "day", "hour", "session", "line"]
NUMBERS = frozenset({"count", "money", "cost", "ratio", "seconds"})


@dataclass(frozen=True, slots=True)
class Column:
    """A column of an export: its headings in every language, and how its cells are read."""

    key: str
    read: str
    headings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Derived:
    """A count that the export gives only as a rate or under another name."""

    measure: str
    of: str
    times: str = ""


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose facts the rows of an export are: the kind of unit and where its id and name stand."""

    kind: str
    id: str = ""
    name: str = ""
    handle: str = ""
    creator: str = ""
    started: str = ""
    ended: str = ""
    lasted: str = ""
    measures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """How a measure comes from order lines: distinct orders, or a sum, of the lines that qualify."""

    measure: str
    count: bool = False
    sum: tuple[str, ...] = ()
    once: bool = False
    where: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Export:
    """A kind of export file."""

    key: str
    name: Text
    feed: str
    day: Day
    clock: str
    required: tuple[tuple[str, ...], ...]
    units: tuple[Owner, ...]
    columns: Mapping[str, Column]
    derive: tuple[Derived, ...]
    lines: tuple[Line, ...]
    known: Mapping[str, str] = field(repr=False)
    """Normalised heading -> column key; "" for a known heading that is not kept."""
    personal: frozenset[str] = frozenset()
    sections: bool = False
    single: bool = False
    """Whether a unit has one row per day: a second one is a correction, the last stands."""


@dataclass(frozen=True, slots=True)
class Money:
    """How a currency is written."""

    code: str
    signs: frozenset[str]
    decimals: int


@dataclass(frozen=True, slots=True)
class Words:
    """Signs and words of cells; all in lower case after NFKC."""

    missing: frozenset[str]
    totals: frozenset[str]
    sections: frozenset[str]
    other_sections: frozenset[str]
    date_titles: tuple[str, ...]
    month_first: frozenset[str]
    suffixes: Mapping[str, float]
    durations: Mapping[str, float]
    months: Mapping[str, int]
    currencies: Mapping[str, Money]
    orders: Mapping[str, frozenset[str]]
    reasons: Mapping[str, re.Pattern[str]]

    def named(self, sign: str) -> tuple[str, ...]:
        """Return the currencies that a sign may stand for."""
        return tuple(code for code, money in self.currencies.items() if sign in money.signs)


def toml(name: str) -> dict[str, Any]:
    """Return one of the row files beside this module."""
    return tomllib.loads(files("storage.sources").joinpath(name).read_text(encoding="utf-8"))


@cache
def measures() -> Mapping[str, Any]:
    """Return the rows of every measure that the store keeps, by key."""
    text = files("diagnostics.book").joinpath("measures.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def plain(text: str) -> str:
    """Return a text in the form in which words are compared."""
    return unicodedata.normalize("NFKC", text).strip().casefold()


_TAIL = re.compile(r"\s*\(([^()]*)\)$")


@lru_cache(4096)
def sign_of(heading: str) -> str:
    """Return the currency sign at the end of a heading, "" if there is none."""
    found = _TAIL.search(plain(heading))
    if found and (found[1] == "{cur}" or words().named(found[1].strip())):
        return found[1].strip()
    return ""


@lru_cache(4096)
def normal(heading: str) -> str:
    """Return a heading without width, case, blanks, brackets and currency sign."""
    text = plain(heading)
    if sign_of(heading):
        text = _TAIL.sub("", text)
    return "".join(sign for sign in text if sign.isalnum() or sign == "%")


@cache
def words() -> Words:
    """Return the words and signs of cells."""
    rows = toml("words.toml")

    def some(key: str) -> frozenset[str]:
        return frozenset(map(plain, rows[key]))

    def scales(key: str) -> dict[str, float]:
        return {plain(word): scale for word, scale in rows[key].items()}

    return Words(
        missing=some("missing"),
        totals=some("totals"),
        sections=some("sections"),
        other_sections=some("other_sections"),
        date_titles=tuple(sorted(map(plain, rows["date_titles"]), key=len, reverse=True)),
        month_first=frozenset(rows["month_first"]),
        suffixes=scales("suffixes"),
        durations=scales("durations"),
        months=rows["months"],
        currencies={
            code: Money(code, frozenset(map(plain, row["signs"])), row["decimals"])
            for code, row in rows["currencies"].items()
        },
        orders={key: frozenset(map(plain, said)) for key, said in rows["orders"].items()},
        reasons={key: _any_of(said) for key, said in rows["reasons"].items()},
    )


def _any_of(some: list[str]) -> re.Pattern[str]:
    """Match any word; one in Latin letters only at the start of a word."""
    parts = (rf"\b{re.escape(plain(w))}" if w[0].isascii() else re.escape(plain(w)) for w in some)
    return re.compile("|".join(parts))


@cache
def exports() -> Mapping[str, Export]:
    """Return every kind of export by key, in the order of the rows."""
    return {key: _export(key, row) for key, row in toml("headings.toml").items()}


def _export(key: str, row: dict[str, Any]) -> Export:
    columns = {name: _column(name, some) for name, some in row["columns"].items()}
    if row.get("all_measures"):
        columns |= {
            name: _column(name, {"names": [name, said["zh"], said["en"]]})
            for name, said in measures().items()
        }
    personal = frozenset(map(normal, row.get("drop", ())))
    known = dict.fromkeys((*map(normal, row.get("skip", ())), *personal), "")
    for column in columns.values():
        for heading in column.headings:
            known.setdefault(normal(heading), column.key)
    return Export(
        key=key,
        name=Text(row["zh"], row["en"]),
        feed=row["feed"],
        day=cast("Day", row["day"]),
        clock=row.get("clock", ""),
        required=tuple(tuple(either.split("|")) for either in row["required"]),
        units=tuple(
            Owner(**{**unit, "measures": tuple(unit.get("measures", ()))}) for unit in row["units"]
        ),
        columns=columns,
        derive=tuple(Derived(**some) for some in row.get("derive", ())),
        lines=tuple(_line(name, some) for name, some in row.get("lines", {}).items()),
        known=known,
        personal=personal,
        sections=row.get("sections", False),
        single=row.get("single", False),
    )


def _line(measure: str, row: dict[str, Any]) -> Line:
    return Line(
        measure,
        count=row.get("count", False),
        sum=tuple(row.get("sum", ())),
        once=row.get("once", False),
        where=tuple(row.get("where", ())),
        needs=tuple(row.get("needs", ())),
    )


def _column(key: str, row: dict[str, Any]) -> Column:
    headings = tuple(h for name, some in row.items() if name != "as" for h in some)
    read = row.get("as") or {"score": "count", "times": "count"}.get(
        measures()[key]["unit"], measures()[key]["unit"]
    )
    return Column(key, read, headings)
