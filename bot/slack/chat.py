"""Slack as a chat: posts cards, looks them up, changes them, and hears what people do."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from bot import clock
from bot.chat import ChatError, Check, Incoming, Ref, Refused
from bot.slack import checks, parse
from bot.slack.errors import EXPIRED, BadBlocks, meaning
from bot.slack.http import Door
from bot.slack.listen import Ears
from bot.slack.render import STYLES, render
from bot.slack.socket import DEAF_AFTER, PING_EVERY, Line
from bot.slack.wire import Wire

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping
    from datetime import datetime

    from _typeshed.wsgi import StartResponse, WSGIEnvironment

    from bot.card import Card, Mention
    from diagnostics.book.rows import Lang

log = logging.getLogger("loudou.slack")

EVENT_TYPE = "loudou"
"""The metadata type of our messages; the key is in its payload."""


@dataclass(frozen=True, slots=True)
class SlackSettings:
    """One installed app. `app_token` means Socket Mode, `signing_secret` means HTTP."""

    bot_token: str = field(repr=False)
    app_token: str = field(default="", repr=False)
    signing_secret: str = field(default="", repr=False)
    api_url: str = "https://slack.com/api/"
    ping_every: float = PING_EVERY
    deaf_after: float = DEAF_AFTER
    """Seconds without a sign of life after which a Socket Mode line is dialled anew."""


class SlackChat:
    """A `bot.chat.Chat` over one Slack workspace.

    `words` are the commands' words in all languages, `users` maps a person's key in the settings
    to their Slack user id.
    """

    def __init__(
        self,
        settings: SlackSettings,
        *,
        words: Collection[str] = (),
        users: Mapping[str, str] | None = None,
        now: Callable[[], datetime] = clock.now,
    ) -> None:
        self._settings = settings
        self._words = tuple(words)
        self._users = dict(users or {})
        self._now = now
        self._wire = Wire(settings.bot_token, settings.api_url)
        self._people: dict[str, Mapping[str, Any]] = {}
        self._bot: Mapping[str, Any] = {}
        self._ears: Ears | None = None
        self._line: Line | None = None
        self._door: Door | None = None

    @property
    def platform(self) -> Literal["slack"]:
        """Return which platform this is."""
        return "slack"

    def post(self, channel: str, card: Card, *, key: str, thread: str = "") -> Ref:
        """Post a card, its key in the message's metadata, where `find` looks for it."""
        send = partial(
            self._wire.write,
            "chat.postMessage",
            channel=channel,
            thread_ts=thread or None,
            metadata={"event_type": EVENT_TYPE, "event_payload": {"key": key}},
            unfurl_links=False,
            unfurl_media=False,
            link_names=False,
        )
        answer = self._say(card, send)
        return Ref("slack", str(answer["channel"]), str(answer["ts"]), thread)

    def find(self, channel: str, key: str, since: datetime, *, thread: str = "") -> Ref | None:
        """Look up a message by its key among those since a moment."""
        for message in self._wire.messages(channel, thread, since):
            metadata = message.get("metadata") or {}
            payload = metadata.get("event_payload") or {}
            if metadata.get("event_type") == EVENT_TYPE and payload.get("key") == key:
                return Ref("slack", channel, str(message["ts"]), thread)
        return None

    def change(self, ref: Ref, card: Card) -> None:
        """Replace a message of our own."""
        self._say(
            card, partial(self._wire.write, "chat.update", channel=ref.channel, ts=ref.message)
        )

    def answer(self, incoming: Incoming, card: Card, *, key: str) -> Ref | None:
        """Answer a slash command by its response URL, everything else in its thread.

        A grey card (something is not known or went wrong) is for the asking person alone, where
        Slack can do that: after a slash command, a button or a form.
        """
        alone = card.state == "grey"
        slash = incoming.kind == "command" and self._wire.trusted(incoming.token)
        if slash and self._respond(incoming.token, card, alone=alone):
            return None
        if alone and (slash or incoming.kind in {"button", "form"}) and not incoming.private:
            self._whisper(incoming, card)
            return None
        thread = incoming.thread or ("" if incoming.private else incoming.message)
        return self.post(incoming.channel, card, key=key, thread=thread)

    def replies(self, channel: str, thread: str, since: datetime) -> tuple[Incoming, ...]:
        """Return what people said in a thread since a moment, each once, oldest first."""
        bot = self._own_id()
        read = (
            parse.event({"type": "message", **message, "channel": channel}, self._words, bot)
            for message in self._wire.messages(channel, thread, since)
        )
        return tuple(one for one in read if one and one.thread == thread)

    def name(self, user: str) -> str:
        """Return a person's display name; the id itself when it is not to be had."""
        person = self._person(user)
        profile = person.get("profile") or {}
        names = (profile.get("display_name"), profile.get("real_name"), person.get("real_name"))
        return str(next(filter(None, names), user))

    def locale(self, user: str) -> Lang | None:
        """Return the language of a person's Slack; None when Slack does not tell."""
        told = str(self._person(user).get("locale") or "")
        return ("zh" if told.lower().startswith("zh") else "en") if told else None

    def listen(self, handler: Callable[[Incoming], None]) -> None:
        """Start receiving; raises Busy, Unsure or Refused when Slack cannot be reached."""
        own = self._settings
        if not (own.app_token or own.signing_secret):
            raise Refused(
                "no_mode", "set SLACK_APP_TOKEN (Socket Mode) or SLACK_SIGNING_SECRET (HTTP)"
            )
        self._own_id()
        ears = Ears(self._wire, self._bot, self._words, handler, self._now)
        self._ears = ears
        if own.signing_secret:
            self._door = Door(own.signing_secret, ears.app.dispatch, self._now)
        if own.app_token:
            self._line = Line(ears.app, own.app_token, own.ping_every, own.deaf_after)
            try:
                self._line.open()
            except Exception as error:
                self.stop()
                raise meaning(error) from error

    def wsgi(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request to /slack/events; 503 until `listen` was called in HTTP mode."""
        if self._door is None:
            start_response("503 Service Unavailable", [("Content-Length", "0")])
            return [b""]
        return self._door(environ, start_response)

    def stop(self) -> None:
        """Stop receiving and let go of connections."""
        if self._line:
            self._line.close()
        if self._ears:
            self._ears.close()
        self._line = self._ears = self._door = None

    def healthy(self) -> bool:
        """Say whether somebody listens: on a live line, or behind an open door in HTTP mode."""
        return self._line.alive() if self._line else self._door is not None

    def check(self, channels: tuple[str, ...]) -> tuple[Check, ...]:
        """Check token, scopes, Socket Mode and membership of channels."""
        return checks.check(self._wire, self._settings.app_token, channels)

    def mention(self, mention: Mention) -> str:
        """Return what pings a person, or the plain name of one without a Slack id."""
        user = self._users.get(mention.person)
        return f"<@{user}>" if user else f"@{mention.name}"

    def _say(self, card: Card, send: Callable[..., Any]) -> Any:
        """Send a card, plainer and plainer as long as Slack finds fault with its blocks."""
        for style in STYLES:
            try:
                return send(**render(card, self.mention, style))
            except BadBlocks as error:
                log.warning("Slack refused the %s form of a message: %s", style, error)
        raise Refused("invalid_blocks", "Slack takes this message in no form: report the log above")

    def _respond(self, url: str, card: Card, *, alone: bool) -> bool:
        """Answer by a response URL; False when it has run out and another way must be taken."""
        kind = "ephemeral" if alone else "in_channel"
        try:
            self._say(card, partial(self._wire.respond, url, response_type=kind))
        except Refused as error:
            if error.code != EXPIRED:
                raise
            return False
        return True

    def _whisper(self, incoming: Incoming, card: Card) -> None:
        """Show a card to one person only; nothing of it can be looked up or changed later."""
        send = partial(
            self._wire.write,
            "chat.postEphemeral",
            channel=incoming.channel,
            user=incoming.user,
            thread_ts=incoming.thread or None,
        )
        self._say(card, send)

    def _person(self, user: str) -> Mapping[str, Any]:
        """Return what Slack tells of a person; nothing when it does not, and then asks again."""
        if user not in self._people:
            try:
                told = self._wire.read("users.info", user=user, include_locale=True)
            except ChatError as error:
                log.info("a person could not be looked up: %s", type(error).__name__)
                return {}
            self._people[user] = told.get("user") or {}
        return self._people[user]

    def _own_id(self) -> str:
        if not self._bot:
            self._bot = self._wire.granted()[0]
        return str(self._bot["user_id"])
