"""The chat on Feishu: posts each card once, changes it in place, and hears what people answer."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal

from bot import clock
from bot.chat import Ref, Refused
from bot.feishu import doctor, history, sending
from bot.feishu.errors import Trouble
from bot.feishu.parse import CALLBACK, Reader
from bot.feishu.socket import Socket
from bot.feishu.webhook import Webhook
from bot.feishu.wire import Wire

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from _typeshed.wsgi import StartResponse, WSGIEnvironment

    from bot.card import Card, Mention
    from bot.chat import Check, Incoming
    from bot.feishu.settings import FeishuSettings

log = logging.getLogger("loudou.feishu")

SAME_UUID = timedelta(minutes=55)
"""How long the platform surely knows a uuid: an hour, less some minutes for clocks."""
TOO_LATE = (
    "It is not known whether this was posted, and after an hour the platform would post it again: "
    "look into the chat, and post it by hand if it is missing."
)
RECEIVED = {"zh": "收到", "en": "Got it"}
NO_ID = "The platform does not say who the bot is: developer console > Add Features > Bot."


class FeishuChat:
    """One app in Feishu or Lark.

    `users` gives a person's open_id by the key in the settings; `words` are the command words,
    which may also be called without a slash; `received` is what a person sees at once after
    touching a button, by language.
    """

    def __init__(
        self,
        settings: FeishuSettings,
        *,
        users: Mapping[str, str] | None = None,
        words: Iterable[str] = (),
        received: Mapping[str, str] = RECEIVED,
        now: Callable[[], datetime] = clock.now,
    ) -> None:
        self._settings = settings
        self._users = dict(users or {})
        self._words = frozenset(word.lower().lstrip("/") for word in words)
        self._toast = {
            "toast": {
                "type": "info",
                "content": received["zh"],
                "i18n": {"zh_cn": received["zh"], "en_us": received["en"]},
            }
        }
        self._now = now
        self._wire = Wire(settings)
        self._names: dict[str, str] = {}
        self._reader = Reader("", self._words)
        self._handler: Callable[[Incoming], None] | None = None
        self._socket: Socket | None = None
        hooked = settings.mode == "webhook"
        self._webhook = Webhook(settings, self._receive, now) if hooked else None

    @property
    def platform(self) -> Literal["feishu"]:
        """Return which platform this is."""
        return "feishu"

    def post(self, channel: str, card: Card, *, key: str, thread: str = "") -> Ref:
        """Post a card; the same key within an hour is one message, whatever happens between.

        `channel` is a chat (oc_…) or a person (ou_…). A refused card is said in a simpler form;
        a reply that cannot stand in a thread is a plain reply, never a message of its own.
        """

        def send(body: dict[str, Any]) -> str:
            if thread:
                return sending.send_reply(self._wire, thread, body)
            return sending.send_new(self._wire, channel, body)

        return Ref("feishu", channel, sending.say(card, key, self._who, send), thread)

    def find(self, channel: str, key: str, since: datetime, *, thread: str = "") -> Ref | None:  # noqa: ARG002  the port's
        """Return None: posting again with the same key is the look-up, as long as it is safe.

        The platform never shows a card's content, so a posted card cannot be recognised; but it
        knows the uuid that is made of the key for an hour. Later than that, raises Refused.
        """
        if self._now() - since > SAME_UUID:
            raise Refused("unsure for an hour", TOO_LATE)
        return None

    def change(self, ref: Ref, card: Card) -> None:
        """Replace a card of our own; a message that is no card is edited as a post."""
        sending.say(
            card, "", self._who, lambda body: sending.replace(self._wire, ref.message, body)
        )

    def answer(self, incoming: Incoming, card: Card, *, key: str) -> Ref | None:
        """Answer in the question's thread; in private, and where there is none, in the chat."""
        root = "" if incoming.private else incoming.thread or incoming.message
        return self.post(incoming.channel, card, key=key, thread=root)

    def replies(self, channel: str, thread: str, since: datetime) -> tuple[Incoming, ...]:
        """Return what people said in a thread since a moment, oldest first; edits too."""
        try:
            return history.replies(self._wire, self._reader, channel, thread, since)
        except Trouble as trouble:
            raise trouble.error() from None

    def name(self, user: str) -> str:
        """Return a person's name; the id when the app may not see it."""
        if user not in self._names:
            try:
                answer = self._wire.call(
                    "GET",
                    "/open-apis/contact/v3/users/:user_id",
                    paths={"user_id": user},
                    query={"user_id_type": "open_id"},
                )
            except Trouble as trouble:
                log.debug("no name for a person: %s", trouble.code)
                return user
            found = (answer.get("data") or {}).get("user") or {}
            self._names[user] = str(found.get("name") or user)
        return self._names[user]

    def listen(self, handler: Callable[[Incoming], None]) -> None:
        """Start receiving; in webhook mode `wsgi` has to be served as well.

        Raises Busy, Unsure or Refused when the platform does not say who the bot is.
        """
        try:
            own = doctor.own_id(self._wire)
        except Trouble as trouble:
            raise trouble.error() from None
        if not own:
            raise Refused("no bot", NO_ID)
        self._reader, self._handler = Reader(own, self._words), handler
        if self._settings.mode == "socket":
            self._socket = Socket(self._settings, self._receive)
            self._socket.start()

    def wsgi(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request to /feishu/events; 503 until `listen` was called in webhook mode."""
        if self._webhook is None or self._handler is None:
            start_response("503 Service Unavailable", [("Content-Length", "0")])
            return [b""]
        return self._webhook(environ, start_response)

    def stop(self) -> None:
        """Stop receiving."""
        self._handler = None
        if self._socket is not None:
            self._socket.stop()
            self._socket = None

    def healthy(self) -> bool:
        """Say whether the long connection is alive; a webhook only knows that it is open."""
        if self._settings.mode == "webhook":
            return self._handler is not None
        return self._socket is not None and self._socket.healthy()

    def check(self, channels: tuple[str, ...]) -> tuple[Check, ...]:
        """Check credentials, the bot, its groups and what it may read, with remedies."""
        return doctor.check(self._wire, channels)

    def _who(self, mention: Mention) -> str:
        return self._users.get(mention.person, "")

    def _receive(self, payload: dict[str, Any]) -> dict[str, Any]:
        """Hand an event over and say what the platform is told; called by socket and webhook."""
        if self._handler is None:
            raise RuntimeError("not listening")  # the platform pushes it again
        incoming = self._reader.read(payload)
        if incoming is not None:
            self._handler(incoming)
        asked = (payload.get("header") or {}).get("event_type") == CALLBACK
        return dict(self._toast) if asked else {}
