"""The rows as they stand in the TOML files: a team's folder laid over the shipped ones."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

NAMES = (
    "roles", "stages", "measures", "metrics", "funnels", "ranges", "scenes", "calendar",
)  # fmt: skip
SHIPPED = Path(__file__).parent


def nearest(word: str, known: Iterable[str]) -> str:
    """Return " (did you mean X?)" for the nearest known word, else an empty string."""
    close = get_close_matches(word, list(known), n=1)
    return f" (did you mean {close[0]}?)" if close else ""


@dataclass
class Table:
    """All rows of one name, merged field by field; it remembers which file said what."""

    name: str
    rows: dict[str, object] = field(default_factory=dict)
    origin: dict[tuple[str, ...], str] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)

    def lay(self, rows: Mapping[str, object], file: str) -> None:
        """Lay a file's rows over those already there; a row with `off = true` is taken out."""
        self.files.append(file)
        for key, row in rows.items():
            self._put(self.rows, key, row, (key,), file)

    def _put(
        self, into: dict[str, object], key: str, value: object, path: tuple[str, ...], file: str
    ) -> None:
        self.origin[path] = file
        there = into.get(key)
        if not isinstance(value, dict):
            into[key] = value
            return
        if value.get("off") is True:
            into.pop(key, None)
            return
        inner = there if isinstance(there, dict) else {}
        into[key] = inner
        for name, part in value.items():
            self._put(inner, name, part, (*path, name), file)

    def where(self, path: Sequence[str]) -> str:
        """Return the file that spoke last about a field, or else about its row."""
        for end in range(len(path), 0, -1):
            if file := self.origin.get(tuple(path[:end])):
                return file
        return f"{self.name}.toml"

    def latest(self, path: Sequence[str], fields: Sequence[str]) -> str:
        """Return the field that the file laid last wrote: where two clash, it is the newcomer."""
        files = {file: place for place, file in enumerate(self.files)}
        return max(fields, key=lambda name: files.get(self.where((*path, name)), -1))

    def problem(self, path: Sequence[str], field_name: str, sentence: str) -> str:
        """Return a sentence that begins with file, row and field."""
        file = self.where((*path, *field_name.split(".")))
        return f"{file} [{'.'.join(path)}] {field_name}: {sentence}"


def gather(folders: Sequence[Path]) -> tuple[dict[str, Table], list[str]]:
    """Read the shipped files and each folder's over them; return the tables and the problems."""
    tables = {name: Table(name) for name in NAMES}
    problems: list[str] = []
    for name in NAMES:
        _lay_file(tables[name], SHIPPED / f"{name}.toml", f"{name}.toml", problems)
    for folder in folders:
        if not folder.is_dir():
            problems.append(f"{folder}: there is no such folder; correct the path of the book")
            continue
        for path in sorted(folder.glob("*.toml")):
            if path.stem in tables:
                _lay_file(tables[path.stem], path, str(path), problems)
            else:
                hint = nearest(path.stem, NAMES)
                problems.append(f"{path}: the book has no file of that name{hint}; rename it")
    return tables, problems


def _lay_file(table: Table, path: Path, shown: str, problems: list[str]) -> None:
    try:
        rows = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except tomllib.TOMLDecodeError as error:
        problems.append(f"{shown}: not valid TOML: {error}; correct that line")
    except UnicodeDecodeError:
        problems.append(f"{shown}: not UTF-8 text; save the file as UTF-8")
    except OSError as error:
        problems.append(f"{shown}: cannot be read ({error.strerror}); check the file")
    else:
        table.lay(rows, shown)
