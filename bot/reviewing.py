"""A review from its form to its conclusion: who is asked, what was answered, what is still open."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.card import Card, Mention
from bot.cardjson import dumps
from bot.say import errors, slide
from bot.say.review import Gathered, Said, closing, form, listed, reminder, show, summary
from bot.schedule import quiet_until
from diagnostics import fingerprint
from diagnostics.book.rows import Text
from diagnostics.reviews import QUESTIONS, Answer, tally
from storage.ledger import Post

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from bot.commands import Ask
    from bot.desk import Desk
    from bot.say.voice import Voice
    from bot.team import ChannelRow
    from diagnostics.panel import Unit
    from diagnostics.reading import Finding
    from storage.reviews import Review

_NO_REVIEW = Text("没有复盘 #{number}", "There is no review #{number}")
_LIST = Text("看全部：/review list", "See all: /review list")
_NOT_A_NUMBER = Text("要写复盘的编号", "A review's number is needed")
_CLOSED_ALREADY = Text("复盘 #{number} 已经结束了", "Review #{number} is closed already")
_EXPORT = Text(
    "导出在命令行里：loudou export reviews --format xlsx",
    "Reviews are exported on the command line: loudou export reviews --format xlsx",
)
_EXPORT_WHY = Text("聊天里不发文件", "Files are not sent in the chat")


NOBODY_ASKS = frozenset({"withdrawn", "joined", "closed"})
REMIND_FOR = timedelta(days=7)
"""A review that was left alone for longer is not brought up again."""


def form_key(root: str) -> str:
    """Return the key of the form that hangs under an alert."""
    return f"{root}:review"


def opening(
    desk: Desk,
    channel: ChannelRow,
    finding: Finding,
    root: str,
    now: datetime,
    units: Mapping[str, Unit],
) -> Post:
    """Open the review of an alert and return its form, for the alert's thread.

    `units` are the diagnosis's: what stands for several shops is in no store.
    """
    voice = _knowing(desk, desk.channel_voice(channel), finding.unit).knowing(units)
    owners = asked(desk, finding, voice)
    number = desk.reviews.open(
        finding.key,
        channel.id,
        root,
        [question.key for question in QUESTIONS],
        [owner.person for owner in owners],
        now,
    )
    mention = channel.platform == "feishu"
    card = form(number, finding, voice, owners=owners, must_mention=mention)
    return Post(form_key(root), channel.platform, channel.id, dumps(card), "post", root)


def _knowing(desk: Desk, voice: Voice, unit: str) -> Voice:
    """Return a voice that knows a unit and its shop by name and currency."""
    keys = (unit, unit.partition("/")[0])
    return voice.knowing({one.key: one for one in desk.store.units(keys=keys)})


def asked(desk: Desk, finding: Finding, voice: Voice) -> tuple[Mention, ...]:
    """Return who is to answer: the owners of the metric and of the first prescriptions, once."""
    metric = desk.book.metrics[finding.reading.metric]
    rows = {row.key: row for row in desk.book.prescriptions()}
    roles = [metric.owner, *(rows[key].owner for key in finding.prescriptions[:2] if key in rows)]
    unit = voice.unit(finding.unit)
    people = {one.person: one for role in dict.fromkeys(roles) for one in desk.people(role, unit)}
    return tuple(people.values())[:3]


@dataclass(frozen=True)
class Reviews:
    """The reviews as the team sees them; `name` tells a platform user's name."""

    desk: Desk
    name: Callable[[str], str]

    def gathered(self, review: Review, channel: ChannelRow | None, voice: Voice) -> Gathered:
        """Return a review as it is worded: answers by question, who is awaited, how it ended."""
        counted = tally(
            Answer(one.user, one.text, one.at, one.message_id) for one in review.answers
        )
        return Gathered(
            number=review.id,
            title=self._title(review, voice),
            opened=review.opened_at.date(),
            answers={
                key: tuple(Said(self._who(one.user, channel), one.text) for one in said)
                for key, said in counted.said.items()
            },
            awaited=tuple(self._named(key) for key in self.awaited(review, channel)),
            closed=review.closed_at.date() if review.closed_at else None,
            conclusion=review.conclusion,
        )

    def awaited(self, review: Review, channel: ChannelRow | None) -> tuple[str, ...]:
        """Return the persons (keys) that were asked and have not answered."""
        platform = channel.platform if channel else ""
        people = [self.desk.team.person_of(platform, one.user) for one in review.answers]
        there = {person.key for person in people if person is not None}
        return tuple(key for key in review.owners if key not in there)

    def changed(self, review: Review, channel: ChannelRow, by: str) -> Post:
        """Return the form's post, changed to how the review stands now.

        `by` names what changed it: an answer that is taken back leads to a text that was there
        before, and yet has to be shown again.
        """
        voice = self.desk.channel_voice(channel)
        shown = self.gathered(review, channel, voice)
        card = closing(shown, voice) if review.closed_at else summary(shown, voice)
        root = form_key(review.root_key)
        return Post(f"{root}:{by}", channel.platform, channel.id, dumps(card), "change", root)

    def remind(self, channel: ChannelRow, now: datetime) -> None:
        """Remind those who have not answered an open review that is due, each owner once.

        Nobody is reminded of an alert that was none, or that is told with others.
        """
        after = timedelta(hours=self.desk.team.review.remind_after_hours)
        for review in self.desk.reviews.list(100, channel=channel.id, unfinished=True):
            told = self.desk.ledger.told(review.alert_key, channel.key)
            if told is not None and told.state in NOBODY_ASKS:
                continue
            root = self.desk.ledger.posted(review.root_key)
            seen = quiet_until(channel, review.opened_at) or review.opened_at
            if root is not None and root.message and after <= now - seen <= after + REMIND_FOR:
                self._remind(review, channel, now)

    def _remind(self, review: Review, channel: ChannelRow, now: datetime) -> None:
        keys = [key for key in self.awaited(review, channel) if key not in review.reminded]
        people = self._mentions(keys)
        if not people:
            return
        voice = self.desk.channel_voice(channel)
        card = dumps(reminder(self.gathered(review, channel, voice), people, voice))
        key, root = f"{form_key(review.root_key)}:reminder", review.root_key
        quiet = quiet_until(channel, now)
        self.desk.ledger.enqueue(
            [Post(key, channel.platform, channel.id, card, "post", root, quiet)], now
        )
        for person in keys:
            self.desk.reviews.remind(review.id, person, now)

    def _mentions(self, keys: Sequence[str]) -> tuple[Mention, ...]:
        rows = {row.key: row for row in self.desk.team.person}
        return tuple(Mention(key, rows[key].name) for key in keys if key in rows)

    def _who(self, user: str, channel: ChannelRow | None) -> str:
        person = self.desk.team.person_of(channel.platform if channel else "", user)
        return person.name if person else self.name(user)

    def _named(self, key: str) -> str:
        return next((row.name for row in self.desk.team.person if row.key == key), key)

    def _title(self, review: Review, voice: Voice) -> str:
        about = fingerprint.read(review.alert_key)
        known = _knowing(self.desk, voice, about.unit)
        scene = self.desk.book.scenes.get(about.what)
        what = scene.name(voice.lang) if scene else slide.named(about.what, known)
        return f"{known.place(about.unit)} · {what}"


def command(ask: Ask) -> Card:
    """Answer /review: list (default), show N, search WORD, close N conclusion, export."""
    reviews = Reviews(ask.desk, lambda user: user)
    word, rest = (ask.args[0].casefold(), ask.args[1:]) if ask.args else ("list", ())
    match word:
        case "list" | "列表" | "全部":
            return _listed(ask, reviews, "")
        case "search" | "找" | "搜":
            return _listed(ask, reviews, " ".join(rest))
        case "export" | "导出":
            return errors.problem(ask.voice(_EXPORT_WHY), ask.voice(_EXPORT), ask.voice)
        case "close" | "结束":
            return _close(ask, reviews, rest)
        case "show" | "看" if rest:
            return _show(ask, reviews, rest[0])
        case _:
            return _show(ask, reviews, word)


def _here(ask: Ask, review: Review) -> bool:
    return fingerprint.read(review.alert_key).shop in ask.shops


def _listed(ask: Ask, reviews: Reviews, word: str) -> Card:
    rows = ask.desk.reviews.search(word, 50) if word else ask.desk.reviews.list(50)
    channel = _channel(ask)
    shown = [reviews.gathered(row, channel, ask.voice) for row in rows if _here(ask, row)]
    return listed(shown, ask.voice, word=word)


def _channel(ask: Ask) -> ChannelRow | None:
    return next((row for row in ask.desk.team.channel if row.key == ask.channel), None)


def _numbered(ask: Ask, word: str) -> Review | Card:
    number = word.lstrip("#")
    if not re.fullmatch(r"\d{1,9}", number):
        return errors.problem(ask.voice(_NOT_A_NUMBER), ask.voice(_LIST), ask.voice)
    review = ask.desk.reviews.get(int(number))
    if review is None or not _here(ask, review):
        said = ask.voice(_NO_REVIEW, number=number)
        return errors.problem(said, ask.voice(_LIST), ask.voice)
    return review


def _show(ask: Ask, reviews: Reviews, word: str) -> Card:
    review = _numbered(ask, word)
    if isinstance(review, Card):
        return review
    return show(reviews.gathered(review, _channel(ask), ask.voice), ask.voice)


def _close(ask: Ask, reviews: Reviews, rest: Sequence[str]) -> Card:
    review = _numbered(ask, rest[0] if rest else "")
    if isinstance(review, Card):
        return review
    if not ask.desk.reviews.close(review.id, " ".join(rest[1:]), ask.now):
        said = ask.voice(_CLOSED_ALREADY, number=str(review.id))
        return errors.problem(said, ask.voice(_LIST), ask.voice)
    done = ask.desk.reviews.get(review.id)
    channel = _channel(ask)
    if done is not None and channel is not None:
        ask.desk.ledger.enqueue([reviews.changed(done, channel, "closed")], ask.now)
    return closing(reviews.gathered(done or review, channel, ask.voice), ask.voice)
