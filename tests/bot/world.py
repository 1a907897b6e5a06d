"""A small team on a Slack of its own: figures by hand, a clock by hand, the bot's real parts."""

from __future__ import annotations

import json
import shutil
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from bot import inbox
from bot.answering import Answering
from bot.asking import REGISTRY
from bot.chat import Incoming
from bot.deliver import deliver
from bot.desk import Desk, shop_units
from bot.round import Round
from bot.slack.chat import SlackChat, SlackSettings
from bot.team import check
from diagnostics.book import load
from storage.findings import FindingStore
from storage.ledger import Ledger
from storage.reviews import ReviewStore
from storage.store import Store
from tests.days.team import FEEDS, batch, days_before, figures
from tests.servers.slack import ALICE, BOB, CHANNEL, StubSlack, stub_slack

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bot.team import Team
    from diagnostics.panel import Unit
    from storage.sources import Batch
    from storage.told import Told

DAY = date(2026, 3, 11)
"""The first day that is judged, a Wednesday; the figures before it are ordinary."""
PAST = 42
"""Days of history: enough to judge by, and quick to look at."""
BOOK = load()
CAROL = "U0CAROL"
"""Somebody whom the team's file does not know."""


def shop(key: str = "teduh", **changes: object) -> dict[str, object]:
    """Return a shop's row."""
    row = {
        "key": key, "name": key.title(), "country": "ID", "zone": "Asia/Jakarta",
        "currency": "IDR", "category": "home",
    }  # fmt: skip
    return row | changes


def channel(key: str = "standup", place: str = CHANNEL, **changes: Any) -> dict[str, object]:
    """Return a channel's row: at nine in Jakarta, which is two in UTC."""
    row = {
        "key": key, "platform": "slack", "id": place, "shops": ["teduh"], "lang": "en",
        "zone": "Asia/Jakarta", "digest": "09:00", "weekly": "never",
    }  # fmt: skip
    return row | changes


def team(**changes: object) -> Team:
    """Return a team of one shop, one channel and two people."""
    rows: dict[str, object] = {
        "team": {"currency": "IDR"},
        "review": {"remind_after_hours": 168},
        "shop": [shop()],
        "channel": [channel()],
        "person": [
            {"key": "ani", "name": "Ani", "roles": ["operator", "manager"], "slack": ALICE},
            {"key": "budi", "name": "Budi", "slack": BOB,
             "roles": ["content", "service", "logistics", "buyer"]},
        ],
    }  # fmt: skip
    return check(rows | changes, "loudou.toml")


def at(day: date, clock: str = "09:00") -> datetime:
    """Return a moment by the clock of Jakarta."""
    hour, minute = map(int, clock.split(":"))
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC) - timedelta(hours=7)


def of(unit: Unit, told: Batch) -> Batch:
    """Return a batch as another shop's."""
    return replace(told, shop=unit.key, units=(unit,), facts=told.facts.assign(unit=unit.key))


def past(path: Path, shops: tuple[Unit, ...]) -> None:
    """Write a database with ordinary days before the first that is judged."""
    with closing(Store(f"sqlite:///{path}")) as store:
        store.migrate()
        store.put_units(shops)
        for feed in FEEDS:
            ordinary = batch(feed, days_before(DAY, PAST))
            for unit in shops:
                store.keep(of(unit, ordinary), at(DAY, "06:00"))


@dataclass
class World:
    """The bot at work; `now` is moved by hand."""

    desk: Desk
    slack: StubSlack
    now: datetime
    people: int = 0

    def __post_init__(self) -> None:
        """Sit down in front of the chat."""
        users = {row.key: row.slack for row in self.desk.team.person}
        settings = SlackSettings("xoxb-x", api_url=self.slack.api_url)
        self.chat = SlackChat(settings, words=REGISTRY.words, users=users)
        self.round = Round(self.desk, lambda: None)
        self.answering = Answering(self.desk, {"slack": self.chat}, lambda: self.now, lambda: None)

    def figures(
        self, day: date, *feeds: str, shops: tuple[str, ...] = (), **factors: float
    ) -> None:
        """Take a day's files in; `factors` say what happens in it."""
        known = figures(day, factors)
        for unit in shop_units(self.desk.team.shops(shops)):
            for feed in feeds or FEEDS:
                self.desk.store.keep(of(unit, batch(feed, {day: known})), self.now)

    def turn(self, now: datetime) -> None:
        """Let the clock go to a moment, do what is due, send what is to be sent."""
        self.now = now
        self.round(now)
        self.send()

    def send(self) -> None:
        """Send all that is due."""
        while deliver(self.desk.ledger, {"slack": self.chat}, lambda: self.now):
            pass

    def wake(self) -> None:
        """Start the bot anew: it knows only what the database knows."""
        self.round = Round(self.desk, lambda: None)

    def says(self, kind: Any, user: str = ALICE, **values: Any) -> str:
        """Let a person do something; return what is answered at once, as it goes to Slack."""
        self.people += 1
        self.now += timedelta(seconds=10)
        number = f"{values.pop('id', self.people)}"
        place = values.pop("channel", CHANNEL)
        when = values.pop("at", self.now)
        incoming = Incoming(kind, number, "slack", place, user, when, **values)
        inbox.keep(self.desk.ledger, incoming, self.now)
        before = len(self.slack.calls)
        inbox.work(self.desk.ledger, self.answering, lambda: self.now)
        answered = [json.dumps(sent, ensure_ascii=False) for _, sent in self.slack.calls[before:]]
        self.send()
        return "\n".join(answered)

    def asks(self, text: str, user: str = ALICE, **values: Any) -> str:
        """Let a person call a command; return the answer."""
        return self.says("command", user, text=text, **values)

    def presses(self, action: str, value: str, user: str = ALICE, **values: Any) -> str:
        """Let a person press a button; return what is answered beside the changed card."""
        return self.says("button", user, action=action, value=value, **values)

    def message(self, key: str) -> str:
        """Return the id of a message that was posted."""
        posted = self.desk.ledger.posted(key)
        assert posted is not None, key
        return posted.message

    def replies(self, key: str) -> list[str]:
        """Return what stands in a message's thread."""
        root = self.message(key)
        return [str(one["text"]) for one in self.slack.posted if one.get("thread_ts") == root]

    def thread(self, key: str) -> list[str]:
        """Return what stands in a message's thread, with all of its blocks, as Slack has it."""
        root = self.message(key)
        there = [one for one in self.slack.posted if one.get("thread_ts") == root]
        return [json.dumps(one, ensure_ascii=False) for one in there]

    def shown(self, key: str) -> str:
        """Return a message as it stands now, as Slack has it."""
        root = self.message(key)
        return json.dumps(
            next(one for one in self.slack.posted if one["ts"] == root), ensure_ascii=False
        )

    @property
    def texts(self) -> list[str]:
        """Return every message as it stands now, in order."""
        return [str(one["text"]) for one in self.slack.posted]

    @property
    def told(self) -> tuple[Told, ...]:
        """Return the alerts that are open."""
        return self.desk.ledger.open_alerts()


def morning(world: World, number: int, **factors: Any) -> str:
    """Play the morning after the day of this number; return the one alert's key, if any."""
    day = DAY + timedelta(number)
    world.now = at(day + timedelta(1), "06:00")
    world.figures(day, **factors)
    world.turn(at(day + timedelta(1)))
    return world.told[0].post_key if world.told else ""


@contextmanager
def world(path: Path, template: Path, of_team: Team, now: datetime) -> Iterator[World]:
    """Give the bot on a copy of a database, with a Slack of its own."""
    shutil.copy(template, path)
    with closing(Store(f"sqlite:///{path}")) as store, stub_slack() as slack:
        store.put_units(shop_units(of_team.shops()))
        yield World(sit(store, of_team), slack, now)


def sit(store: Store, of_team: Team) -> Desk:
    """Return a desk over a store."""
    ledger, reviews, findings = Ledger(store), ReviewStore(store), FindingStore(store)
    return Desk(store, ledger, reviews, BOOK, of_team, findings, history=PAST)
