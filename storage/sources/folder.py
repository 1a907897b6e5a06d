"""Folders into which the team drops exports: what is new or changed since the last look is read."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from storage.sources import SourceError, Upload
from storage.sources.sheet import SheetSource, read_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime
    from pathlib import Path

    from storage.sources import Batch


@dataclass
class Folder:
    """A SheetSource that remembers what it has read; a corrected file of any day is read again."""

    sheets: SheetSource
    _seen: dict[Path, tuple[int, int]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Return the source's name in the settings."""
        return self.sheets.name

    def read(self, day: date | None, now: datetime) -> Iterator[Batch]:  # noqa: ARG002  whatever day a new file speaks of is news
        """Yield everything that new and changed files say; a refused file is a batch of notes."""
        for path in self.sheets.files():
            stat = path.stat()
            mark = (stat.st_mtime_ns, stat.st_size)
            if self._seen.get(path) == mark:
                continue
            try:
                yield from read_file(
                    Upload(path, self.sheets.shop),
                    self.sheets.shops,
                    now,
                    choices=self.sheets.choices,
                )
            except SourceError as error:
                from storage.sources.batches import nothing  # noqa: PLC0415  brings pandas

                shop = self.sheets.shop or self.sheets.shops[0]
                yield replace(nothing(shop, path.name, ""), notes=error.notes)
            self._seen[path] = mark
