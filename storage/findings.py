"""Keeps findings as they stood on their day, what people said of them, and what helped."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import case, delete, func, select, update

from storage.engine import inserting, reading, writing
from storage.tables import FindingTable, OpinionRow, OutcomeRow, table_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date, datetime

    from sqlalchemy import Connection, Row

    from storage.store import Store

found = table_of(FindingTable)
outcome = table_of(OutcomeRow)
opinion = table_of(OpinionRow)


@dataclass(frozen=True, slots=True)
class FindingRow:
    """A finding of one day; `key` is its fingerprint, `prescriptions` are keys in order."""

    key: str
    day: date
    shop: str
    unit: str
    scene: str
    metric: str
    value: float | None
    expected: float | None
    lost: float
    """GMV lost that day, in `currency`."""
    currency: str
    prescriptions: tuple[str, ...] = ()
    sureness: str = "unknown"


class Gone(NamedTuple):
    """A finding that its day, judged again, has no more."""

    key: str
    day: date
    merged: bool = False
    """Another finding tells it now; else it is withdrawn."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A prescription that somebody took on for a finding; `worked` is None until judged."""

    prescription: str
    finding: str
    day: date
    accepted_by: str
    accepted_at: datetime
    judged_at: datetime | None = None
    worked: bool | None = None


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a person said of an alert on a day: a good catch, or a false alarm."""

    finding: str
    """The finding's fingerprint."""
    user: str
    day: date
    root: str
    """The key of the message that told it."""
    good: bool
    at: datetime


class FindingStore:
    """The findings of the past and what was learnt from them."""

    def __init__(self, store: Store) -> None:
        self._engine = store.engine

    def list(
        self, first: date, last: date, *, shops: Sequence[str] = (), withdrawn: bool = False
    ) -> tuple[FindingRow, ...]:
        """Return the findings of some days, by day, then by money lost.

        Those that stand, or instead those that were `withdrawn` when their day was judged again.
        """
        gone = found.c.withdrawn_at.is_(None)
        query = select(found).where(found.c.day.between(first, last), ~gone if withdrawn else gone)
        if shops:
            query = query.where(found.c.shop.in_(shops))
        with reading(self._engine) as connection:
            rows = connection.execute(query.order_by(found.c.day, found.c.lost.desc(), found.c.id))
            return tuple(_finding(row) for row in rows)

    def accept(self, prescription: str, finding: str, day: date, *, by: str, at: datetime) -> bool:
        """Note that somebody takes a prescription on; False when somebody already did."""
        adding = inserting(self._engine, outcome).values(
            prescription=prescription, finding=finding, day=day, accepted_by=by, accepted_at=at
        )
        once = adding.on_conflict_do_nothing(index_elements=["prescription", "finding", "day"])
        with writing(self._engine) as connection:
            return connection.execute(once).rowcount == 1

    def judge(self, one: Outcome, *, worked: bool | None, at: datetime) -> None:
        """Write down whether a prescription worked; None when the figures cannot say."""
        mine = (
            outcome.c.prescription == one.prescription,
            outcome.c.finding == one.finding,
            outcome.c.day == one.day,
        )
        with writing(self._engine) as connection:
            connection.execute(update(outcome).where(*mine).values(judged_at=at, worked=worked))

    def waiting(self) -> tuple[Outcome, ...]:
        """Return the prescriptions that were taken on and are not judged yet, oldest first."""
        query = select(outcome).where(outcome.c.judged_at.is_(None))
        with reading(self._engine) as connection:
            rows = connection.execute(query.order_by(outcome.c.accepted_at, outcome.c.id))
            return tuple(_outcome(row) for row in rows)

    def say(self, one: Opinion) -> bool:
        """Write an opinion down in place of the same person's of that day; False if it is no news."""
        values = asdict(one)
        adding = inserting(self._engine, opinion).values(**values)
        instead = adding.on_conflict_do_update(
            index_elements=["finding", "user", "day"],
            set_=values,
            where=opinion.c.good != one.good,
        )
        with writing(self._engine) as connection:
            return connection.execute(instead).rowcount == 1

    def opinions(self, first: date, last: date) -> tuple[Opinion, ...]:
        """Return what people said of alerts on some days, oldest first."""
        query = select(opinion).where(opinion.c.day.between(first, last))
        with reading(self._engine) as connection:
            rows = connection.execute(query.order_by(opinion.c.day, opinion.c.id))
            return tuple(_opinion(row) for row in rows)

    def taken(self, since: date) -> tuple[Outcome, ...]:
        """Return the prescriptions that were taken on for findings from a day on, oldest first."""
        query = select(outcome).where(outcome.c.day >= since)
        with reading(self._engine) as connection:
            rows = connection.execute(query.order_by(outcome.c.accepted_at, outcome.c.id))
            return tuple(_outcome(row) for row in rows)

    def past(self) -> Mapping[str, tuple[int, int]]:
        """Return, by prescription key, how often it worked and how often that could be judged."""
        worked = func.sum(case((outcome.c.worked.is_(True), 1), else_=0))
        query = (
            select(outcome.c.prescription, worked, func.count())
            .where(outcome.c.worked.is_not(None))
            .group_by(outcome.c.prescription)
            .order_by(outcome.c.prescription)
        )
        with reading(self._engine) as connection:
            rows = connection.execute(query)
            return {key: (int(good), int(tried)) for key, good, tried in rows}


def put_findings(connection: Connection, findings: Iterable[FindingRow]) -> None:
    """Write findings down, in place of what an earlier reading of that day said of them."""
    for finding in findings:
        kept = {"prescriptions": list(finding.prescriptions), "withdrawn_at": None}
        values = asdict(finding) | kept
        adding = inserting(connection, found).values(**values)
        connection.execute(adding.on_conflict_do_update(index_elements=["key", "day"], set_=values))


def withdraw(connection: Connection, gone: Iterable[Gone], now: datetime) -> None:
    """Mark what was withdrawn, and forget what another finding tells now; twice is as once."""
    for one in gone:
        mine = (found.c.key == one.key, found.c.day == one.day)
        if one.merged:
            connection.execute(delete(found).where(*mine))
            continue
        query = update(found).where(*mine, found.c.withdrawn_at.is_(None))
        connection.execute(query.values(withdrawn_at=now))


def _finding(row: Row[Any]) -> FindingRow:
    """Return a row as others may see it."""
    values = {field.name: getattr(row, field.name) for field in fields(FindingRow)}
    return FindingRow(**values | {"prescriptions": tuple(row.prescriptions)})


def _outcome(row: Row[Any]) -> Outcome:
    """Return a row as others may see it."""
    return Outcome(**{field.name: getattr(row, field.name) for field in fields(Outcome)})


def _opinion(row: Row[Any]) -> Opinion:
    """Return a row as others may see it."""
    return Opinion(**{field.name: getattr(row, field.name) for field in fields(Opinion)})
