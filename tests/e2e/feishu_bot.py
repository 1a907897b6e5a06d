"""A very small bot on Feishu: posts one card, echoes commands, and sums up what it hears."""

from __future__ import annotations

import os
import queue
import signal
import sys
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.card import Card, Paragraph, line
from bot.feishu.chat import FeishuChat
from bot.feishu.settings import FeishuSettings
from bot.http import Web
from tests.bot.feishu.cards import card

if TYPE_CHECKING:
    from types import FrameType

    from bot.chat import Incoming, Ref


def note(text: str) -> Card:
    return Card("blue", line("bot"), text, (Paragraph((line(text),)),), "en")


def act(chat: FeishuChat, root: Ref, incoming: Incoming) -> None:
    match incoming.kind:
        case "command":
            chat.answer(incoming, note(f"command {incoming.text}"), key=incoming.id)
        case "button":
            chat.change(root, replace(card(), state="orange"))
        case "form":
            told = ", ".join(f"{name}={answer}" for name, answer in incoming.answers.items())
            chat.answer(incoming, note(f"form {told}"), key=incoming.id)
        case "reply" | "delete":
            words = f"{incoming.kind} {incoming.text or incoming.message}"
            chat.post(root.channel, note(words), key=incoming.id, thread=root.message)


def main(domain: str, app_id: str, mode: str, group: str) -> None:
    secret = os.environ["FEISHU_APP_SECRET"]
    settings = FeishuSettings(app_id, secret, domain=domain)
    if mode == "webhook":
        settings = replace(settings, mode="webhook", encrypt_key="key", verification_token="token")
    chat = FeishuChat(settings, words=["funnel", "漏斗"])
    heard: queue.Queue[Incoming | None] = queue.Queue()

    def leave(_signal: int, _frame: FrameType | None) -> None:
        heard.put(None)

    signal.signal(signal.SIGTERM, leave)
    chat.listen(heard.put)
    web = Web(0, {"/feishu/events": chat.wsgi}, chat.healthy)
    root = chat.post(group, card(), key="digest")
    sys.stdout.write(f"{web.port}\n")
    sys.stdout.flush()
    seen = set()
    while (incoming := heard.get()) is not None:
        if incoming.id not in seen:
            seen.add(incoming.id)
            with suppress(BrokenPipeError):
                act(chat, root, incoming)
    chat.stop()
    web.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
