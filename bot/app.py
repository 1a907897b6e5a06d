"""The composition root: reads the settings, builds the desk, and the chats that are chosen."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from bot.asking import REGISTRY
from bot.console.chat import ConsoleChat
from bot.desk import Desk, shop_units
from bot.settings import Settings, secret
from bot.sourcing import address
from bot.team import Team, TeamError, read
from diagnostics.book import load
from storage.findings import FindingStore
from storage.ledger import Ledger
from storage.reviews import ReviewStore
from storage.sources.folder import Folder
from storage.sources.sheet import SheetSource
from storage.store import Store

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from typing import TextIO

    from bot.chat import Chat
    from bot.http import Door
    from bot.team import SourceRow
    from storage.sources import Source


def book_folders(settings: Settings) -> tuple[Path, ...]:
    """Return the folders of the team's own rows; a relative one lies beside the team's file."""
    home = settings.loudou_team.parent
    return tuple(home / part for part in settings.loudou_book.split(os.pathsep) if part)


def open_desk(settings: Settings, team: Team | None = None) -> Desk:
    """Open database, rows and team; raises TeamError, BookError or StoreError with the remedy."""
    team = team or read(settings.loudou_team)
    book = load(*book_folders(settings))
    opened = sources(team, settings)
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
        opened,
    )


def sources(team: Team, settings: Settings) -> tuple[Source, ...]:
    """Return the sources of the team's file; a missing address names its variable."""
    return tuple(_source(row, team, settings) for row in team.source)


def _source(row: SourceRow, team: Team, settings: Settings) -> Source:
    shops = team.shops((row.shop,) if row.shop else ())
    if row.kind == "sheet":
        folder = settings.loudou_team.parent / row.folder
        sheets = SheetSource(row.name, (folder,), shops, shops[0] if row.shop else None)
        return Folder(sheets)
    url = address(row, settings)
    if not url:
        raise TeamError((f"source {row.name}: {row.url_env} is not set; write it into .env",))
    from storage.sources.sql import SqlSource

    return SqlSource(row.name, url, row.query, shops)


def open_chats(settings: Settings, team: Team, out: TextIO | None = None) -> dict[str, Chat]:
    """Return the chats that the team's channels use; a missing token names its variable.

    `out` is where a console channel is printed, the terminal by default.
    """
    wanted = {channel.platform for channel in team.channel}
    chats: dict[str, Chat] = {}
    if "console" in wanted:
        first = next(row for row in team.channel if row.platform == "console")
        chats["console"] = ConsoleChat(out or sys.stdout, sys.stdin, channel=first.id)
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
    from bot.feishu.settings import FeishuSettings, FeishuSettingsError

    hooked = bool(settings.feishu_encrypt_key and settings.feishu_verification_token)
    try:
        feishu = FeishuSettings(
            settings.feishu_app_id,
            secret(settings.feishu_app_secret),
            secret(settings.feishu_encrypt_key),
            secret(settings.feishu_verification_token),
            settings.feishu_domain,
            "webhook" if hooked else "socket",
        )
    except FeishuSettingsError as error:
        raise TeamError((str(error),)) from None
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
