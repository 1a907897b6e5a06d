"""The memory of delivery: which run was done by whom, what is to be posted, what arrived."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, select, update

from storage.engine import inserting, reading, writing
from storage.findings import FindingRow, Gone, put_findings, withdraw
from storage.inbox import Arrived, Inbox
from storage.outbox import Outbox, Parcel, Post, Posted, add_posts
from storage.tables import RunRow, table_of
from storage.told import Memory, Told, remember

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Row

    from storage.store import Store

__all__ = [
    "Arrived", "FindingRow", "Gone", "Ledger", "Parcel", "Post", "Posted", "Run", "Told",
]  # fmt: skip
table = table_of(RunRow)


@dataclass(frozen=True, slots=True)
class Run:
    """One occurrence of a job; its `epoch` fences off a process whose claim ran out."""

    id: int
    job: str
    occurrence: str
    epoch: int
    claimed_at: datetime
    lease_until: datetime
    finished_at: datetime | None = None
    outcome: str = ""
    snapshot: str = ""


class Ledger(Outbox, Inbox, Memory):
    """Runs, outbox, inbox and the alerts' memory of one store; every step is one transaction."""

    def __init__(self, store: Store) -> None:
        super().__init__(store.engine)

    def claim(self, job: str, occurrence: str, now: datetime, lease: float = 60) -> Run | None:
        """Take an occurrence of a job for `lease` seconds; None when it is done or another's.

        A claim that ran out unfinished is taken over under the next epoch.
        """
        until = now + timedelta(seconds=lease)
        adding = inserting(self._engine, table).values(
            job=job,
            occurrence=occurrence,
            epoch=1,
            claimed_at=now,
            lease_until=until,
            outcome="",
            snapshot="",
        )
        first = adding.on_conflict_do_nothing(index_elements=["job", "occurrence"])
        over = update(table).where(
            table.c.job == job,
            table.c.occurrence == occurrence,
            table.c.finished_at.is_(None),
            table.c.lease_until <= now,
        )
        taking = over.values(epoch=table.c.epoch + 1, claimed_at=now, lease_until=until)
        with writing(self._engine) as connection:
            row = connection.execute(first.returning(*table.c)).one_or_none()
            row = row or connection.execute(taking.returning(*table.c)).one_or_none()
            return _run(row) if row else None

    def renew(self, run: Run, now: datetime, lease: float = 60) -> bool:
        """Prolong a claim; False when another process has taken it over."""
        prolonged = update(table).where(_mine(run))
        with writing(self._engine) as connection:
            until = now + timedelta(seconds=lease)
            return connection.execute(prolonged.values(lease_until=until)).rowcount == 1

    def finish(
        self,
        run: Run,
        now: datetime,
        *,
        snapshot: str = "",
        posts: Sequence[Post] = (),
        outcome: str = "done",
        told: Sequence[Told] = (),
        findings: Sequence[FindingRow] = (),
        gone: Sequence[Gone] = (),
    ) -> bool:
        """Write a run's result, posts, memory and findings together, or nothing of it.

        `gone`: findings of earlier runs that their day, judged again, has no more.

        False, and nothing is written, when another process has taken the claim over.
        """
        closing = update(table).where(_mine(run))
        with writing(self._engine) as connection:
            values = {"finished_at": now, "outcome": outcome, "snapshot": snapshot}
            if connection.execute(closing.values(**values)).rowcount != 1:
                return False
            add_posts(connection, posts, now)
            remember(connection, told)
            withdraw(connection, gone, now)
            put_findings(connection, findings)
            return True

    def run(self, job: str, occurrence: str) -> Run | None:
        """Return what is known of one occurrence of a job."""
        query = select(table).where(table.c.job == job, table.c.occurrence == occurrence)
        with reading(self._engine) as connection:
            row = connection.execute(query).one_or_none()
            return _run(row) if row else None

    def began(self, job: str, prefix: str) -> datetime | None:
        """Return when the first run of a job was claimed whose occurrence begins with a prefix."""
        first = (
            select(table.c.claimed_at)
            .where(table.c.job == job, table.c.occurrence.startswith(prefix, autoescape=True))
            .order_by(table.c.claimed_at)
            .limit(1)
        )
        with reading(self._engine) as connection:
            return connection.scalar(first)

    def runs(self, job: str = "", since: datetime | None = None) -> tuple[Run, ...]:
        """Return runs in the order of their claims, of one job or all, since a moment."""
        query = select(table).order_by(table.c.claimed_at, table.c.id)
        if job:
            query = query.where(table.c.job == job)
        if since is not None:
            query = query.where(table.c.claimed_at >= since)
        with reading(self._engine) as connection:
            return tuple(_run(row) for row in connection.execute(query))


def _mine(run: Run) -> Any:
    """Return the condition that a run is still this process's."""
    return and_(table.c.id == run.id, table.c.epoch == run.epoch, table.c.finished_at.is_(None))


def _run(row: Row[Any]) -> Run:
    """Return a row as others may see it."""
    return Run(
        row.id,
        row.job,
        row.occurrence,
        row.epoch,
        row.claimed_at,
        row.lease_until,
        row.finished_at,
        row.outcome,
        row.snapshot,
    )
