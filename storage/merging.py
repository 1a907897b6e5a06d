"""Tells the database how staged facts become revisions: built once for each set of measures."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    Column,
    Date,
    Double,
    Integer,
    MetaData,
    SmallInteger,
    Table,
    and_,
    bindparam,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    true,
    update,
)

from storage.tables import FREQUENT, Json, Number, fact

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement, FromClause, Insert, Update
    from sqlalchemy.sql.type_api import TypeEngine

FEED: ColumnElement[str] = bindparam("of_feed", type_=fact.c.feed.type)
BATCH: ColumnElement[int] = bindparam("of_batch", type_=Integer())
NOW: ColumnElement[Any] = bindparam("now", type_=fact.c.known_at.type)
EMPTY = literal({}, Json)


@dataclass(frozen=True, eq=False)
class Merge:
    """A staged table for some measures, and what is done with its rows.

    Both statements take `of_feed`, `of_batch` and `now`. They look each row up by the key of the
    facts, and PostgreSQL is left no choice in it: a plan made while it knows nothing yet of a
    growing table can take a thousand times longer.
    """

    table: Table
    adding: Insert
    """Adds a revision for each row that says something new."""
    superseding: Update
    """Marks what was known before as superseded."""


@lru_cache(128)
def merge_of(dialect: str, offered: tuple[str, ...]) -> Merge:
    """Return the merge of facts that offer some columns of `fact` (frequent measures, `more`)."""
    table = _staged(offered)
    return Merge(table, _adding(dialect, table, offered), _superseding(table))


def _staged(offered: Sequence[str]) -> Table:
    columns: dict[str, TypeEngine[Any]] = {
        "unit_id": Number,
        "day": Date(),
        "span": SmallInteger(),
        "state": SmallInteger(),
        **{key: Json if key == "more" else Double() for key in offered},
    }
    return Table(
        "staged_fact",
        MetaData(),
        *(Column(key, kind) for key, kind in columns.items()),
        prefixes=["TEMPORARY"],
        postgresql_on_commit="DROP",
    )


def _same(table: FromClause, known: FromClause) -> ColumnElement[bool]:
    """Say that a staged row and a fact speak of the same unit, day, span and feed."""
    keys = (known.c[key] == table.c[key] for key in ("unit_id", "day", "span"))
    return and_(*keys, known.c.feed == FEED)


def _current(table: FromClause, known: FromClause) -> ColumnElement[bool]:
    return and_(_same(table, known), known.c.superseded_at.is_(None))


def _adding(dialect: str, table: Table, offered: Sequence[str]) -> Insert:
    known, pairs = _beside(dialect, table)
    merged: dict[str, ColumnElement[Any]] = {
        key: table.c[key] if key in table.c else known.c[key] for key in (*FREQUENT, "more")
    }
    if "more" in offered:
        merged["more"] = _more(dialect, table, known)
    values: dict[str, ColumnElement[Any]] = {
        "unit_id": table.c.unit_id,
        "day": table.c.day,
        "span": table.c.span,
        "feed": FEED,
        "revision": func.coalesce(known.c.revision + 1, 0),
        "batch_id": BATCH,
        "known_at": NOW,
        "state": table.c.state,
        **merged,
    }
    other = (merged[key].is_distinct_from(known.c[key]) for key in offered)
    changed = (
        select(*values.values())
        .select_from(pairs)
        .where(or_(known.c.id.is_(None), known.c.state != table.c.state, *other))
    )
    return insert(fact).from_select(list(values), changed)


def _beside(dialect: str, table: Table) -> tuple[FromClause, FromClause]:
    """Return what is known, and every staged row beside what is known of it."""
    known: FromClause = fact.alias("known")
    if dialect != "postgresql":
        return known, table.outerjoin(known, _current(table, known))
    newest = select(fact).where(_current(table, fact)).order_by(fact.c.revision.desc()).limit(1)
    one = newest.correlate(table).lateral("known")
    return one, table.outerjoin(one, true())


def _more(dialect: str, table: Table, known: FromClause) -> ColumnElement[Any]:
    """Return the other measures: the known ones, with what the batch says of its own columns."""
    old = func.coalesce(known.c.more, EMPTY, type_=Json)
    if dialect == "postgresql":
        joined = func.jsonb_strip_nulls(old.op("||")(table.c.more), type_=Json)
    else:
        joined = func.json_patch(old, table.c.more, type_=Json)
    return func.nullif(joined, EMPTY, type_=Json)


def _superseding(table: Table) -> Update:
    old, new = fact.alias("old"), fact.alias("newer")
    next_one = new.c.revision == old.c.revision + 1
    followed = exists().where(_same(old, new), next_one).correlate(old)
    newest = old.c.revision.desc()  # the order of the key that is to be used for the look-up
    number = select(old.c.id).where(_current(table, old), followed).order_by(newest).limit(1)
    numbers = select(number.correlate(table).scalar_subquery()).select_from(table)
    return update(fact).where(fact.c.id.in_(numbers)).values(superseded_at=NOW)
