"""Which keys exist, and how a row is named in a sentence about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from diagnostics.book.tables import nearest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from diagnostics.book.tables import Table

ONE = {
    "measures": "measure", "metrics": "metric", "roles": "role", "stages": "stage",
    "funnels": "funnel", "scenes": "scene",
}  # fmt: skip


@dataclass(frozen=True)
class Known:
    """The tables as written: a row that was refused still exists, so it is not called unknown."""

    tables: Mapping[str, Table]

    def say(self, row: Sequence[str], field: str, sentence: str) -> str:
        """Return a sentence about a field; `row` is the table's name and the row's path."""
        name, *path = row
        return self.tables[name].problem(path, field, sentence)

    def newest(self, row: Sequence[str], *fields: str) -> str:
        """Return the one of some clashing fields that was written by the file laid last."""
        name, *path = row
        return self.tables[name].latest(path, fields)

    def refer(self, row: Sequence[str], field: str, key: str, table: str) -> Iterator[str]:
        """Yield a sentence if the field names a key that the table does not have."""
        there = self.tables[table].rows
        if key and key not in there:
            hint = nearest(key, there)
            remedy = f"correct it or add it to {table}.toml"
            yield self.say(row, field, f"unknown {ONE[table]} {key!r}{hint}; {remedy}")

    def country(self, row: Sequence[str], field: str, code: str) -> Iterator[str]:
        """Yield a sentence if a country is not written as two capital letters."""
        if not (len(code) == 2 and code.isascii() and code.isalpha() and code.isupper()):
            yield self.say(row, field, f"{code!r} is no country; use two capital letters, like GB")

    def cycle(self, table: str, field: str, links: Mapping[str, Sequence[str]]) -> Iterator[str]:
        """Yield a sentence for each circle of rows that refer to each other by a field."""
        done: set[str] = set()
        for start in links:
            trail: list[str] = []
            yield from self._walk(table, field, links, start, trail, done)

    def _walk(
        self,
        table: str,
        field: str,
        links: Mapping[str, Sequence[str]],
        key: str,
        trail: list[str],
        done: set[str],
    ) -> Iterator[str]:
        if key in trail:
            circle = " → ".join([*trail[trail.index(key) :], key])
            yield self.say((table, key), field, f"goes in a circle: {circle}; remove one of them")
        elif key not in done:
            trail.append(key)
            for following in links.get(key, ()):
                yield from self._walk(table, field, links, following, trail, done)
            trail.pop()
            done.add(key)

    def calendar_row(self, dated: str) -> str:
        """Return the row as written of a dated calendar row (payday-id-2026-03 → payday-id)."""
        there = self.tables["calendar"].rows
        key = dated
        while key not in there and "-" in key:
            key = key.rpartition("-")[0]
        return key if key in there else dated
