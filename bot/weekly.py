"""The weekly review: seven days against what was expected, what was told, what was learnt."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bot.cardjson import dumps
from bot.say.weekly import Trouble, Week, weekly
from bot.sliding import LOOKED_BACK, ended, turned
from diagnostics import fingerprint, slides
from diagnostics.diagnose import unit_funnel
from diagnostics.patience import precision
from storage.ledger import Post

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from bot.desk import Desk
    from bot.schedule import Occurrence
    from bot.team import ChannelRow
    from diagnostics.patience import Precision
    from storage.findings import FindingRow

DAYS = 7
LATELY = 60
"""Days over which the alerts' precision is measured by what people answered."""


def compose(desk: Desk, channel: ChannelRow, last: date, now: datetime) -> Week:
    """Return the seven days that end with `last` in a channel's shops."""
    first = last - timedelta(DAYS - 1)
    panel = desk.panel(last, channel.shops, more=DAYS)
    there = {unit.key for unit in panel.units}
    funnels = [
        unit_funnel(panel, desk.book, shop, last, DAYS) for shop in channel.shops if shop in there
    ]
    rates = desk.rates
    worth = {shop.key: rates.get(shop.currency, 0.0) for shop in desk.team.shops()}
    every = desk.findings.list(first - LOOKED_BACK, last, shops=channel.shops)
    rows = tuple(row for row in every if row.day >= first)
    reviews = desk.reviews.list(200, channel=channel.id)
    gone = desk.findings.list(first, last, shops=channel.shops, withdrawn=True)
    told = desk.ledger.opened_since(channel.key, first)
    since = now - timedelta(DAYS)
    return Week(
        first,
        last,
        tuple(sorted(funnels, key=lambda one: -(one.lost or 0.0) * worth.get(one.unit, 0.0))),
        _troubles(tuple(row for row in rows if not _slow(row)), rates),
        opened=sum(review.opened_at >= since for review in reviews),
        closed=sum(bool(review.closed_at and review.closed_at >= since) for review in reviews),
        open=sum(review.closed_at is None for review in reviews),
        alerts=sum(one.state not in {"withdrawn", "joined"} for one in told),
        withdrawn=len({row.key for row in gone} - {row.key for row in rows}),
        answered=_precision(desk, channel, first, now),
        lately=_precision(desk, channel, last - timedelta(LATELY - 1), now),
        slides=tuple(ended(desk, one, every, last) for one in turned(every, first, last)),
    )


def _precision(
    desk: Desk, channel: ChannelRow, first: date, now: datetime
) -> Mapping[str, Precision]:
    """Return how right a channel's alerts were, by what people said since a day."""
    said = desk.answers(first, desk.today(now, channel))
    return precision(one for one in said if fingerprint.read(one.key).shop in channel.shops)


def _slow(row: FindingRow) -> bool:
    """Say whether a finding is a slow slide: what that loses is told by the week, not by the day."""
    return slides.is_slide(fingerprint.read(row.key).what)


def _troubles(rows: tuple[FindingRow, ...], rates: Mapping[str, float]) -> tuple[Trouble, ...]:
    """Return the findings of some days, one for each fingerprint, the costliest first.

    `rates`: what a currency is worth in the team's own.
    """
    found: dict[tuple[str, str], list[FindingRow]] = {}
    for row in rows:
        found.setdefault((row.key, row.currency), []).append(row)
    told = [
        Trouble(
            days[0].unit,
            days[0].scene,
            days[0].metric,
            len(days),
            sum(row.lost for row in days),
            currency,
        )
        for (_, currency), days in found.items()
    ]
    return tuple(sorted(told, key=lambda one: -one.lost * rates.get(one.currency, 0.0)))


def run(desk: Desk, channel: ChannelRow, occurrence: Occurrence, now: datetime) -> bool:
    """Claim a due weekly review and bring it on its way; False when another has or had it."""
    claimed = desk.ledger.claim("weekly", occurrence.key, now)
    if claimed is None:
        return False
    fate = occurrence.fate(now)
    if fate == "skipped":
        return desk.ledger.finish(claimed, now, outcome=fate)
    last = min(desk.closed_days(channel.shops, occurrence.at))
    week = compose(desk, channel, last, now)
    units = {unit.key: unit for unit in desk.store.units(shops=channel.shops)}
    card = dumps(weekly(week, desk.channel_voice(channel).knowing(units)))
    post = Post(f"weekly:{occurrence.key}", channel.platform, channel.id, card, "post")
    return desk.ledger.finish(claimed, now, snapshot=card, posts=[post], outcome=fate)
