"""What the team took on and what came of it: accepted prescriptions and reviews, as plain values."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from diagnostics import fingerprint
from diagnostics.checks import KEPT, LEARN, Beside, Deed
from diagnostics.reviews import Answer, tally

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date, datetime

    from bot.desk import Desk

MOST_REVIEWS = 50


def beside(desk: Desk, shops: Sequence[str], day: date, now: datetime) -> Beside:
    """Return what is known of a day beside its figures, as the store has it now."""
    deeds = (*_actions(desk, day - KEPT), *_reviews(desk))
    return Beside(
        doubts=desk.store.doubts(shops, day, as_of=now),
        deeds=tuple(one for one in deeds if one.shop in shops),
        past=desk.findings.past(),
    )


def _actions(desk: Desk, since: date) -> Iterator[Deed]:
    """Yield the prescriptions that somebody took on for findings from a day on."""
    rows = {row.key: row for row in desk.book.prescriptions()}
    for one in desk.findings.taken(since):
        row, about = rows.get(one.prescription), fingerprint.read(one.finding)
        if row is None:
            continue
        begun = _local(desk, about.shop, one.accepted_at)
        due = begun + timedelta(max(row.within_days, row.judged_after_days))
        ended = one.judged_at is not None
        yield Deed(about.shop, about.unit, "action", begun, due, acted=True, ended=ended)


def _reviews(desk: Desk) -> Iterator[Deed]:
    """Yield the reviews that are not closed, with what their answers tell so far."""
    for one in desk.reviews.list(MOST_REVIEWS, unfinished=True):
        about = fingerprint.read(one.alert_key)
        begun = _local(desk, about.shop, one.opened_at)
        said = tally(Answer(a.user, a.text, a.at, a.message_id) for a in one.answers).said
        ended = bool(said.get("result") or said.get("conclusion"))
        acted = ended or bool(said.get("action"))
        yield Deed(about.shop, about.unit, "review", begun, begun + LEARN, acted, ended)


def _local(desk: Desk, shop: str, at: datetime) -> date:
    """Return the day of a moment in a shop's own time."""
    zone = next((one.zone for one in desk.team.shops() if one.key == shop), "UTC")
    return at.astimezone(ZoneInfo(zone)).date()
