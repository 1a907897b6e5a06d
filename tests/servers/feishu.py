"""A local Feishu: the HTTP API, the long connection and the webhook, and people who use it."""

from __future__ import annotations

import json
import sys
import threading
import time
from http.server import ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self

from tests.servers.feishu_api import Handler
from tests.servers.feishu_line import Line, Receipt
from tests.servers.feishu_messages import link
from tests.servers.feishu_push import Post
from tests.servers.feishu_world import Chat, Fault, Message, World

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence


class Web(ThreadingHTTPServer):
    """Serves quietly; a caller that went away is no error here."""

    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass


class FeishuServer:
    """A running server. `world`, `line` and `post` are open to tests; acts of people are methods."""

    def __init__(self, app_id: str = "cli_local000001", app_secret: str = "local-secret") -> None:
        self.world = World(app_id, app_secret)
        self.line = Line(self.world)
        self.post = Post(self.world, self.line)
        bound = {"world": self.world, "bootstrap": staticmethod(self.line.bootstrap)}
        self._web = Web(("127.0.0.1", 0), type("BoundHandler", (Handler,), bound))
        self.url = f"http://127.0.0.1:{self._web.server_port}"
        self._thread = threading.Thread(
            target=self._web.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        )
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        self.world.released.set()
        self.line.stop()
        self._web.shutdown()
        self._web.server_close()
        self._thread.join(5)

    def advance(self, seconds: float) -> int:
        """Move the clock on and push again what became due; return how many were pushed."""
        self.world.offset += seconds
        return self.post.again()

    def person(self, name: str) -> str:
        open_id = self.world.number("ou_p")
        self.world.people[open_id] = name
        return open_id

    def group(self, *people: str, threads: bool = True) -> str:
        chat = Chat(self.world.number("oc_"), threads=threads, members=set(people))
        self.world.chats[chat.id] = chat
        return chat.id

    def private(self, person: str) -> str:
        return self.world.private_chat(person).id

    def fail(self, path: str, **fault: Any) -> Fault:
        """Let the next calls whose path ends with `path` go wrong."""
        made = Fault(path, **fault)
        self.world.faults.append(made)
        return made

    def refuse(self, kind: str, code: int, message: str, times: int = 1) -> None:
        """Refuse the next contents of a message type."""
        self.world.refusals.append(Fault(kind, "code", times, code, message))

    def sent(self, chat: str) -> list[Message]:
        """Return what the bot posted in a chat, replies included, oldest first."""
        with self.world.lock:
            return [one for one in self.world.messages.values() if one.chat == chat and one.by_bot]

    def wait_sent(self, chat: str, number: int, seconds: float = 10) -> list[Message]:
        """Wait until the bot has posted so many messages."""
        wait_for(lambda: len(self.sent(chat)) >= number, seconds)
        return self.sent(chat)

    def say(
        self,
        chat: str,
        person: str,
        text: str,
        *,
        root: str = "",
        kind: str = "text",
        mentions: Sequence[str] = (),
        sender_type: str = "user",
    ) -> str:
        """Let a person write; in `text`, @_user_1 stands for the first of `mentions`."""
        with self.world.lock:
            message = self._written(chat, person, text, kind, root, mentions)
        heard = (
            self.world.chats[chat].private
            or self.world.bot in mentions
            or "im:message.group_msg" in self.world.scopes
        )
        if heard:
            self.post.send(self.said_event(message, sender_type))
        return message.id

    def _written(
        self, chat: str, person: str, text: str, kind: str, root: str, mentions: Sequence[str]
    ) -> Message:
        content = text if kind != "text" else json.dumps({"text": text}, ensure_ascii=False)
        created = int(self.world.time() * 1000)
        message = Message(self.world.number("om_"), chat, person, kind, content, created)
        names = {**self.world.people, self.world.bot: "Loudou"}
        message.mentions = [
            {"key": f"@_user_{place}", "id": {"open_id": one}, "name": names.get(one, one)}
            for place, one in enumerate(mentions, 1)
        ]
        parent = self.world.messages.get(root)
        link(self.world, message, parent, in_thread=self.world.chats[chat].threads)
        self.world.messages[message.id] = message
        return message

    def said_event(self, message: Message, sender_type: str = "user") -> dict[str, Any]:
        """Return the event of a message, under a new event id each time."""
        links = {"root_id": message.root, "parent_id": message.parent, "thread_id": message.thread}
        return self._event(
            "im.message.receive_v1",
            {
                "sender": {
                    "sender_id": {"open_id": message.sender, "union_id": "on_x", "user_id": ""},
                    "sender_type": sender_type,
                    "tenant_key": "local",
                },
                "message": {
                    "message_id": message.id,
                    "chat_id": message.chat,
                    "chat_type": "p2p" if self.world.chats[message.chat].private else "group",
                    "message_type": message.kind,
                    "content": message.content,
                    "create_time": str(message.created),
                    "mentions": message.mentions,
                    **{name: value for name, value in links.items() if value},
                },
            },
        )

    def edit(self, message: str, text: str) -> None:
        """Let a person edit a text; the platform pushes no event of it."""
        with self.world.lock:
            found = self.world.messages[message]
            found.content = json.dumps({"text": text}, ensure_ascii=False)
            found.updated = int(self.world.time() * 1000) + 1

    def recall(self, message: str) -> Receipt | None:
        with self.world.lock:
            found = self.world.messages[message]
            found.deleted = True
        body = {
            "message_id": message,
            "chat_id": found.chat,
            "recall_time": str(int(self.world.time() * 1000)),
            "recall_type": "message_owner",
        }
        return self.post.send(self._event("im.message.recalled_v1", body))

    def menu(self, person: str, key: str) -> Receipt | None:
        body = {
            "operator": {"operator_id": {"open_id": person}},
            "event_key": key,
            "timestamp": int(self.world.time()),
        }
        return self.post.send(self._event("application.bot.menu_v6", body))

    def press(self, message: str, action: str, person: str) -> Receipt | None:
        """Let a person touch the button with this action."""
        button = self._button(message, action)
        return self._callback(message, person, button, None)

    def submit(
        self, message: str, action: str, person: str, answers: dict[str, str]
    ) -> Receipt | None:
        """Let a person send the form with this action."""
        button = self._button(message, action)
        return self._callback(message, person, button, answers)

    def _button(self, message: str, action: str) -> dict[str, Any]:
        card = json.loads(self.world.messages[message].content)
        for part in parts(card):
            values = [one.get("value") for one in part.get("behaviors") or ()]
            if any(isinstance(one, dict) and one.get("action") == action for one in values):
                return part
        raise AssertionError(f"no button {action!r} on the card")

    def _callback(
        self, message: str, person: str, button: dict[str, Any], answers: dict[str, str] | None
    ) -> Receipt | None:
        found = self.world.messages[message]
        action: dict[str, Any] = {
            "tag": "button",
            "name": button.get("name", ""),
            "value": button["behaviors"][0]["value"],
            "timezone": "Asia/Shanghai",
        }
        if answers is not None:
            action["form_value"] = answers
        event = self._event(
            "card.action.trigger",
            {
                "operator": {"open_id": person, "tenant_key": "local"},
                "token": self.world.number("c-"),
                "action": action,
                "host": "im_message",
                "context": {"open_message_id": message, "open_chat_id": found.chat},
            },
        )
        event["header"]["create_time"] = str(int(self.world.time() * 1_000_000))
        return self.post.send(event)

    def _event(self, kind: str, event: dict[str, Any]) -> dict[str, Any]:
        header = {
            "event_id": self.world.number("ev"),
            "token": self.post.token,
            "create_time": str(int(self.world.time() * 1000)),
            "event_type": kind,
            "tenant_key": "local",
            "app_id": self.world.app_id,
        }
        return {"schema": "2.0", "header": header, "event": event}


def parts(card: Any) -> Iterator[dict[str, Any]]:
    """Return every object of a card, outermost first."""
    if isinstance(card, dict):
        yield card
        for value in card.values():
            yield from parts(value)
    elif isinstance(card, list):
        for value in card:
            yield from parts(value)


def texts(message: Message) -> str:
    """Return all the words of a message, for tests to look into."""
    found = parts(json.loads(message.content))
    return "\n".join(
        str(part[key])
        for part in found
        for key in ("content", "text")
        if isinstance(part.get(key), str)
    )


def wait_for(true: Callable[[], bool], seconds: float = 10) -> None:
    """Wait until something is true; fail when it is not in time."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            raise AssertionError(f"it did not happen within {seconds:g} s")
        time.sleep(0.02)


def main() -> None:
    """Serve until interrupted, with one group and one person in it."""
    with FeishuServer() as server:
        person = server.person("林")
        lines = (f"FEISHU_DOMAIN={server.url}", f"group {server.group(person)}, person {person}")
        sys.stdout.write("\n".join(lines) + "\n")
        sys.stdout.flush()
        threading.Event().wait()


if __name__ == "__main__":
    main()
