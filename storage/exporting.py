"""Hands out the facts as they are, chunk by chunk, for whoever wants to reckon elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import String, select
from sqlalchemy import cast as sql_cast

from storage.engine import columns, reading
from storage.facts import dates, floats, text_of, valid, value_of
from storage.keeping import batch_table
from storage.tables import FREQUENT, fact
from storage.units import chosen, unit_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    import pandas as pd
    from sqlalchemy import Connection, Engine

    from storage.engine import Columns

ABOUT = ("shop", "unit", "kind", "name", "currency", "day", "span", "feed", "state", "known_at")


def read_facts(
    engine: Engine, first: date, last: date, shops: Sequence[str], measures: Sequence[str]
) -> Iterator[pd.DataFrame]:
    """Yield the current facts in chunks; see Store.facts."""
    if not measures:
        with reading(engine) as connection:
            measures = known_measures(connection)
    unit = unit_table.c
    query = (
        select(
            unit.shop,
            unit.key.label("unit"),
            unit.kind,
            unit.name,
            unit.currency,
            fact.c.day,
            fact.c.span,
            fact.c.feed,
            fact.c.state,
            sql_cast(fact.c.known_at, String).label("known_at"),
            *(value_of(measure, engine.dialect.name) for measure in measures),
        )
        .join(unit_table, unit.id == fact.c.unit_id)
        .where(fact.c.day.between(first, last), valid(None), *chosen(shops, (), ()))
        .order_by(fact.c.day, unit.key, fact.c.span, fact.c.feed)
    )
    for rows in columns(engine, text_of(query, engine.dialect.name)):
        yield _frame(rows, measures)


def known_measures(connection: Connection) -> tuple[str, ...]:
    """Return every measure that ever came in, the frequent ones first."""
    rows = connection.scalars(select(batch_table.c.measures).distinct())
    seen = {measure for row in rows for measure in cast("list[str]", row)}
    return (*(key for key in FREQUENT if key in seen), *sorted(seen - set(FREQUENT)))


def _frame(rows: Columns, measures: Sequence[str]) -> pd.DataFrame:
    """Return a chunk of rows as a frame."""
    import pandas as pd  # noqa: PLC0415  a second of start-up, for exports only

    about: dict[str, Any] = {name: pd.Series(rows[name]) for name in ABOUT}
    about["day"] = dates(rows["day"]).astype("datetime64[D]").astype("datetime64[ns]")
    about["known_at"] = pd.to_datetime(about["known_at"], utc=True, format="ISO8601")
    return pd.DataFrame(about | {measure: floats(rows[measure]) for measure in measures})
