"""Keeps reviews and what the team answered, edited and took back, searchable for ever."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, exists, or_, select, update

from storage.engine import inserting, reading, writing
from storage.outbox import box
from storage.tables import AnswerRow, ReminderRow, ReviewRow, table_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Row, Select, Table

    from storage.store import Store

review = table_of(ReviewRow)
answer = table_of(AnswerRow)
reminder = table_of(ReminderRow)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person wrote in a review's thread, as it stands after the last edit."""

    message_id: str
    user: str
    """The platform's user id; the name is looked up when it is shown."""
    text: str
    at: datetime
    edited_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Review:
    """A review; `owners` are asked to answer, `reminded` have been reminded already."""

    id: int
    alert_key: str
    channel: str
    root_key: str
    """The key of the post in whose thread the answers stand."""
    questions: tuple[str, ...]
    owners: tuple[str, ...]
    opened_at: datetime
    answers: tuple[Answer, ...] = ()
    """In the order in which they were written; withdrawn ones are left out."""
    reminded: tuple[str, ...] = ()
    closed_at: datetime | None = None
    conclusion: str = ""


class ReviewStore:
    """The reviews of all channels."""

    def __init__(self, store: Store) -> None:
        self._engine = store.engine

    def open(
        self,
        alert_key: str,
        channel: str,
        root_key: str,
        questions: Sequence[str],
        owners: Sequence[str],
        now: datetime,
    ) -> int:
        """Open a review under a post and return its id; under the same post there is one only."""
        adding = inserting(self._engine, review).values(
            alert_key=alert_key,
            channel=channel,
            root_key=root_key,
            questions=list(questions),
            owners=list(owners),
            opened_at=now,
            conclusion="",
        )
        with writing(self._engine) as connection:
            connection.execute(adding.on_conflict_do_nothing(index_elements=["root_key"]))
            query = select(review.c.id).where(review.c.root_key == root_key)
            return int(connection.execute(query).scalar_one())

    def upsert(
        self,
        review_id: int,
        message_id: str,
        user: str,
        text: str,
        at: datetime,
        edited: datetime | None = None,
    ) -> bool:
        """Keep an answer or its edit; False when nothing changed.

        An edit that is older than what is known, and a message that was withdrawn, change nothing.
        """
        adding = inserting(self._engine, answer).values(
            review_id=review_id,
            message_id=message_id,
            user=user,
            text=text,
            at=at,
            edited_at=edited,
            withdrawn=False,
        )
        newer = and_(
            answer.c.withdrawn.is_(False),
            answer.c.text != adding.excluded.text,
            adding.excluded.edited_at.is_not(None),
            or_(answer.c.edited_at.is_(None), answer.c.edited_at <= adding.excluded.edited_at),
        )
        merged = adding.on_conflict_do_update(
            index_elements=["review_id", "message_id"],
            set_={"text": adding.excluded.text, "edited_at": adding.excluded.edited_at},
            where=newer,
        )
        with writing(self._engine) as connection:
            return connection.execute(merged).rowcount == 1

    def withdraw(self, message_id: str, *, review_id: int | None = None) -> int | None:
        """Forget what a deleted message said; return the review it belonged to, if any."""
        mine = [answer.c.message_id == message_id]
        if review_id is not None:
            mine.append(answer.c.review_id == review_id)
        forgotten = update(answer).where(*mine).values(text="", withdrawn=True)
        with writing(self._engine) as connection:
            rows = connection.scalars(forgotten.returning(answer.c.review_id))
            return next(iter(rows.all()), None)

    def get(self, review_id: int) -> Review | None:
        """Return a review with its answers."""
        found = self._read(select(review).where(review.c.id == review_id))
        return found[0] if found else None

    def list(
        self, limit: int = 20, *, channel: str = "", unfinished: bool = False
    ) -> tuple[Review, ...]:
        """Return reviews, newest first, of one channel or all."""
        query = select(review)
        if channel:
            query = query.where(review.c.channel == channel)
        if unfinished:
            query = query.where(review.c.closed_at.is_(None))
        return self._read(query.limit(limit))

    def by_root(self, channel: str, message: str) -> Review | None:
        """Return the review whose thread hangs under a message of the platform.

        Where several alerts share a thread, it is the newest review in it that is not closed.
        """
        if not message:
            return None
        root, above = box.alias("root"), box.alias("above")
        here = exists().where(
            root.c.key == review.c.root_key, root.c.channel == channel, root.c.message == message
        )
        shared = exists().where(
            root.c.key == review.c.root_key,
            above.c.key == root.c.root,
            above.c.channel == channel,
            above.c.message == message,
        )
        query = select(review).where(review.c.channel == channel, or_(here, shared))
        found = self._read(query)
        return next((one for one in found if one.closed_at is None), next(iter(found), None))

    def remind(self, review_id: int, owner: str, now: datetime) -> bool:
        """Note that an owner is being reminded; True the first time only."""
        adding = inserting(self._engine, reminder).values(review_id=review_id, owner=owner, at=now)
        once = adding.on_conflict_do_nothing(index_elements=["review_id", "owner"])
        with writing(self._engine) as connection:
            return connection.execute(once).rowcount == 1

    def close(self, review_id: int, conclusion: str, now: datetime) -> bool:
        """Close a review with its conclusion; False when it was closed already."""
        closing = update(review).where(review.c.id == review_id, review.c.closed_at.is_(None))
        with writing(self._engine) as connection:
            values = {"conclusion": conclusion, "closed_at": now}
            return connection.execute(closing.values(**values)).rowcount == 1

    def search(self, word: str, limit: int = 20) -> tuple[Review, ...]:
        """Return the reviews in which a word occurs (alert, answers, conclusion), newest first."""
        answered = exists().where(
            answer.c.review_id == review.c.id, answer.c.text.icontains(word, autoescape=True)
        )
        said = (
            review.c.alert_key.icontains(word, autoescape=True),
            review.c.conclusion.icontains(word, autoescape=True),
        )
        return self._read(select(review).where(or_(answered, *said)).limit(limit))

    def _read(self, query: Select[Any]) -> tuple[Review, ...]:
        """Return the reviews of a query with their answers, newest first."""
        with reading(self._engine) as connection:
            rows = connection.execute(query.order_by(review.c.id.desc())).all()
            ids = [row.id for row in rows]
            answers = _by_review(connection, select(answer).where(~answer.c.withdrawn), answer, ids)
            reminded = _by_review(connection, select(reminder), reminder, ids)
        return tuple(
            _review(row, answers.get(row.id, []), reminded.get(row.id, [])) for row in rows
        )


def _by_review(
    connection: Connection, query: Select[Any], table: Table, ids: Sequence[int]
) -> dict[int, list[Row[Any]]]:
    """Return the rows that belong to reviews, by review, in the order of time."""
    rows: dict[int, list[Row[Any]]] = {}
    ordered = query.where(table.c.review_id.in_(ids)).order_by(table.c.at, table.c.id)
    for row in connection.execute(ordered):
        rows.setdefault(row.review_id, []).append(row)
    return rows


def _review(row: Row[Any], answers: Sequence[Row[Any]], reminded: Sequence[Row[Any]]) -> Review:
    """Return a review as others may see it."""
    return Review(
        id=row.id,
        alert_key=row.alert_key,
        channel=row.channel,
        root_key=row.root_key,
        questions=tuple(row.questions),
        owners=tuple(row.owners),
        opened_at=row.opened_at,
        answers=tuple(Answer(a.message_id, a.user, a.text, a.at, a.edited_at) for a in answers),
        reminded=tuple(one.owner for one in reminded),
        closed_at=row.closed_at,
        conclusion=row.conclusion,
    )
