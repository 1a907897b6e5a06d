"""Keeps what a large panel taught, so that the next morning reads one day and not ninety."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, insert, select

from diagnostics.memory import Memory, Stale
from storage.engine import StoreError, reading, writing
from storage.tables import BatchRow, MemoryRow, fact, table_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy import Connection

    from storage.store import Store

memory = table_of(MemoryRow)
batch = table_of(BatchRow)
PART = 8 * 2**20
"""Bytes per row: what a driver copies at a time."""
MOST = 2**30
"""No memory may be larger; the panel is then judged shop by shop."""


class MemoryStore:
    """The memories of large panels, each under a name ("uk-beauty gmv")."""

    def __init__(self, store: Store) -> None:
        self._engine = store.engine

    def mark(self) -> int:
        """Return the number of the newest batch: to be asked before the panel is read."""
        with reading(self._engine) as connection:
            return int(connection.scalar(select(func.max(batch.c.id))) or 0)

    def keep(self, name: str, learnt: Memory, mark: int, shops: Sequence[str] = ()) -> None:
        """Put a memory in place of the one of that name, wholly or not at all.

        `mark` is the newest batch that it was learnt from, `shops` those whose facts it was learnt
        from (any by default). Raises StoreError for a memory above 1 GiB.
        """
        if learnt.state.nbytes > MOST:
            raise StoreError(
                f"the memory of {name} would take {learnt.state.nbytes / 2**20:.0f} MB: "
                "keep one for each shop instead"
            )
        content = memoryview(learnt.to_bytes())
        parts = range(0, len(content), PART)
        common = {"name": name, "mark": mark, "shops": sorted(shops)}
        common |= {"first_day": learnt.first, "last_day": learnt.last}
        with writing(self._engine) as connection:
            connection.execute(delete(memory).where(memory.c.name == name))
            for part, start in enumerate(parts):
                piece = bytes(content[start : start + PART])
                connection.execute(insert(memory).values(part=part, content=piece, **common))

    def load(self, name: str) -> Memory | None:
        """Return the memory of that name, None where it must be learnt anew.

        That is so when there is none, when it was learnt by other rules, and when a figure of the
        days it was learnt from came or was corrected since.
        """
        with reading(self._engine) as connection:
            wanted = (memory.c.mark, memory.c.shops, memory.c.first_day, memory.c.last_day)
            of_name = select(*wanted).where(memory.c.name == name, memory.c.part == 0)
            head = connection.execute(of_name).one_or_none()
            if head is None or _corrected(connection, *head):
                return None
            found = select(memory.c.content).where(memory.c.name == name).order_by(memory.c.part)
            content = bytearray().join(connection.scalars(found.execution_options(yield_per=1)))
        try:
            return Memory.from_bytes(content)
        except Stale:
            return None

    def forget(self, name: str) -> None:
        """Drop a memory; nothing happens where there is none."""
        with writing(self._engine) as connection:
            connection.execute(delete(memory).where(memory.c.name == name))


def _corrected(
    connection: Connection, mark: int, shops: list[str], first: date, last: date
) -> bool:
    """Say whether a batch after the mark told of a day that was learnt from.

    Every such day is asked for by itself, so that the index of day and batch answers: it knows
    at once, where a search through all facts of ninety days would take longer than learning.
    """
    span = range((last - first).days + 1)
    days = [first + timedelta(step) for step in span]
    query = select(fact.c.id).where(fact.c.day.in_(days), fact.c.batch_id > mark)
    if shops:
        query = query.join(batch, batch.c.id == fact.c.batch_id).where(batch.c.shop.in_(shops))
    return connection.execute(query.limit(1)).one_or_none() is not None
