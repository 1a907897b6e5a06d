"""Takes files in from the command line, with a progress bar, and says what they brought."""

from __future__ import annotations

import sys
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from bot import clock
from bot.commandline import as_json as print_json
from bot.commandline import note_json, noted, only_shop, open_home, tell
from bot.team import TeamError
from storage.sources import SourceError, Upload
from storage.sources.sheet import SUFFIXES, read_file
from storage.sources.template import template_csv, template_xlsx

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import date, datetime
    from pathlib import Path

    from bot.desk import Desk
    from diagnostics.book.rows import Lang
    from storage.sources import Note, Shop


@dataclass
class Taken:
    """What one file brought."""

    file: str
    new: int = 0
    same: int = 0
    revised: int = 0
    shops: set[str] = field(default_factory=set)
    feeds: set[str] = field(default_factory=set)
    days: set[date] = field(default_factory=set)
    notes: list[Note] = field(default_factory=list)
    refused: bool = False

    def line(self, lang: str) -> str:
        """Return it as a line for people."""
        if self.refused:
            return f"✗ {self.file}"
        span = f"{min(self.days)} – {max(self.days)}" if self.days else ""
        words = (
            ("无数据", "新增 {new}，更正 {revised}，未变 {same}")
            if lang == "zh"
            else ("no data", "{new} new, {revised} corrected, {same} unchanged")
        )
        said = words[1] if self.days else words[0]
        counts = said.format(new=self.new, revised=self.revised, same=self.same)
        what = ", ".join(sorted(self.feeds))
        return " · ".join(
            filter(None, (f"✓ {self.file}", ", ".join(sorted(self.shops)), what, span, counts))
        )

    def json(self) -> dict[str, Any]:
        """Return it for programs."""
        return {
            "file": self.file,
            "refused": self.refused,
            "shops": sorted(self.shops),
            "feeds": sorted(self.feeds),
            "first": min(self.days, default=None),
            "last": max(self.days, default=None),
            "new": self.new,
            "corrected": self.revised,
            "unchanged": self.same,
            "notes": [note_json(note) for note in self.notes],
        }


def files_of(paths: Iterable[Path]) -> list[Path]:
    """Return the files meant: a folder stands for every table in it; raises TeamError for none."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = [one for one in sorted(path.rglob("*")) if _table(one)]
            if not inside:
                raise TeamError((f"{path}: there is no {', '.join(sorted(SUFFIXES))} file in it",))
            found += inside
        elif path.exists():
            found.append(path)
        else:
            raise TeamError((f"{path}: there is no such file or folder",))
    return found


def _table(path: Path) -> bool:
    hidden = path.name.startswith((".", "~$"))
    return path.is_file() and path.suffix.casefold() in SUFFIXES and not hidden


def take(
    desk: Desk,
    path: Path,
    shop: Shop | None,
    day: date | None,
    progress: Callable[[int], None] | None = None,
    *,
    now: datetime | None = None,
) -> Taken:
    """Read a file and keep what it says; a refused file keeps its reasons and nothing else.

    `now` is the moment at which it becomes known (default: this one).
    """
    taken = Taken(path.name)
    now = now or clock.now()
    try:
        shops = desk.team.shops()
        for batch in read_file(Upload(path, shop), shops, now, day=day, progress=progress):
            taken.notes += batch.notes
            if not len(batch.facts):
                continue
            kept = desk.store.keep(batch, now)
            taken.new += kept.new
            taken.same += kept.same
            taken.revised += kept.revised
            taken.shops.add(batch.shop)
            taken.feeds.add(batch.feed)
            taken.days.update(kept.days)
            taken.days.update(batch.facts["day"].dt.date)
    except SourceError as error:
        taken.notes += error.notes
        taken.refused = True
    return taken


def run(
    paths: list[Path], shop: str, day: date | None, home: Path, *, as_json: bool = False
) -> int:
    """Import files; 0 when all were taken, 1 when one was refused."""
    _settings, desk = open_home(home)
    with closing(desk.store):
        chosen = only_shop(desk.team, shop) if shop else None
        lang, files = desk.team.team.lang, files_of(paths)
        results: list[Taken] = []
        with _bar(quiet=as_json) as bar:
            for number, path in enumerate(files, start=1):
                task = bar.add_task(f"{number}/{len(files)} {path.name}", total=None)
                results.append(take(desk, path, chosen, day, partial(_advance, bar, task)))
                bar.remove_task(task)
                if not as_json:
                    _told(results[-1], lang, bar.console)
    if as_json:
        print_json([one.json() for one in results])
    return int(any(one.refused for one in results))


def _advance(bar: Progress, task: TaskID, rows: int) -> None:
    bar.update(task, completed=rows)


def _told(taken: Taken, lang: str, console: Console) -> None:
    console.print(taken.line(lang), markup=False, highlight=False, soft_wrap=True)
    for note in taken.notes:
        console.print(f"    {noted(note, lang)}", markup=False, highlight=False, soft_wrap=True)


def _bar(*, quiet: bool) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:,.0f} rows"),
        TimeElapsedColumn(),
        console=Console(file=sys.stderr if quiet else sys.stdout),
        transient=True,
        disable=quiet,
    )


def write_template(out: Path, lang: Lang, measures: str) -> int:
    """Write the plain template as .csv or .xlsx."""
    keys = [key.strip() for key in measures.split(",") if key.strip()]
    try:
        made = template_csv(lang, keys) if out.suffix == ".csv" else template_xlsx(lang, keys)
    except KeyError as error:
        raise TeamError(
            (f"--measures: there is no measure {error}; see diagnostics/book",)
        ) from None
    out.write_bytes(made)
    tell(f"written: {out}")
    return 0
