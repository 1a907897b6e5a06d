"""One team's three weeks, morning by morning: what the first line says and which alerts go out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.say.verdict import headline
from bot.say.voice import Voice
from diagnostics.alerts import Seen, verdict
from diagnostics.book import load
from diagnostics.diagnose import diagnose
from storage.store import Store
from tests.days.table import Row, rows
from tests.days.team import FEEDS, SHOP, batch, days_before, figures

if TYPE_CHECKING:
    from collections.abc import Mapping

    from diagnostics.reading import Diagnosis, Finding

TABLE = rows(Path(__file__).with_name("team.md"))
HISTORY = 80
MEASURES = tuple(dict.fromkeys(measure for names in FEEDS.values() for measure in names))


class Team:
    """The team's store and its memory of alerts; each morning is played once, in order."""

    def __init__(self, store: Store) -> None:
        self.store, self.book = store, load()
        self.first = TABLE[0].day - timedelta(HISTORY)
        self.seen: dict[str, Seen] = {}
        self.owed: dict[date, Row] = {}
        self.keep(days_before(TABLE[0].day, HISTORY), self.morning(TABLE[0].day - timedelta(1)))

    def keep(self, days: Mapping[date, Mapping[str, float]], now: datetime, *feeds: str) -> None:
        for feed in feeds or FEEDS:
            self.store.keep(batch(feed, days), now)

    @staticmethod
    def morning(day: date) -> datetime:
        """Return nine o'clock in Jakarta on the day after."""
        return datetime.combine(day + timedelta(1), time(2), UTC)

    def play(self, row: Row) -> tuple[str, list[str]]:
        """Take a day's files in, judge it and return the first line and the alerts told."""
        now, known = self.morning(row.day), figures(row.day, row.factors)
        for day, late in self.owed.items():
            self.keep({day: figures(day, late.factors)}, now - timedelta(hours=12), "orders")
        self.owed.clear()
        self.keep({row.day: known}, now, *(feed for feed in FEEDS if feed != "orders"))
        if row.orders:
            self.owed[row.day] = row
        if row.orders != "late":
            self.store.keep(batch("orders", {row.day: known}, row.short), now)
        diagnosis = self.look(row.day, now)
        told = self.alerts(diagnosis, now)
        if row.acks:
            self.seen = {key: replace(one, state="acked") for key, one in self.seen.items()}
        return headline(diagnosis, Voice("en", self.book, units=diagnosis.units))[1], told

    def look(self, day: date, now: datetime) -> Diagnosis:
        """Judge a day as known now."""
        panel = self.store.panel(self.first, day, MEASURES, shops=[SHOP.key])
        arrivals = self.store.arrivals([SHOP.key], day, as_of=now)
        return diagnose(panel, self.book, day, arrivals=arrivals)

    def alerts(self, diagnosis: Diagnosis, now: datetime) -> list[str]:
        """Return the alerts told as "scene: reason", and remember them."""
        told = []
        here: dict[str, Finding] = {one.key: one for one in diagnosis.findings if one.alert}
        for key in sorted({*here, *(self.seen if diagnosis.trust.judged else ())}):
            answer = verdict(self.seen.get(key), here.get(key), now, diagnosis.day)
            if answer.seen is not None:
                self.seen[key] = answer.seen
            if answer.tell:
                told.append(f"{key.split('|')[1]}: {answer.reason}")
        return told


@pytest.fixture(scope="module")
def mornings(
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[date, tuple[str, list[str], list[date]]]:
    store = Store(f"sqlite:///{tmp_path_factory.mktemp('team') / 'facts.db'}")
    store.migrate()
    store.put_units([SHOP])
    team = Team(store)
    played = {}
    for row in TABLE:
        line, told = team.play(row)
        ordinary = [day for day in row.again if not team.look(day, team.morning(row.day)).findings]
        played[row.day] = line, told, ordinary
    store.close()
    return played


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row.day} {row.what}")
def test_the_first_line_and_the_alerts_of_each_morning(
    row: Row, mornings: dict[date, tuple[str, list[str], list[date]]]
) -> None:
    line, told, ordinary = mornings[row.day]
    for word in row.says:
        assert word in line
    for word in row.silent:
        assert word not in line
    assert told == list(row.alerts)
    assert ordinary == list(row.again)
