"""Slack chats against the small stub, and cards to post."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.card import Card, Chart, Paragraph, Series, Table, line, say
from bot.slack.chat import SlackChat, SlackSettings
from tests.servers.slack import ALICE, APP_TOKEN, BOT_TOKEN, SECRET, StubSlack, stub_slack

if TYPE_CHECKING:
    from collections.abc import Iterator

RICH = Card(
    "red",
    line("Refund spike"),
    "UK beauty · 12 Mar: refund spike",
    (
        Paragraph((line("14.2 % ", say("▲", bold=True)),)),
        Chart("line", "CTR", ("a", "b"), (Series("CTR", (1.0, 2.0)),), "%"),
        Table("Shops", ("shop", "GMV"), (("UK", "£8,412"),)),
    ),
    "en",
)
GREY = Card("grey", line("Unknown"), "No such unit: live-0399", (), "en")


@pytest.fixture
def stub() -> Iterator[StubSlack]:
    """Return a running stub of Slack's Web API."""
    with stub_slack() as running:
        yield running


@pytest.fixture
def chat(stub: StubSlack) -> Iterator[SlackChat]:
    """Return a chat in HTTP mode against the stub."""
    settings = SlackSettings(BOT_TOKEN, signing_secret=SECRET, api_url=stub.api_url)
    made = SlackChat(settings, words=("funnel", "漏斗"), users={"alice": ALICE})
    yield made
    made.stop()


@pytest.fixture
def socket_settings(stub: StubSlack) -> SlackSettings:
    """Return settings for Socket Mode with a short patience."""
    return SlackSettings(BOT_TOKEN, APP_TOKEN, api_url=stub.api_url, ping_every=0.2, deaf_after=0.8)
