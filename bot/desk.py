"""What every part of the bot works with: the store, the rows, the team; and how it looks at a day."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bot.card import Mention
from bot.deeds import beside
from bot.say.voice import Voice
from diagnostics.ages import with_early
from diagnostics.diagnose import diagnose
from diagnostics.merge import together
from diagnostics.panel import Unit
from diagnostics.patience import FORGOTTEN, Answer, Patience, patience
from storage.sources.feeds import names

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.team import ChannelRow, Team
    from diagnostics.book.rows import Book, Lang
    from diagnostics.panel import Panel
    from diagnostics.reading import Diagnosis
    from storage.findings import FindingStore
    from storage.ledger import Ledger
    from storage.reviews import ReviewStore
    from storage.sources import Shop, Source
    from storage.store import Store

EARLY = 91
"""So many days back it is looked up how a day stood when it was young."""
NEIGHBOURS = 200
"""Units of the same kind that are read beside the one that is asked about."""
HISTORY = 182
"""Days of the past that a morning looks at: half a year, so that every weekday has its share."""


@dataclass(frozen=True)
class Desk:
    """The composed bot without its chats."""

    store: Store
    ledger: Ledger
    reviews: ReviewStore
    book: Book
    team: Team
    findings: FindingStore
    sources: tuple[Source, ...] = ()
    history: int = HISTORY

    def measures(self) -> tuple[str, ...]:
        """Return every measure that a metric of the book or a funnel reads."""
        wanted = [measure for metric in self.book.metrics.values() for measure in metric.measures]
        wanted += [measure for funnel in self.book.funnels.values() for measure in funnel.chain]
        return tuple(dict.fromkeys(wanted))

    def panel(
        self,
        last: date,
        shops: Sequence[str] = (),
        units: Sequence[str] = (),
        kinds: Sequence[str] = (),
        more: int = 0,
        now: datetime | None = None,
    ) -> Panel:
        """Return the panel of some shops or units up to a day; `more` days before its history.

        A shop's figures are added up from its units where it has none of its own, unless single
        units are asked for: then the shop is only what it knows itself. With `now` it also knows
        how its days stood when they were as old as the last one is now, where any were revised.
        """
        roll_up = {
            key: measure.from_kinds
            for key, measure in self.book.measures.items()
            if measure.from_kinds and not units
        }
        read = partial(self.store.panel, shops=shops, units=units, kinds=kinds, roll_up=roll_up)
        first, measures = last - timedelta(self.history + more - 1), self.measures()
        panel = read(first, last, measures)
        if now is None:
            return panel
        panel = replace(panel, age=max(1, (now.date() - last).days))
        if not self.store.revised(shops):
            return panel
        begin = max(first, last - timedelta(EARLY - 1))
        ages = self._ages(last, now, shops or [key.partition("/")[0] for key in units])
        early = [
            self.store.panel(
                begin, last, measures, shops=some, units=units, kinds=kinds, roll_up=roll_up,
                age=age, zone=zone,
            )
            for zone, (age, some) in ages.items()
        ]  # fmt: skip
        if not early:
            return panel
        return with_early(panel, early, min(age for age, _ in ages.values()).days + 1)

    def _ages(
        self, last: date, now: datetime, shops: Sequence[str]
    ) -> Mapping[str, tuple[timedelta, list[str]]]:
        """Return by time zone how old a day is by the clock there, with its shops; of days over."""
        ages: dict[str, tuple[timedelta, list[str]]] = {}
        for shop in self.team.shops(tuple(shops)):
            local = now.astimezone(ZoneInfo(shop.zone)).replace(tzinfo=None)
            age = local - datetime.combine(last + timedelta(1), time())
            if age >= timedelta(0):
                ages.setdefault(shop.zone, (age, []))[1].append(shop.key)
        return ages

    def panel_of(
        self, unit: Unit, last: date, *, more: int = 0, now: datetime | None = None
    ) -> Panel:
        """Return the panel that judges one unit: itself, its shop and its nearest of kind.

        However many videos a shop has, a question about one reads some hundreds of units.
        """
        shop = unit.shop or unit.key
        if unit.kind == "shop":
            return self.panel(last, (shop,), kinds=("shop",), more=more, now=now)
        alike = self.store.units(shops=(shop,), kinds=(unit.kind,))
        near = sorted(alike, key=lambda one: _apart(one, unit))[:NEIGHBOURS]
        keys = {unit.key, shop, unit.parent, *(one.key for one in near)} - {""}
        return self.panel(last, units=tuple(sorted(keys)), more=more, now=now)

    def closed_days(self, keys: Sequence[str], now: datetime) -> dict[date, list[str]]:
        """Return the last day that is over in each shop's own zone, with the shops it holds for."""
        days: dict[date, list[str]] = {}
        for shop in self.team.shops(tuple(keys)):
            day = now.astimezone(ZoneInfo(shop.zone)).date() - timedelta(1)
            days.setdefault(day, []).append(shop.key)
        return days

    def look(
        self,
        keys: Sequence[str],
        now: datetime,
        day: date | None = None,
        *,
        at: datetime | None = None,
    ) -> Diagnosis:
        """Judge a day of some shops, as it is known now.

        The day is the given one, or each shop's own last day that was closed `at` a moment (now).
        """
        days = {day: list(keys)} if day else self.closed_days(keys, at or now)
        until = self.today(at or now, shops=keys) - timedelta(1)
        parts = [
            self._look(shops, of, now, until) for of, shops in sorted(days.items(), reverse=True)
        ]
        return together(parts, self.rates)

    def _look(self, shops: Sequence[str], day: date, now: datetime, until: date) -> Diagnosis:
        panel = self.panel(day, shops, now=now)
        return diagnose(
            panel,
            self.book,
            day,
            arrivals=self.store.arrivals(shops, day, as_of=now),
            rates=self.rates,
            patience=self.patience(until, [unit.key for unit in panel.units]),
            beside=beside(self, shops, day, now),
        )

    def today(
        self, now: datetime, channel: ChannelRow | None = None, shops: Sequence[str] = ()
    ) -> date:
        """Return the day that it is for a channel, or for the first that is told of some shops."""
        told = (
            one for one in self.team.channel if not shops or not set(shops).isdisjoint(one.shops)
        )
        here = channel or next(told, None)
        zones = [here.zone] if here else [shop.zone for shop in self.team.shops(tuple(shops))]
        return now.astimezone(ZoneInfo(zones[0] if zones else "UTC")).date()

    def answers(self, first: date, last: date) -> tuple[Answer, ...]:
        """Return what people said of alerts on some days, each its channel's own."""
        return tuple(
            Answer(one.finding, one.good, one.day, one.user, one.root)
            for one in self.findings.opinions(first, last)
        )

    def patience(self, last: date, among: Sequence[str] = ()) -> Patience:
        """Return what people's answers up to a day ask of alerts; a look counts those of before.

        So what is answered today changes no message that was said this morning.
        """
        return patience(self.answers(last - timedelta(FORGOTTEN), last), last, among)

    @property
    def rates(self) -> dict[str, float]:
        """Return what one unit of each currency is worth in the team's own."""
        return {**self.team.team.rates, self.team.team.currency: 1.0}

    def people(self, role: str, unit: Unit) -> tuple[Mention, ...]:
        """Return who answers for a role in a unit's shop; a unit's own person comes first."""
        rows = self.team.owners(role, unit.shop or unit.key)
        if unit.person:
            rows = tuple(row for row in rows if row.key == unit.person) or rows
        return tuple(Mention(row.key, row.name) for row in rows[:2])

    def voice(self, lang: Lang | None = None) -> Voice:
        """Return how it is said: language, names, people, currencies."""
        return Voice(
            lang=lang or self.team.team.lang,
            book=self.book,
            people=self.people,
            units={unit.key: unit for unit in shop_units(self.team.shops())},
            rates=self.rates,
            currency=self.team.team.currency,
            past=self.findings.past(),
            feeds=names(),
        )

    def channel_voice(self, channel: ChannelRow) -> Voice:
        """Return the voice of a channel."""
        return self.voice(channel.lang)


def _apart(one: Unit, unit: Unit) -> tuple[float, str]:
    """Return how far two units lie apart in time; those without a time by their keys."""
    if one.started is None or unit.started is None:
        return 0.0 if one.key == unit.key else 1e12, one.key
    return abs((one.started - unit.started).total_seconds()), one.key


def shop_units(shops: Sequence[Shop]) -> tuple[Unit, ...]:
    """Return the team's shops as units of the store."""
    return tuple(
        Unit(
            key=shop.key,
            kind="shop",
            name=shop.name,
            shop=shop.key,
            country=shop.country,
            category=shop.category,
            stage=shop.stage,
            level="store",
            currency=shop.currency,
        )
        for shop in shops
    )
