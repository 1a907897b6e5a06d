"""Answers what people do: commands, replies in a review's thread, buttons and forms."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, assert_never

from bot import inbox
from bot.asking import answer
from bot.chat import ChatError
from bot.commands import Ask
from bot.pressing import press
from bot.reviewing import Reviews
from bot.say import errors
from diagnostics.book.rows import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from bot.card import Card
    from bot.chat import Chat, Incoming
    from bot.desk import Desk
    from bot.say.voice import Voice
    from bot.team import ChannelRow
    from storage.reviews import Review

log = logging.getLogger("loudou.answering")

_STRANGER = Text("我不认识这个群或这个人", "This channel or person is not set up")
_SET_UP = Text(
    "请管理员在 loudou.toml 里加上：频道 {channel}，或人员 {user}",
    "Ask the admin to add it to loudou.toml: channel {channel}, or person {user}",
)


_QUESTION = {"verdict": "conclusion"}
"""A form's field that is an answer to another question of the review."""


@dataclass(frozen=True)
class Answering:
    """Takes one incoming after the other; `posted` wakes the sender."""

    desk: Desk
    chats: Mapping[str, Chat]
    clock: Callable[[], datetime]
    posted: Callable[[], None]

    def __call__(self, incoming: Incoming) -> None:
        """Answer one thing that a person did; what breaks is told with an id to quote."""
        channel = self.desk.team.channel_of(incoming.platform, incoming.channel)
        voice = self.desk.voice(channel.lang if channel else None)
        try:
            card = self._answer(incoming, channel, voice)
        except ChatError:
            raise
        except Exception:
            reference = f"{incoming.platform}-{incoming.id}"[-24:]
            log.exception("%s could not be answered", reference)
            card = errors.failed(reference, voice)
        self.posted()
        if card is not None:
            key = f"answer:{incoming.platform}:{incoming.id}"
            self.chats[incoming.platform].answer(incoming, card, key=key)

    def _answer(self, incoming: Incoming, channel: ChannelRow | None, voice: Voice) -> Card | None:
        now = self.clock()
        if inbox.stale(incoming, now):
            return errors.expired(voice)
        match incoming.kind:
            case "command":
                return self._command(incoming, channel, voice, now)
            case "reply" | "edit" | "delete" | "form":
                self._gather(incoming, channel, now)
                return None
            case "button":
                return self._button(incoming, channel, voice, now)
            case _:
                assert_never(incoming.kind)

    def _shops(self, incoming: Incoming, channel: ChannelRow | None) -> tuple[str, ...]:
        """Return which shops may be told here: the channel's; in private the person's own."""
        if channel is not None:
            return channel.shops
        person = self.desk.team.person_of(incoming.platform, incoming.user)
        if not incoming.private or person is None:
            return ()
        return person.shops or tuple(row.key for row in self.desk.team.shop)

    def _command(
        self, incoming: Incoming, channel: ChannelRow | None, voice: Voice, now: datetime
    ) -> Card:
        shops = self._shops(incoming, channel)
        if not shops:
            remedy = voice(_SET_UP, channel=incoming.channel, user=incoming.user)
            return errors.problem(voice(_STRANGER), remedy, voice)
        key = channel.key if channel else ""
        ask = Ask(self.desk, voice, shops, (), now, key, self._who(incoming))
        return answer(ask, incoming.text)

    def _button(
        self, incoming: Incoming, channel: ChannelRow | None, voice: Voice, now: datetime
    ) -> Card | None:
        if channel is None:
            return errors.expired(voice)
        return press(self.desk, channel, incoming, self._who(incoming), now)

    def _gather(self, incoming: Incoming, channel: ChannelRow | None, now: datetime) -> None:
        """Keep a reply, its edit or deletion, or a form, and show it in the review at once."""
        after = self._kept(incoming) if channel is not None else None
        if after is not None and channel is not None:
            reviews = Reviews(self.desk, self.chats[incoming.platform].name)
            self.desk.ledger.enqueue([reviews.changed(after, channel, incoming.id)], now)

    def _kept(self, incoming: Incoming) -> Review | None:
        """Keep what was said or taken back; return the review as it stands then, if it is one's."""
        review = self._review(incoming)
        if incoming.kind == "delete":  # not every platform says in which thread it was
            known = review.id if review is not None else None
            number = self.desk.reviews.withdraw(incoming.message, review_id=known)
            return self.desk.reviews.get(number) if number is not None else None
        if review is None:
            return None
        if incoming.kind == "form":
            for name, text in incoming.answers.items():
                if text.strip():
                    message = f"form:{incoming.id}:{name}"
                    said = f"{_QUESTION.get(name, name)}: {text}"
                    self.desk.reviews.upsert(review.id, message, incoming.user, said, incoming.at)
        else:
            edited = incoming.at if incoming.kind == "edit" else None
            self.desk.reviews.upsert(
                review.id, incoming.message, incoming.user, incoming.text, incoming.at, edited
            )
        return self.desk.reviews.get(review.id)

    def _review(self, incoming: Incoming) -> Review | None:
        if incoming.kind == "form":
            known = re.fullmatch(r"\d{1,9}", incoming.value)
            review = self.desk.reviews.get(int(incoming.value)) if known else None
            return review if review and review.channel == incoming.channel else None
        return self.desk.reviews.by_root(incoming.channel, incoming.thread)

    def _who(self, incoming: Incoming) -> str:
        person = self.desk.team.person_of(incoming.platform, incoming.user)
        return person.name if person else self.chats[incoming.platform].name(incoming.user)
