"""One row read field by field: every wrong field becomes a sentence, none stops the reading."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from diagnostics.book.rows import Text
from diagnostics.book.tables import nearest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from diagnostics.book.tables import Table

EPOCH = date(1970, 1, 1)


@dataclass
class Row:
    """A table of fields. A field that is wrong is noted in `problems` and read as a blank."""

    table: Table
    path: tuple[str, ...]
    problems: list[str]
    fields: dict[str, object]
    seen: set[str] = field(default_factory=set)

    def wrong(self, name: str, sentence: str) -> None:
        """Note what is wrong with a field and what to do."""
        self.problems.append(self.table.problem(self.path, name, sentence))

    def has(self, name: str) -> bool:
        """Say whether the field is there, without reading it."""
        return name in self.fields

    def _take(self, name: str, *, needed: bool) -> object:
        self.seen.add(name)
        if needed and name not in self.fields:
            self.wrong(name, "is missing; add it")
        return self.fields.get(name)

    def word(self, name: str, default: str | None = None) -> str:
        """Return a text without language, such as a key or a source."""
        value = self._take(name, needed=default is None)
        if value is None:
            return default or ""
        if not isinstance(value, str) or (default is None and not value.strip()):
            self.wrong(name, f"must be a non-empty text in quotes, not {value!r}")
            return ""
        return value

    def choice(self, name: str, options: tuple[Any, ...], default: Any = None) -> Any:
        """Return one of the options (text); the default where the field is absent."""
        value = self._take(name, needed=default is None)
        if value is None:
            return options[0] if default is None else default
        if value not in options:
            hint = nearest(str(value), options)
            self.wrong(name, f"{value!r} is not known{hint}; use one of {', '.join(options)}")
        return value

    def number(self, name: str, default: float | None = None, *, needed: bool = True) -> Any:
        """Return a number, the default where absent; None only where it is not needed."""
        value = self._take(name, needed=needed and default is None)
        if value is None:
            return default if default is not None or not needed else 0.0
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.wrong(name, f"must be a number such as 0.05, not {value!r}")
            return (default or 0.0) if needed else None
        return float(value)

    def whole(self, name: str, default: int | None = None) -> int:
        """Return a whole number of at least zero."""
        value = self._take(name, needed=default is None)
        if value is None:
            return default or 0
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            self.wrong(name, f"must be a whole number of at least 0, not {value!r}")
            return 0
        return value

    def yes(self, name: str, *, default: bool | None = None) -> bool:
        """Return true or false."""
        value = self._take(name, needed=default is None)
        if value is None:
            return bool(default)
        if not isinstance(value, bool):
            self.wrong(name, f"must be true or false (without quotes), not {value!r}")
        return value is True

    def words(self, name: str, *, needed: bool = True) -> tuple[str, ...]:
        """Return a list of texts; one that is needed may not be empty."""
        value = self._take(name, needed=needed)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
            self.wrong(name, f'must be a list of texts such as ["orders"], not {value!r}')
            return ()
        if needed and not value:
            self.wrong(name, "is an empty list; name at least one")
        return tuple(value)

    def day(self, name: str) -> date:
        """Return a date; the epoch where it is wrong."""
        return self.maybe_day(name, needed=True) or EPOCH

    def maybe_day(self, name: str, *, needed: bool = False) -> date | None:
        """Return a date, or None where there is none."""
        value = self._take(name, needed=needed)
        return None if value is None else self._date(name, value)

    def days(self, name: str) -> tuple[date, ...]:
        """Return a list of dates, empty where absent."""
        value = self._take(name, needed=False)
        if value is None:
            return ()
        if not isinstance(value, list):
            self.wrong(name, f"must be a list of dates such as [2026-02-14], not {value!r}")
            return ()
        return tuple(self._date(name, entry) for entry in value)

    def _date(self, name: str, value: object) -> date:
        if isinstance(value, date) and not isinstance(value, datetime):
            return value
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            self.wrong(name, f"{value!r} is not a date; write it like 2026-11-11")
            return EPOCH

    def name(self) -> Text:
        """Return the row's own `zh` and `en`."""
        return Text(self.word("zh"), self.word("en"))

    def text(self, name: str) -> Text:
        """Return a text in both languages, written as { zh = "…", en = "…" }."""
        value = self._take(name, needed=True)
        return Text("", "") if value is None else self._text(name, value)

    def maybe_text(self, name: str) -> Text | None:
        """Return a text in both languages, or None where there is none."""
        value = self._take(name, needed=False)
        return None if value is None else self._text(name, value)

    def _text(self, name: str, value: object) -> Text:
        if not isinstance(value, dict):
            self.wrong(name, f'must be {{ zh = "…", en = "…" }}, not {value!r}')
            return Text("", "")
        inner = Row(self.table, (*self.path, name), self.problems, value)
        text = inner.name()
        inner.close()
        return text

    def inner(self, name: str) -> Row:
        """Return a table within the row, empty where absent."""
        value = self._take(name, needed=False)
        if value is not None and not isinstance(value, dict):
            self.wrong(name, f"must be a table of fields, not {value!r}")
        fields = value if isinstance(value, dict) else {}
        return Row(self.table, (*self.path, name), self.problems, fields)

    def inners(self, name: str) -> Iterator[Row]:
        """Yield the tables within a table (steps, causes, prescriptions), in their order."""
        group = self.inner(name)
        for key in group.fields:
            yield group.inner(key)

    def close(self) -> None:
        """Note every field that nobody asked for: most likely a typo."""
        for name in self.fields:
            if name not in self.seen:
                hint = nearest(name, self.seen)
                self.wrong(name, f"there is no such field{hint}; correct or remove it")


def rows(table: Table, problems: list[str]) -> Iterator[tuple[str, Row]]:
    """Yield key and row of a table; an entry that is no row is noted."""
    for key, value in table.rows.items():
        if isinstance(value, dict):
            yield key, Row(table, (key,), problems, value)
        else:
            file = table.where((key,))
            problems.append(f"{file} [{key}]: must be a row of fields, not {value!r}")
