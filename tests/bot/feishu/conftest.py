"""A local Feishu and a chat that is connected to it."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bot.feishu.chat import FeishuChat
from bot.feishu.settings import FeishuSettings
from tests.servers.feishu import FeishuServer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.feishu.settings import Mode

NUMBERS = itertools.count(1)


@pytest.fixture
def server() -> Iterator[FeishuServer]:
    with FeishuServer(f"cli_test{next(NUMBERS):08d}") as running:
        yield running


def settings(server: FeishuServer, mode: Mode = "socket") -> FeishuSettings:
    made = FeishuSettings(server.world.app_id, server.world.app_secret, domain=server.url)
    if mode == "webhook":
        return replace(made, mode=mode, encrypt_key="key", verification_token="token")
    return made


@pytest.fixture
def chat(server: FeishuServer) -> Iterator[FeishuChat]:
    made = FeishuChat(settings(server), words=["funnel", "漏斗"])
    yield made
    made.stop()
