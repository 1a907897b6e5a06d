"""Remembers the units of the business and finds them by what people call them."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import datetime
from difflib import SequenceMatcher
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import ARRAY, String, any_, bindparam, func, select

from diagnostics.panel import Unit
from storage.engine import inserting
from storage.tables import UnitRow, table_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import ColumnElement, Connection, Row

    from diagnostics.book.rows import Kind

unit_table = table_of(UnitRow)
FIELDS = tuple(field.name for field in fields(Unit))
_ALL = select(unit_table.c.id, *(unit_table.c[key] for key in FIELDS))
_BY_ARRAY = _ALL.where(unit_table.c.key == any_(bindparam("keys", type_=ARRAY(String))))
_BY_JSON = _ALL.where(
    unit_table.c.key.in_(select(func.json_each(bindparam("keys")).table_valued("value").c.value))
)
NEAREST = 3


def put_units(connection: Connection, units: Iterable[Unit]) -> dict[str, int]:
    """Add units or renew them, and return their numbers; an empty field erases no known one."""
    offered = {unit.key: _texts(unit) for unit in units}
    known = _known(connection, offered)
    news = [texts for key, texts in offered.items() if key not in known or _adds(texts, known[key])]
    if news:
        connection.execute(_renewal(connection.dialect.name), news)
        known |= _known(connection, offered.keys() - known.keys())
    return {key: row.id for key, row in known.items()}


def numbers_of(connection: Connection, keys: Iterable[str]) -> dict[str, int]:
    """Return the numbers of the units that are known by these keys."""
    return {key: row.id for key, row in _known(connection, keys).items()}


def _known(connection: Connection, keys: Iterable[str]) -> dict[str, Row[Any]]:
    """Return the rows of units by key; the keys travel as one value, however many they are."""
    wanted = list(keys)
    if not wanted:
        return {}
    if connection.dialect.name == "postgresql":
        found = connection.execute(_BY_ARRAY, {"keys": wanted})
    else:
        found = connection.execute(_BY_JSON, {"keys": json.dumps(wanted)})
    return {row.key: row for row in found}


def _adds(texts: Mapping[str, str], known: Row[Any]) -> bool:
    """Say whether a unit's fields say something that is not known yet."""
    return any(text and text != getattr(known, key) for key, text in texts.items())


@cache
def _renewal(dialect: str) -> Any:
    """Return the statement that adds a unit, or overwrites what is known better."""
    adding = inserting(dialect, unit_table)
    renewed = {
        key: func.coalesce(func.nullif(adding.excluded[key], ""), unit_table.c[key])
        for key in FIELDS
        if key != "key"
    }
    return adding.on_conflict_do_update(index_elements=["key"], set_=renewed)


def _texts(unit: Unit) -> dict[str, str]:
    """Return a unit's fields as they are kept."""
    values = {key: getattr(unit, key) for key in FIELDS}
    for key in ("started", "ended"):
        values[key] = "" if values[key] is None else values[key].isoformat()
    return values


def unit_of(row: Row[Any]) -> Unit:
    """Return the unit of a row that holds all its fields."""
    return Unit(
        key=row.key,
        kind=cast("Kind", row.kind),
        name=row.name,
        shop=row.shop,
        parent=row.parent,
        country=row.country,
        category=row.category,
        stage=row.stage,
        level=row.level,
        currency=row.currency,
        person=row.person,
        started=datetime.fromisoformat(row.started) if row.started else None,
        ended=datetime.fromisoformat(row.ended) if row.ended else None,
    )


def chosen(
    shops: Sequence[str], kinds: Sequence[str], keys: Sequence[str]
) -> list[ColumnElement[bool]]:
    """Return the conditions for units of some shops, kinds and keys; an empty list means any."""
    wanted = (("shop", shops), ("kind", kinds), ("key", keys))
    return [unit_table.c[name].in_(values) for name, values in wanted if values]


def read_units(
    connection: Connection, shops: Sequence[str], kinds: Sequence[str], keys: Sequence[str]
) -> tuple[Unit, ...]:
    """Return units in the order of their keys."""
    return tuple(numbered_units(connection, chosen(shops, kinds, keys)).values())


def numbered_units(
    connection: Connection, conditions: Sequence[ColumnElement[bool]]
) -> dict[int, Unit]:
    """Return units by their number in the database, in the order of their keys."""
    query = select(unit_table).where(*conditions).order_by(unit_table.c.key)
    return {row.id: unit_of(row) for row in connection.execute(query)}


def find_unit(connection: Connection, word: str, shops: Sequence[str]) -> tuple[Unit, ...]:
    """Return the units of exactly that key, slug or name; else the one prefix; else the nearest."""
    wanted = word.strip().casefold()
    if not wanted:
        return ()
    query = select(unit_table.c.key, unit_table.c.name).where(*chosen(shops, (), ()))
    names = {row.key: _names(row.key, row.name) for row in connection.execute(query)}
    found = [key for key, words in names.items() if wanted in words]
    if not found:
        starting = [k for k, words in names.items() if any(w.startswith(wanted) for w in words)]
        found = starting if len(starting) == 1 else _nearest(wanted, names, starting)
    units = {unit.key: unit for unit in read_units(connection, (), (), found)} if found else {}
    return tuple(units[key] for key in found)


def _names(key: str, name: str) -> tuple[str, ...]:
    """Return what a unit is called: its key, its slug, its name."""
    folded = key.casefold()
    return tuple(dict.fromkeys((folded, folded.rpartition("/")[2], name.casefold())))


def _nearest(wanted: str, names: dict[str, tuple[str, ...]], starting: list[str]) -> list[str]:
    """Return the keys nearest to a word, those that begin with it before all others."""
    matcher = SequenceMatcher(b=wanted)
    begins = set(starting)

    def likeness(key: str) -> tuple[bool, float, str]:
        best = 0.0
        for word in names[key]:
            matcher.set_seq1(word)
            if matcher.real_quick_ratio() > best and matcher.quick_ratio() > best:
                best = max(best, matcher.ratio())
        return (key not in begins, -best, key)

    return sorted(starting or names, key=likeness)[:NEAREST]
