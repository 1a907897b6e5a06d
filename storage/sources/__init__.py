"""Where numbers come from: every source yields batches of facts, in one shape."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date, datetime
    from pathlib import Path

    import pandas as pd

    from diagnostics.panel import Unit
    from diagnostics.reading import Doubt


CURRENCY = "currency"


@dataclass(frozen=True, slots=True)
class Shop:
    """A shop as the team set it up: what an export does not say about itself."""

    key: str
    name: str
    country: str
    zone: str
    currency: str
    category: str = ""
    stage: str = ""
    names: tuple[str, ...] = ()
    """Other names by which files call it (file names, handles)."""


@dataclass(frozen=True, slots=True)
class Note:
    """Something to tell about what was read: where it is and what it means."""

    level: Literal["info", "warning", "error"]
    file: str
    text_en: str
    text_zh: str
    row: int | None = None
    column: str = ""


@dataclass(frozen=True, eq=False)
class Batch:
    """Facts of one feed of one shop.

    `facts` columns: `unit` (str, unit key), `day` (datetime64[ns], the last day it covers), `span`
    (int, days covered, 1 for a day), `state` (int8, State) and one float64 column per measure,
    NaN = missing. `units` are all units that occur in it.
    """

    feed: str
    shop: str
    units: tuple[Unit, ...]
    facts: pd.DataFrame
    notes: tuple[Note, ...] = ()
    origin: str = ""
    """File name or address, without secrets."""
    doubts: tuple[Doubt, ...] = ()
    """What keeps the days of the batch (`since` to `day`) from being trusted as they are."""
    columns: Mapping[str, str] = field(default_factory=dict)
    """By measure, the columns that it was read from: another one is another definition.

    Under CURRENCY the sign by which the file itself names its currency, where it does so.
    """


class SourceError(ValueError):
    """What was offered cannot be taken; the notes name file, row, column and the remedy."""

    def __init__(self, *notes: Note) -> None:
        self.notes = notes
        super().__init__("\n".join(note.text_en for note in notes))


class Source(Protocol):
    """Something that yields facts: files, a query, an API."""

    @property
    def name(self) -> str:
        """Return the source's name in the settings."""
        ...

    def read(self, day: date | None, now: datetime) -> Iterator[Batch]:
        """Yield what is known of a day (None: everything there is), as of now.

        Raises SourceError when nothing of it can be taken.
        """
        ...


@dataclass(frozen=True, slots=True)
class Upload:
    """A file offered for import, with the shop it belongs to where that is known."""

    path: Path
    shop: Shop | None = None
