"""What a seller's own database says of a day: one read-only query, as facts."""

from __future__ import annotations

import re
import sqlite3
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from time import monotonic
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote
from zoneinfo import ZoneInfo

import pandas as pd
from sqlalchemy import Date, bindparam, create_engine, make_url, text
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from storage.sources import notes
from storage.sources.batches import batch, nothing
from storage.sources.cells import UnreadableError, number, seconds
from storage.sources.dates import Stamps
from storage.sources.rows import exports, measures, normal, plain
from storage.sources.shops import shop_called
from storage.sources.units import KINDS, by_name, part

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sqlalchemy import Connection, Engine, TextClause

    from diagnostics.panel import Unit
    from storage.sources import Batch, Note, Shop, SourceError

ROWS: Final = 200_000
SECONDS: Final = 30
_QUOTED: Final = re.compile(
    r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*|/\*.*?\*/|\$(\w*)\$.*?\$\1\$", re.DOTALL
)
_FORBIDDEN: Final = re.compile(
    r"\b(insert|update|delete|merge|replace\s+into|drop|create|alter|truncate|grant|revoke|copy|call"
    r"|do|attach|detach|pragma|vacuum|install|load|set|reset|execute|prepare|lock|into|pg_read_\w+"
    r"|pg_ls_\w+|lo_\w+|dblink\w*|load_extension|load_file|read_\w+|pg_sleep\w*|query_to_xml\w*)\b",
    re.IGNORECASE,
)
_ALLOWED: Final = {
    sqlite3.SQLITE_SELECT,
    sqlite3.SQLITE_READ,
    sqlite3.SQLITE_FUNCTION,
    sqlite3.SQLITE_RECURSIVE,
    sqlite3.SQLITE_TRANSACTION,
}
Columns = dict[str, str]


@dataclass(frozen=True)
class SqlSource:
    """One SELECT with a bound `:day` on any database that SQLAlchemy reaches.

    Columns: `day` and measures (by key or name), where wanted `shop`, `unit`, `kind`. Whoever
    reads without a day binds NULL: a query that allows it says `where :day is null or day = :day`.
    """

    name: str
    url: str = field(repr=False)
    query: str
    shops: tuple[Shop, ...]
    shop: Shop | None = None
    rows: int = ROWS
    seconds: int = SECONDS

    def __post_init__(self) -> None:
        """Refuse a query that is more than one SELECT."""
        problem = _problem(self.query)
        if problem:
            raise self._refusal(*problem)

    def read(self, day: date | None, now: datetime) -> Iterator[Batch]:
        """Yield a batch per shop; raises SourceError without the address's secrets."""
        names, rows = self._ask(day)
        columns, unknown = _columns(names)
        if "day" not in columns:
            raise self._refusal(
                "the query yields no column “day”. Name one “day”.",
                "查询结果没有 day 列，请给出 day 列。",
            )
        told = [_unknown(self.name, unknown)] if unknown else []
        frame = pd.DataFrame(rows, columns=list(names), dtype=object)
        groups: dict[Shop, list[int]] = {}
        for index, word in enumerate(_column(frame, columns.get("shop"))):
            groups.setdefault(self._shop(word), []).append(index)
        if not groups:
            yield nothing(self.shop or self.shops[0], self.name, "sql", told)
        for shop, indexes in groups.items():
            yield self._batch(shop, frame.iloc[indexes], columns, now, told)

    def _batch(
        self, shop: Shop, frame: pd.DataFrame, columns: Columns, now: datetime, told: Sequence[Note]
    ) -> Batch:
        units: dict[str, Unit] = {}
        keys = [
            self._unit(shop, unit, kind, units)
            for unit, kind in zip(
                _column(frame, columns.get("unit")),
                _column(frame, columns.get("kind")),
                strict=True,
            )
        ]
        days = [self._day(cell, shop) for cell in frame[columns["day"]]]
        rows = pd.DataFrame({"unit": keys, "day": days, "span": 1})
        for key, heading in columns.items():
            if key in measures():
                rows[key] = [self._number(cell, key, heading) for cell in frame[heading]]
        today = now.astimezone(ZoneInfo(shop.zone)).date()
        return batch("sql", shop, self.name, today, rows, units, told)

    def _ask(self, day: date | None) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
        try:
            engine = _engine(self.url)
            with _reading(engine, self.seconds) as connection:
                answer = connection.execute(self._statement(engine, day))
                names = tuple(answer.keys())
                rows = [tuple(row) for row in answer.fetchmany(self.rows + 1)]
        except (SQLAlchemyError, sqlite3.Error, ImportError) as error:
            said = _without_secrets(getattr(error, "orig", None) or error, self.url)
            raise self._refusal(
                f"the database did not answer: {said}", f"数据库没有给出结果：{said}"
            ) from None
        if len(rows) > self.rows:
            raise self._refusal(
                f"the query yields more than {self.rows:,} rows. Sum them per unit and day.",
                f"查询结果超过 {self.rows:,} 行，请先按单元和日期汇总。",
            )
        return names, rows

    def _statement(self, engine: Engine, day: date | None) -> TextClause:
        """Return the query with its day; PostgreSQL sends all rows at once, so it gets a limit."""
        query = self.query.strip().rstrip(";")
        if engine.dialect.name == "postgresql":
            query = f"select * from (\n{query}\n) as asked limit {self.rows + 1:d}"  # noqa: S608  the query is the team's own, checked, and runs read-only
        statement = text(query)
        if ":day" in _bare(self.query):
            statement = statement.bindparams(bindparam("day", day, type_=Date()))
        return statement

    def _shop(self, word: object) -> Shop:
        if word is None and (self.shop or len(self.shops) == 1):
            return self.shop or self.shops[0]
        shop = shop_called(str(word), self.shops) if word is not None else None
        if shop is None:
            keys = ", ".join(shop.key for shop in self.shops)
            raise self._refusal(
                f"the shop {word or ''!r} is not set up. Yield a column “shop” with one of: {keys}.",
                f"店铺 {word or ''!r} 尚未设置。请在 shop 列给出其中之一：{keys}。",
                column="shop",
            )
        return shop

    def _unit(self, shop: Shop, word: object, kind: object, units: dict[str, Unit]) -> str:
        said, of_kind = plain(str(word or "")), plain(str(kind or ""))
        if said and of_kind in KINDS and not said.removeprefix(f"{shop.key}/").startswith(of_kind):
            unit: Unit | None = part(shop, of_kind, said, called=str(word))
        else:
            unit = by_name(shop, said)
        if unit is None:
            raise self._refusal(
                f"“{word}” is no unit. Yield a column “kind” with one of: {', '.join(KINDS)}.",
                f"「{word}」不是单元。请在 kind 列给出其中之一：{'、'.join(KINDS)}。",
                column="unit",
            )
        return units.setdefault(unit.key, unit).key

    def _day(self, cell: object, shop: Shop) -> date:
        if isinstance(cell, datetime):
            return (cell.astimezone(ZoneInfo(shop.zone)) if cell.tzinfo else cell).date()
        if isinstance(cell, date):
            return cell
        stamps = Stamps()
        try:
            code, _ = stamps.code(str(cell))
        except UnreadableError:
            code = -1
        found = stamps.days(shop.country, date.max)[code] if code >= 0 else None
        if found is None:
            raise self._refusal(
                f"“{cell}” is no day. Yield days as 2026-03-12.",
                f"「{cell}」不是日期，请写成 2026-03-12。",
                column="day",
            )
        return found

    def _number(self, cell: object, key: str, heading: str) -> float:
        try:
            if isinstance(cell, Decimal):
                return float(cell)
            read: Callable[[Any], float] = (
                seconds if measures()[key]["unit"] == "seconds" else number
            )
            return float(cell) if isinstance(cell, bool) else read(cell)
        except UnreadableError:
            raise self._refusal(
                f"“{cell}” is no number.", f"「{cell}」不是数字。", column=heading
            ) from None

    def _refusal(self, en: str, zh: str, column: str = "") -> SourceError:
        at = f", column “{column}”" if column else ""
        return notes.refusal(
            self.name,
            f"Source {self.name}{at}: {en}",
            f"数据源 {self.name}{f'「{column}」列' if column else ''}：{zh}",
            column=column,
        )


def _bare(query: str) -> str:
    """Return a query without its quoted texts and comments."""
    return _QUOTED.sub(" ", query)


def _problem(query: str) -> tuple[str, str] | None:
    """Return what is wrong with a query that may only read, None if nothing is."""
    bare = _bare(query).strip().rstrip(";").strip()
    if not re.match(r"(select|with)\b", bare, re.IGNORECASE):
        return (
            "only one SELECT (or WITH … SELECT) is allowed.",
            "只允许一条 SELECT（或 WITH … SELECT）。",
        )
    if ";" in bare:
        return (
            "more than one statement; only one SELECT is allowed.",
            "不止一条语句；只允许一条 SELECT。",
        )
    found = _FORBIDDEN.search(bare)
    if found:
        word = found[0]
        return (
            f"“{word}” is not allowed; the query may only read.",
            f"不允许 {word}，查询只能读取。",
        )
    return None


def _columns(names: Sequence[str]) -> tuple[Columns, list[str]]:
    """Return column -> its name in the answer, and the names that are not known."""
    known = {**exports()["template"].known, "kind": "kind"}
    columns: Columns = {}
    unknown = []
    for name in names:
        key = {"date": "day"}.get(known.get(normal(name), ""), known.get(normal(name), ""))
        if key and key not in columns:
            columns[key] = name
        else:
            unknown.append(name)
    return columns, unknown


def _column(frame: pd.DataFrame, name: str | None) -> list[object]:
    return [None] * len(frame) if name is None else list(frame[name])


def _unknown(source: str, names: Sequence[str]) -> Note:
    listed = ", ".join(names)
    return notes.info(
        source,
        f"Source {source}: columns that are not known and were left out: {listed}.",
        f"数据源 {source}：不认识、未导入的列：{listed}。",
    )


def _engine(address: str) -> Engine:
    """Return an engine without a pool; SQLite opens for reading only."""
    url = make_url(address)
    if url.get_backend_name() == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
        return create_engine(url, poolclass=NullPool, connect_args={"connect_timeout": 10})
    if url.get_backend_name() != "sqlite":
        return create_engine(url, poolclass=NullPool)
    if not url.database or url.database == ":memory:":
        raise ArgumentError("the address names no SQLite file")
    path = f"file:{quote(url.database)}?mode=ro"
    return create_engine(
        "sqlite://",
        creator=lambda: sqlite3.connect(path, uri=True, check_same_thread=False),
        poolclass=NullPool,
    )


def _guard(connection: sqlite3.Connection, seconds_allowed: int) -> None:
    """Let SQLite itself refuse all but reading, and stop after the time allowed."""

    def allowed(action: int, _first: str | None, second: str | None, *_: str | None) -> int:
        fine = action in _ALLOWED and second != "load_extension"
        return sqlite3.SQLITE_OK if fine else sqlite3.SQLITE_DENY

    end = monotonic() + seconds_allowed
    connection.set_authorizer(allowed)
    connection.set_progress_handler(lambda: monotonic() > end, 10_000)


@contextmanager
def _reading(engine: Engine, seconds_allowed: int) -> Iterator[Connection]:
    """Yield a connection whose transaction can only read, and is rolled back."""
    try:
        with engine.connect() as connection:
            if engine.dialect.name == "postgresql":
                connection.exec_driver_sql("SET TRANSACTION READ ONLY")
                connection.exec_driver_sql(
                    f"SET LOCAL statement_timeout = {seconds_allowed * 1000:d}"
                )
            if engine.dialect.name == "sqlite":
                raw = connection.connection.driver_connection
                assert isinstance(raw, sqlite3.Connection)
                _guard(raw, seconds_allowed)
            yield connection
            connection.rollback()
    finally:
        engine.dispose()


def _without_secrets(error: BaseException, address: str) -> str:
    """Return the first line of an error without the address and its password."""
    said = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    try:
        password = make_url(address).password
    except ArgumentError:
        return "the address cannot be read"
    said = said.replace(address, "…")
    return said.replace(str(password), "…") if password else said
