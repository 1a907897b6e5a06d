"""The composition root: reads the settings, builds the desk and the chosen chats, runs the loops."""

from __future__ import annotations

import logging
import os
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bot import clock, inbox
from bot.answering import Answering
from bot.asking import REGISTRY
from bot.chat import Refused
from bot.console.chat import ConsoleChat
from bot.deliver import deliver
from bot.desk import Desk, shop_units
from bot.round import Round
from bot.settings import Settings, secret
from bot.team import Team, TeamError, read
from diagnostics.book import load
from storage.findings import FindingStore
from storage.ledger import Ledger
from storage.reviews import ReviewStore
from storage.sources.folder import Folder
from storage.sources.sheet import SheetSource
from storage.sources.sql import SqlSource
from storage.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bot.chat import Chat, Incoming
    from bot.http import Door
    from bot.team import SourceRow
    from storage.sources import Source

log = logging.getLogger("loudou")

ROUND_SECONDS = 5
"""How often the clock is asked what is due; it is the database that knows what ran."""


def book_folders(settings: Settings) -> tuple[Path, ...]:
    """Return the folders of the team's own rows."""
    return tuple(Path(part) for part in settings.loudou_book.split(os.pathsep) if part)


def open_desk(settings: Settings, team: Team | None = None) -> Desk:
    """Open database, rows and team; raises TeamError, BookError or StoreError with the remedy."""
    team = team or read(settings.loudou_team)
    book = load(*book_folders(settings))
    store = Store(secret(settings.loudou_database_url))
    store.migrate()
    store.put_units(shop_units(team.shops()))
    return Desk(
        store,
        Ledger(store),
        ReviewStore(store),
        book,
        team,
        FindingStore(store),
        sources(team, settings),
    )


def sources(team: Team, settings: Settings) -> tuple[Source, ...]:
    """Return the sources of the team's file; a missing address names its variable."""
    base = settings.loudou_team.parent
    return tuple(_source(row, team, base) for row in team.source)


def _source(row: SourceRow, team: Team, base: Path) -> Source:
    shops = team.shops((row.shop,) if row.shop else ())
    if row.kind == "sheet":
        sheets = SheetSource(row.name, (base / row.folder,), shops, shops[0] if row.shop else None)
        return Folder(sheets)
    url = os.environ.get(row.url_env, "")
    if not url:
        raise TeamError(
            (f"source {row.name}: the environment variable {row.url_env} is not set",)
        )
    return SqlSource(row.name, url, row.query, shops)


def open_chats(settings: Settings, team: Team) -> dict[str, Chat]:
    """Return the chats that the team's channels use; a missing token names its variable."""
    wanted = {channel.platform for channel in team.channel}
    chats: dict[str, Chat] = {}
    if "console" in wanted:
        first = next(row for row in team.channel if row.platform == "console")
        chats["console"] = ConsoleChat(
            sys.stdout, sys.stdin, channel=first.id, color=sys.stdout.isatty()
        )
    if "slack" in wanted:
        chats["slack"] = _slack(settings, team)
    if "feishu" in wanted:
        chats["feishu"] = _feishu(settings, team)
    return chats


def _slack(settings: Settings, team: Team) -> Chat:
    if not settings.slack_bot_token:
        raise TeamError(("SLACK_BOT_TOKEN is not set, and a channel is on Slack: see .env",))
    from bot.slack.chat import SlackChat, SlackSettings

    slack = SlackSettings(
        secret(settings.slack_bot_token),
        secret(settings.slack_app_token),
        secret(settings.slack_signing_secret),
        settings.slack_api_url,
    )
    users = {row.key: row.slack for row in team.person if row.slack}
    return SlackChat(slack, words=REGISTRY.words, users=users)


def _feishu(settings: Settings, team: Team) -> Chat:
    from bot.feishu.chat import FeishuChat
    from bot.feishu.settings import FeishuSettings

    hooked = bool(settings.feishu_encrypt_key and settings.feishu_verification_token)
    feishu = FeishuSettings(
        settings.feishu_app_id,
        secret(settings.feishu_app_secret),
        secret(settings.feishu_encrypt_key),
        secret(settings.feishu_verification_token),
        settings.feishu_domain,
        "webhook" if hooked else "socket",
    )
    users = {row.key: row.feishu for row in team.person if row.feishu}
    return FeishuChat(feishu, users=users, words=REGISTRY.words)


def doors(chats: Mapping[str, Chat], settings: Settings) -> dict[str, Door]:
    """Return which path of the web server leads to which chat; none without HTTP mode."""
    found: dict[str, Door] = {}
    slack, feishu = chats.get("slack"), chats.get("feishu")
    if slack is not None and settings.slack_signing_secret:
        found["/slack/events"] = slack.wsgi  # type: ignore[attr-defined]  # SlackChat, seen lazily
    if feishu is not None and settings.feishu_verification_token:
        found["/feishu/events"] = feishu.wsgi  # type: ignore[attr-defined]  # FeishuChat, seen lazily
    return found


@dataclass
class Bot:
    """The running bot: what arrives is kept, worked on and answered; what is due is posted."""

    desk: Desk
    chats: Mapping[str, Chat]
    settings: Settings
    stopping: threading.Event
    arrived: threading.Event
    outgoing: threading.Event

    @classmethod
    def of(cls, desk: Desk, chats: Mapping[str, Chat], settings: Settings) -> Bot:
        """Return a bot that is not running yet."""
        return cls(desk, chats, settings, threading.Event(), threading.Event(), threading.Event())

    def hear(self, incoming: Incoming) -> None:
        """Keep what arrived and return at once."""
        if inbox.keep(self.desk.ledger, incoming, clock.now()):
            self.arrived.set()

    def healthy(self) -> bool:
        """Say whether every chat can hear."""
        return all(chat.healthy() for chat in self.chats.values())

    def run(self) -> None:
        """Run until `stopping` is set."""
        from apscheduler.schedulers.background import BackgroundScheduler

        from bot.http import Web

        answering = Answering(self.desk, self.chats, clock.now, self.outgoing.set)
        due = Round(self.desk, self.outgoing.set)
        threads = [
            self._loop("inbox", self.arrived, lambda: inbox.work(self.desk.ledger, answering, clock.now)),
            self._loop("outbox", self.outgoing, lambda: deliver(self.desk.ledger, self.chats, clock.now)),
        ]
        alarm = BackgroundScheduler(timezone="UTC")
        alarm.add_job(
            lambda: self._guard("round", lambda: due(clock.now())),
            "interval",
            seconds=ROUND_SECONDS,
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
        )
        paths = doors(self.chats, self.settings)
        web = Web(self.settings.loudou_http_port, paths, self.healthy) if paths else None
        try:
            for chat in self.chats.values():
                chat.listen(self.hear)
            alarm.start()
            where = f", HTTP on port {web.port}" if web else ""
            log.info("running: %s%s", ", ".join(self.chats) or "no chat", where)
            self.stopping.wait()
        finally:
            self._close(threads, alarm.shutdown if alarm.running else None, web.stop if web else None)

    def _close(self, threads: list[threading.Thread], *ends: Callable[[], None] | None) -> None:
        self.stopping.set()
        for chat in self.chats.values():
            chat.stop()
        for end in ends:
            if end is not None:
                end()
        self.arrived.set()
        self.outgoing.set()
        for thread in threads:
            thread.join(10)

    def _loop(self, name: str, wake: threading.Event, work: Callable[[], int]) -> threading.Thread:
        def loop() -> None:
            while not self.stopping.is_set():
                wake.clear()
                if not self._guard(name, work):
                    wake.wait(1)

        thread = threading.Thread(target=loop, name=name, daemon=True)
        thread.start()
        return thread

    def _guard(self, name: str, work: Callable[[], int | None]) -> int:
        """Do one turn of a loop; an error is logged, and the next turn comes."""
        try:
            return work() or 0
        except Refused as refused:
            log.error("%s: %s", name, refused)
        except Exception:
            log.exception("%s: this turn failed; the next one comes", name)
        self.stopping.wait(1)
        return 0
