"""Asks every source of numbers whether it can be read and when it last had something to say."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from queue import Empty, Queue
from threading import Thread
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from bot.chat import Check
from storage.sources import SourceError
from storage.sources.sheet import SheetSource

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date
    from pathlib import Path

    from bot.settings import Settings
    from bot.team import SourceRow, Team
    from storage.sources import Batch
    from storage.sources.sql import SqlSource

SILENT: Final = timedelta(days=3)
"""After so long without a new file a folder is taken to be forgotten."""
SECONDS: Final = 15
"""So long a query may take while it is only looked at."""


def examine(team: Team, settings: Settings, now: datetime) -> Iterator[Check]:
    """Yield a check for each source of the team's file; no address or password is told."""
    for row in team.source:
        name = f"source {row.name}"
        if row.kind == "sheet":
            yield _folder(name, settings.loudou_team.parent / row.folder, team, now)
        elif not address(row, settings):
            yield Check(
                name, ok=False, detail=f"{row.url_env} is not set",
                remedy=f"write {row.url_env}=… into .env: the address with a user that may only read",
            )  # fmt: skip
        else:
            yield _query(name, row, team, settings, now)


def address(row: SourceRow, settings: Settings) -> str:
    """Return the address of a source's database, from the environment or .env; empty for none."""
    return os.environ.get(row.url_env) or settings.other(row.url_env)


def _folder(name: str, folder: Path, team: Team, now: datetime) -> Check:
    if not folder.is_dir():
        what = "is no folder" if folder.exists() else "does not exist"
        remedy = "make the folder, or write its right place into `folder` in loudou.toml"
        return Check(name, ok=False, detail=f"{folder} {what}", remedy=remedy)
    if not os.access(folder, os.R_OK | os.X_OK):
        remedy = f"let the bot's user read it: chmod u+rx {folder}"
        return Check(name, ok=False, detail=f"{folder} may not be read", remedy=remedy)
    files = SheetSource("", folder, team.shops()).files()
    shut = [file for file in files if not os.access(file, os.R_OK)]
    if shut:
        remedy = "let the bot's user read it: chmod u+r"
        return Check(name, ok=False, detail=f"{shut[0]} may not be read", remedy=remedy)
    if not files:
        remedy = "put exports into it (see README, Bring your data), or take the source out"
        return Check(name, ok=False, detail=f"{folder} holds no table yet", remedy=remedy)
    newest = datetime.fromtimestamp(max(file.stat().st_mtime for file in files), UTC)
    detail = f"files: {len(files)}, the newest of {newest:%Y-%m-%d}"
    remedy = "no export was put there since: put the last days' exports into it"
    return Check(name, ok=now - newest <= SILENT, detail=detail, remedy=remedy)


def _query(name: str, row: SourceRow, team: Team, settings: Settings, now: datetime) -> Check:
    """Run a query for the last day that is over, as the morning does."""
    from storage.sources.sql import SqlSource  # noqa: PLC0415  brings pandas: seconds of start-up

    shops = team.shops((row.shop,) if row.shop else ())
    if not shops:
        return Check(name, ok=False, detail="no shop", remedy="add a [[shop]] to loudou.toml")
    day = min(now.astimezone(ZoneInfo(shop.zone)).date() for shop in shops) - timedelta(1)
    try:
        source = SqlSource(row.name, address(row, settings), row.query, shops, seconds=SECONDS)
        batches = _within(source, day, now)
    except SourceError as error:
        remedy = "mend `query` in loudou.toml, or the address in .env"
        return Check(name, ok=False, detail=str(error), remedy=remedy)
    if batches is None:
        remedy = f"is the database up, and does the query take less than {SECONDS} seconds?"
        return Check(
            name, ok=False, detail=f"no answer within {2 * SECONDS} seconds", remedy=remedy
        )
    return _answered(name, batches, day)


def _within(source: SqlSource, day: date, now: datetime) -> list[Batch] | None:
    """Return what a query yields; None when even the connection takes too long."""
    answer: Queue[list[Batch] | SourceError] = Queue()

    def ask() -> None:
        try:
            answer.put(list(source.read(day, now)))
        except SourceError as error:
            answer.put(error)

    Thread(target=ask, daemon=True, name="doctor-source").start()
    try:
        found = answer.get(timeout=2 * SECONDS)
    except Empty:
        return None
    if isinstance(found, SourceError):
        raise found
    return found


def _answered(name: str, batches: Sequence[Batch], day: date) -> Check:
    facts = [one.facts[one.facts["day"].dt.date == day] for one in batches if len(one.facts)]
    rows = sum(len(one) for one in facts)
    known = {"unit", "day", "span", "state"}
    measures = sorted({str(key) for one in facts for key in one.columns} - known)
    if not rows:
        remedy = (
            "run the query by hand with that day: is the warehouse loaded by then, and is its "
            "`day` the shop's own day?"
        )
        return Check(name, ok=False, detail=f"no row for {day}", remedy=remedy)
    if not measures:
        remedy = "name the columns as in diagnostics/book/measures.toml: gmv, orders, views …"
        return Check(name, ok=False, detail="not one column is a known figure", remedy=remedy)
    half = sorted({one.unit for batch in batches for one in batch.doubts if one.kind == "partial"})
    detail = f"{day}: rows: {rows}, with {', '.join(measures)}"
    if half:
        remedy = "the rows say that the day is not all loaded: let the digest come later"
        return Check(
            name, ok=False, detail=f"{detail}; not complete: {', '.join(half)}", remedy=remedy
        )
    return Check(name, ok=True, detail=detail)
