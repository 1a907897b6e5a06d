"""A bot of thirty lines over the Slack chat: answers commands, counts replies, opens a form.

Run as `python -m tests.e2e.slack_bot socket|events API_URL [PORT]`; it stops when killed.
"""

from __future__ import annotations

import logging
import queue
import sys
import threading
from typing import TYPE_CHECKING

from bot.card import Button, Buttons, Card, Field, Form, Paragraph, line
from bot.http import Web
from bot.slack.chat import SlackChat, SlackSettings
from tests.servers.slack import APP_TOKEN, BOT_TOKEN, CHANNEL, SECRET

if TYPE_CHECKING:
    from bot.chat import Incoming, Ref

FORM = Form("note", "r1", (Field("problem", "Problem", required=True),), "Write a note")


def card(text: str, *blocks: Paragraph | Buttons | Form) -> Card:
    return Card("blue", line(text), text, blocks, "en")


def respond(chat: SlackChat, root: Ref, heard: Incoming, answers: dict[str, str]) -> None:
    """Do what the real bot does, in small."""
    match heard.kind:
        case "command":
            chat.answer(heard, card(f"Answer to {heard.text}"), key=heard.id)
        case "reply" | "edit":
            answers[heard.message] = heard.text
            chat.change(root, card("Answers: " + "; ".join(answers.values())))
        case "delete":
            answers.pop(heard.message, None)
            chat.change(root, card("Answers: " + "; ".join(answers.values())))
        case "button":
            chat.change(root, card(f"{heard.action} by {chat.name(heard.user)}"))
        case "form":
            chat.answer(heard, card(f"Note: {heard.answers['problem']}"), key=heard.id)


def main(mode: str, api_url: str, port: int = 0) -> None:
    logging.basicConfig(level=logging.INFO)
    socket = mode == "socket"
    settings = SlackSettings(
        BOT_TOKEN, APP_TOKEN if socket else "", "" if socket else SECRET, api_url, ping_every=2
    )
    chat = SlackChat(settings, words=("funnel",))
    inbox: queue.Queue[Incoming] = queue.Queue()
    seen: set[str] = set()
    chat.listen(inbox.put)
    web = None if socket else Web(port, {"/slack/events": chat.wsgi}, chat.healthy)
    root = chat.post(CHANNEL, card("Alert", Buttons((Button("ack", "Ack", "a1"),)), FORM), key="k")
    answers: dict[str, str] = {}
    while threading.main_thread().is_alive():
        heard = inbox.get()
        if heard.id not in seen:
            seen.add(heard.id)
            respond(chat, root, heard, answers)
    if web:
        web.stop()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 0)
