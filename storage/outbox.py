"""Holds what is to be posted until it is seen once: leased, sent, looked up, tried again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import and_, case, delete, exists, func, or_, select, update

from storage.engine import alone, inserting, reading, writing
from storage.tables import OutboxRow, table_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection, Engine, FromClause, Row

State = Literal["ready", "sending", "unsure", "sent", "dead"]
LEASING = 7_105_902
"""The place in which one sender takes its parcels at a time."""
box = table_of(OutboxRow)
OVER = ("sent", "dead")


@dataclass(frozen=True, slots=True)
class Post:
    """A message to be posted once. `key` names it over all retries; `card` is JSON."""

    key: str
    platform: str
    channel: str
    card: str
    kind: Literal["post", "change"] = "post"
    root: str = ""
    """The key of the post in whose thread it goes, or which it changes."""
    not_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class Parcel:
    """A leased message; its `epoch` fences off a sender whose lease ran out."""

    id: int
    post: Post
    attempts: int
    """Tries so far, this one included."""
    unsure_since: datetime | None
    """When set, look it up from this moment on before posting: an earlier try may have worked."""
    epoch: int
    message: str = ""
    """Its own message id, when it is known."""
    root_message: str = ""
    """The message id of its root."""
    root_thread: str = ""
    """The message id of the thread in which its root stands, if that is a reply itself."""


@dataclass(frozen=True, slots=True)
class Posted:
    """A message as the outbox knows it; `message` is empty until it is sent."""

    key: str
    platform: str
    channel: str
    message: str
    root: str
    state: State


class Outbox:
    """The messages that are on their way; every step is one transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def enqueue(self, posts: Sequence[Post], now: datetime) -> int:
        """Add posts and return how many are new; the same key twice is one message."""
        with writing(self._engine) as connection:
            return add_posts(connection, posts, now)

    def lease(
        self,
        now: datetime,
        seconds: float = 90,
        limit: int = 20,
        *,
        platforms: Sequence[str] = (),
    ) -> tuple[Parcel, ...]:
        """Take what is due, in order, for `seconds`; nobody else gets it meanwhile.

        A reply or a change waits until its root is sent and until every earlier one of the same
        root is over; a post without root waits for those of its channel that are being sent. What
        a sender let lie beyond its lease is taken over as unsure.
        """
        with writing(self._engine) as connection:
            alone(connection, LEASING)
            _bury_orphans(connection)
            query = select(box.c.id).where(*_due(now), *_first(now)).order_by(box.c.id).limit(limit)
            if platforms:
                query = query.where(box.c.platform.in_(platforms))
            ids = list(connection.scalars(query.with_for_update(skip_locked=True)))
            if ids:
                connection.execute(_leased(ids, now, now + timedelta(seconds=seconds)))
            return _parcels(connection, ids)

    def sent(self, parcel: Parcel, message: str, now: datetime) -> bool:
        """Mark a parcel as posted; False when another sender has taken it over meanwhile."""
        return self._mark(
            parcel, state="sent", message=message, sent_at=now, unsure_since=None, error=""
        )

    def again(self, parcel: Parcel, at: datetime, error: str) -> bool:
        """Put a parcel back that is known not to be posted, to be tried again from `at` on."""
        return self._mark(parcel, state="ready", due_at=at, unsure_since=None, error=error)

    def unsure(self, parcel: Parcel, at: datetime, error: str) -> bool:
        """Put a parcel back of which nobody knows whether it was posted: look it up from `at`."""
        since = func.coalesce(box.c.unsure_since, box.c.leased_at)
        return self._mark(parcel, state="unsure", due_at=at, unsure_since=since, error=error)

    def dead(self, parcel: Parcel, error: str) -> bool:
        """Give a parcel up for good; what belongs to it is given up with it."""
        return self._mark(parcel, state="dead", error=error)

    def posted(self, key: str) -> Posted | None:
        """Return what is known of a message by its key."""
        with reading(self._engine) as connection:
            row = connection.execute(select(box).where(box.c.key == key)).one_or_none()
            return _posted(row) if row else None

    def by_message(self, platform: str, channel: str, message: str) -> Posted | None:
        """Return which post of ours a message of the platform is."""
        if not message:
            return None
        query = select(box).where(
            box.c.platform == platform,
            box.c.channel == channel,
            box.c.message == message,
            box.c.kind == "post",
        )
        with reading(self._engine) as connection:
            row = connection.execute(query.order_by(box.c.id)).first()
            return _posted(row) if row else None

    def newest(self, key: str) -> str:
        """Return the card (JSON) that a message shows once all its changes are carried out."""
        mine = or_(box.c.key == key, and_(box.c.root == key, box.c.kind == "change"))
        query = select(box.c.card).where(mine, box.c.state != "dead").order_by(box.c.id.desc())
        with reading(self._engine) as connection:
            return connection.scalar(query.limit(1)) or ""

    def thread(self, root: str) -> tuple[str, ...]:
        """Return the keys of what was posted in a message's thread, in order."""
        mine = and_(box.c.root == root, box.c.kind == "post")
        with reading(self._engine) as connection:
            return tuple(connection.scalars(select(box.c.key).where(mine).order_by(box.c.id)))

    def dead_posts(self) -> tuple[tuple[Posted, str], ...]:
        """Return the messages that were given up, with the reason."""
        with reading(self._engine) as connection:
            rows = connection.execute(select(box).where(box.c.state == "dead").order_by(box.c.id))
            return tuple((_posted(row), row.error) for row in rows)

    def _mark(self, parcel: Parcel, **values: Any) -> bool:
        """Change a parcel's row, if the lease is still this sender's."""
        mine = and_(box.c.id == parcel.id, box.c.epoch == parcel.epoch, box.c.state == "sending")
        with writing(self._engine) as connection:
            marked = update(box).where(mine).values(**values, lease_until=None)
            return connection.execute(marked).rowcount == 1


def add_posts(connection: Connection, posts: Sequence[Post], now: datetime) -> int:
    """Add posts within a transaction and return how many are new; see Outbox.enqueue.

    Raises ValueError for a post whose root was never enqueued: it would wait for ever.
    """
    new = 0
    for post in posts:
        if post.root and not _known(connection, post.root):
            raise ValueError(f"{post.key} belongs to {post.root}, which was never enqueued")
        adding = inserting(connection, box).values(
            key=post.key,
            platform=post.platform,
            channel=post.channel,
            kind=post.kind,
            root=post.root,
            card=post.card,
            state="ready",
            due_at=post.not_before or now,
            attempts=0,
            epoch=0,
            message="",
            error="",
            created_at=now,
        )
        added = connection.execute(adding.on_conflict_do_nothing(index_elements=["key"])).rowcount
        if added and post.kind == "change":
            _give_way(connection, post)
        new += added
    return new


def _give_way(connection: Connection, newest: Post) -> None:
    """Drop older changes of the same message that nobody has seen and no sender has touched."""
    connection.execute(
        delete(box).where(
            box.c.kind == "change",
            box.c.root == newest.root,
            box.c.key != newest.key,
            box.c.state == "ready",
            box.c.attempts == 0,
        )
    )


def _known(connection: Connection, key: str) -> bool:
    """Say whether a key was ever enqueued."""
    return connection.scalar(select(box.c.id).where(box.c.key == key)) is not None


def _due(now: datetime) -> list[ColumnElement[bool]]:
    """Return the condition for what may be sent at a moment, or was let lie by its sender."""
    waiting = and_(box.c.state.in_(("ready", "unsure")), box.c.due_at <= now)
    left = and_(box.c.state == "sending", box.c.lease_until <= now)
    return [or_(waiting, left)]


def _first(now: datetime) -> list[ColumnElement[bool]]:
    """Return the conditions for being first in one's queue, with the root already sent."""
    earlier, root = box.alias("earlier"), box.alias("root")
    same_queue = and_(
        earlier.c.platform == box.c.platform,
        earlier.c.channel == box.c.channel,
        earlier.c.root == box.c.root,
        earlier.c.id < box.c.id,
    )
    in_flight = and_(earlier.c.state == "sending", earlier.c.lease_until > now)
    open_in_thread = and_(box.c.root != "", earlier.c.state.not_in(OVER))
    root_sent = exists().where(root.c.key == box.c.root, root.c.state == "sent")
    return [
        ~exists().where(same_queue, or_(in_flight, open_in_thread)),
        or_(box.c.root == "", root_sent),
    ]


def _leased(ids: list[int], now: datetime, until: datetime) -> Any:
    """Return the statement that gives rows to a sender under a new epoch."""
    left = box.c.state == "sending"
    since = func.coalesce(box.c.unsure_since, case((left, box.c.leased_at)))
    return (
        update(box)
        .where(box.c.id.in_(ids))
        .values(
            state="sending",
            attempts=box.c.attempts + 1,
            epoch=box.c.epoch + 1,
            unsure_since=since,
            leased_at=now,
            lease_until=until,
        )
    )


def _bury_orphans(connection: Connection) -> None:
    """Give up what belongs to a message that will never be posted."""
    root = box.alias("root")
    lost = exists().where(root.c.key == box.c.root, root.c.state == "dead")
    connection.execute(
        update(box)
        .where(box.c.state == "ready", box.c.root != "", lost)
        .values(state="dead", error="the message it belongs to was given up")
    )


def _parcels(connection: Connection, ids: list[int]) -> tuple[Parcel, ...]:
    """Return leased rows with where their roots stand, in order."""
    root: FromClause = box.alias("root")
    above: FromClause = box.alias("above")
    query = (
        select(box, root.c.message.label("root_message"), above.c.message.label("root_thread"))
        .outerjoin(root, and_(box.c.root != "", root.c.key == box.c.root))
        .outerjoin(above, and_(root.c.root != "", above.c.key == root.c.root))
        .where(box.c.id.in_(ids))
        .order_by(box.c.id)
    )
    return tuple(
        Parcel(
            id=row.id,
            post=Post(row.key, row.platform, row.channel, row.card, row.kind, row.root, None),
            attempts=row.attempts,
            unsure_since=row.unsure_since,
            epoch=row.epoch,
            message=row.message,
            root_message=row.root_message or "",
            root_thread=row.root_thread or "",
        )
        for row in connection.execute(query)
    )


def _posted(row: Row[Any]) -> Posted:
    """Return a row as others may see it."""
    return Posted(row.key, row.platform, row.channel, row.message, row.root, row.state)
