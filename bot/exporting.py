"""Writes reviews, facts and findings to files from the command line."""

from __future__ import annotations

from contextlib import closing
from dataclasses import asdict
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, cast, get_args

from bot import clock
from bot.commandline import as_json as print_json
from bot.commandline import only_shop, open_home, tell
from bot.export import Form, write
from bot.team import TeamError
from diagnostics import fingerprint

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bot.desk import Desk
    from bot.export import Cell

FIRST = date(2015, 1, 1)
REVIEWS = (
    "number",
    "alert",
    "opened",
    "closed",
    "conclusion",
    "answered_by",
    "at",
    "edited",
    "text",
)
FINDINGS = (
    "day", "shop", "unit", "scene", "metric", "value", "expected", "lost", "currency",
    "sureness", "prescriptions",
)  # fmt: skip


def run(
    home: Path,
    what: str,
    form: str,
    out: Path | None,
    since: date | None,
    shop: str,
    *,
    as_json: bool = False,
) -> int:
    """Write `what` since a day to a file; raises TeamError for words that are not known."""
    if what not in {"reviews", "facts", "findings"}:
        raise TeamError((f"{what!r} cannot be exported; say reviews, facts or findings",))
    if form not in get_args(Form):
        raise TeamError((f"--format: {form!r} is not known; say {', '.join(get_args(Form))}",))
    _settings, desk = open_home(home)
    with closing(desk.store):
        shops = (only_shop(desk.team, shop).key,) if shop else ()
        path = out or Path(f"{what}.{form}")
        first = since or FIRST
        match what:
            case "reviews":
                number = write(_reviews(desk, first, shops), REVIEWS, path, cast("Form", form))
            case "findings":
                number = write(_findings(desk, first, shops), FINDINGS, path, cast("Form", form))
            case _:
                number = _facts(desk, first, shops, path, cast("Form", form))
    if as_json:
        print_json({"file": str(path), "rows": number})
    else:
        tell(f"{path}: {number:,} rows")
    return 0


def _reviews(desk: Desk, first: date, shops: Sequence[str]) -> Iterator[Mapping[str, Cell]]:
    names = {row.slack: row.name for row in desk.team.person if row.slack}
    names |= {row.feishu: row.name for row in desk.team.person if row.feishu}
    for review in reversed(desk.reviews.list(1_000_000)):
        shop = fingerprint.read(review.alert_key).shop
        if review.opened_at.date() < first or (shops and shop not in shops):
            continue
        head: dict[str, Cell] = {
            "number": review.id,
            "alert": review.alert_key,
            "opened": review.opened_at.isoformat(),
            "closed": review.closed_at.isoformat() if review.closed_at else None,
            "conclusion": review.conclusion,
        }
        for said in review.answers:
            yield head | {
                "answered_by": names.get(said.user, said.user),
                "at": said.at.isoformat(),
                "edited": said.edited_at.isoformat() if said.edited_at else None,
                "text": said.text,
            }
        if not review.answers:
            yield head


def _findings(desk: Desk, first: date, shops: Sequence[str]) -> Iterator[Mapping[str, Cell]]:
    last = clock.now().date() + timedelta(1)
    for row in desk.findings.list(first, last, shops=shops):
        yield asdict(row) | {
            "day": row.day.isoformat(),
            "prescriptions": ", ".join(row.prescriptions),
        }


def _facts(desk: Desk, first: date, shops: Sequence[str], path: Path, form: Form) -> int:
    last = clock.now().date() + timedelta(1)
    frames = desk.store.facts(first, last, shops=shops)
    head = next(frames, None)
    columns = [] if head is None else [str(column) for column in head.columns]

    def rows() -> Iterator[Mapping[str, Cell]]:
        if head is None:
            return
        for frame in (head, *frames):
            plain = frame.astype(object).where(frame.notna(), None)
            for column in ("day", "known_at"):
                plain[column] = plain[column].map(str)
            for row in plain.to_dict("records"):
                yield {str(key): cell for key, cell in row.items()}

    return write(rows(), columns, path, form)
