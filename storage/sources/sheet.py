"""What a seller's files say: exports of every known kind and the plain template, as facts."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from storage.sources import SourceError, Upload

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from storage.sources import Batch, Shop
    from storage.sources.lines import Progress

SUFFIXES = frozenset({".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xls"})


def read_file(
    upload: Upload,
    shops: Sequence[Shop],
    now: datetime,
    *,
    day: date | None = None,
    choices: Mapping[str, str] | None = None,
    progress: Progress | None = None,
) -> Iterator[Batch]:
    """Yield the facts of one file.

    `day`: the day of a file that names none itself. `choices`: heading -> measure, as the user
    once decided. `progress` is told the rows read so far. A file with only a title row is "no
    data": one batch without facts and with an info note. Raises SourceError (file, row, column,
    remedy) where nothing of the file can be taken.
    """
    from storage.sources.reading import read  # noqa: PLC0415  brings pandas: seconds of start-up

    yield from read(upload, shops, now, day, choices or {}, progress)


@dataclass(frozen=True)
class SheetSource:
    """Files in folders or by name, read anew each time; a file in a shop's folder is that shop's."""

    name: str
    paths: Path | tuple[Path, ...]
    shops: tuple[Shop, ...]
    shop: Shop | None = None
    choices: Mapping[str, str] = field(default_factory=dict)

    def files(self) -> list[Path]:
        """Return every table file, folders searched to the bottom, in order of their names."""
        found = [
            file
            for path in self._given()
            for file in (sorted(path.rglob("*")) if path.is_dir() else [path])
        ]
        return [file for file in found if self._is_table(file)]

    def _given(self) -> tuple[Path, ...]:
        return self.paths if isinstance(self.paths, tuple) else (self.paths,)

    def _is_table(self, file: Path) -> bool:
        hidden = file.name.startswith((".", "~$"))
        return file in self._given() or (
            file.is_file() and not hidden and file.suffix.casefold() in SUFFIXES
        )

    def read(self, day: date | None, now: datetime) -> Iterator[Batch]:
        """Yield what the files say of a day (None: everything).

        Where two files speak of the same day, the one saved later is believed. A file that cannot
        be taken does not hold up the others: its notes come with an empty batch. Raises
        SourceError where not one of the files can be taken.
        """
        from storage.sources.batches import nothing, of_day  # noqa: PLC0415  brings pandas
        from storage.sources.overlaps import Saved, settled  # noqa: PLC0415  brings pandas

        refused: list[SourceError] = []
        read: list[Saved] = []
        files = self.files()
        for path in files:
            try:
                saved = datetime.fromtimestamp(path.stat().st_mtime, UTC)
                every = read_file(Upload(path, self.shop), self.shops, now, choices=self.choices)
                read += [Saved(of_day(one, day) if day else one, saved) for one in every]
            except SourceError as error:
                refused.append(error)
        yield from settled(read, {shop.key: shop for shop in self.shops})
        if refused and len(refused) == len(files):
            raise SourceError(*(note for one in refused for note in one.notes))
        for one in refused:
            shop = self.shop or self.shops[0]
            empty = nothing(shop, one.notes[0].file, "")
            yield replace(empty, notes=one.notes)
