"""What a seller's own database says of a day: one read-only query, as facts."""

from __future__ import annotations

import re
import sqlite3
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

import pandas as pd
from sqlalchemy import Date, bindparam, text
from sqlalchemy.exc import SQLAlchemyError

from storage.sources import notes, until, zeros
from storage.sources.batches import batch, nothing
from storage.sources.cells import CurrencyError, UnreadableError, missing, number, seconds
from storage.sources.connecting import engine_at, reading, without_secrets
from storage.sources.dates import Stamps
from storage.sources.rows import exports, measures, normal, plain, sign_of, words
from storage.sources.shops import shop_called
from storage.sources.units import KINDS, by_name, part

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sqlalchemy import Engine, TextClause

    from diagnostics.panel import Unit
    from storage.sources import Batch, Note, Shop, SourceError
    from storage.sources.until import Until

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
Columns = dict[str, str]


@dataclass(frozen=True)
class SqlSource:
    """One SELECT with a bound `:day` on any database that SQLAlchemy reaches.

    Columns: `day` and measures (by key or name), where wanted `shop`, `unit`, `kind`, `currency`
    (another one than the shop's is refused). Whoever reads without a day binds NULL: a query that
    allows it says `where :day is null or day = :day`.

    A row is provisional, and its day not judged, while the day is not over in the shop's zone;
    while its `complete` is false; or, where `complete` says nothing, while its `as_of` (up to when
    the warehouse is loaded; without an offset in the shop's zone) lies before the day's end. A row
    whose day had not begun `as_of` says nothing. `complete` stands before `as_of`.
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
        self._check_currency(frame, columns, shop)
        for key, heading in columns.items():
            if key in measures():
                rows[key] = [self._number(cell, key, heading, shop) for cell in frame[heading]]
        ends = [
            self._until(*pair, shop)
            for pair in zip(
                _column(frame, columns.get("complete")),
                _column(frame, columns.get("as_of")),
                strict=True,
            )
        ]
        return self._whole(shop, rows, ends, units, now, told)

    def _whole(
        self,
        shop: Shop,
        rows: pd.DataFrame,
        ends: Sequence[Until],
        units: dict[str, Unit],
        now: datetime,
        told: Sequence[Note],
    ) -> Batch:
        """Return the batch of rows that go so far: half days are provisional, days ahead nothing."""
        days = list(rows["day"])
        pairs = list(zip(ends, days, strict=True))
        rows["partial"] = [until.partial(end, day, shop) for end, day in pairs]
        there = [until.begun(end, day, shop) for end, day in pairs]
        ahead = [day for day, some in zip(days, there, strict=True) if not some]
        told = [*told, until.not_begun(self.name, ahead)] if ahead else told
        kept = rows[there].reset_index(drop=True)
        ends = [end for end, some in zip(ends, there, strict=True) if some]
        today = now.astimezone(ZoneInfo(shop.zone)).date()
        found = batch("sql", shop, self.name, today, kept, units, told)
        half = tuple(until.doubts(found, kept, ends, shop))
        sure = {day for end, day in pairs if end.complete}
        return zeros.told(replace(found, doubts=(*found.doubts, *half)), today, sure)

    def _until(self, complete: object, as_of: object, shop: Shop) -> Until:
        try:
            return until.said(complete, as_of, shop)
        except ValueError as error:
            column = str(error)
            cell = complete if column == "complete" else as_of
            raise self._refusal(
                f"“{cell}” does not say how far the day goes. Yield `complete` as true or false, or "
                "`as_of` as a time: 2026-03-13 02:00.",
                f"「{cell}」没有说明这一天导到几点。complete 请给 true/false，as_of 请给时间：2026-03-13 02:00。",
                column=column,
            ) from None

    def _check_currency(self, frame: pd.DataFrame, columns: Columns, shop: Shop) -> None:
        """Refuse amounts that name another currency than the shop's, by row or by heading."""
        money = words().currencies.get(shop.currency)
        signs = money.signs if money else frozenset({plain(shop.currency)})
        said = [
            (columns["currency"], str(cell))
            for cell in frame[columns["currency"]].unique()
            if not missing(cell)
        ] if "currency" in columns else []  # fmt: skip
        said += [(name, sign_of(name)) for key, name in columns.items() if key in measures()]
        for heading, sign in said:
            if sign and plain(sign) not in signs:
                raise self._other_currency(heading, sign, shop)

    def _other_currency(self, heading: str, sign: str, shop: Shop) -> SourceError:
        return self._refusal(
            f"it is in {sign}, but the shop {shop.key} sells in {shop.currency}. Nothing was taken: "
            "yield amounts in the shop's own currency.",
            f"币种是 {sign}，而店铺 {shop.key} 是 {shop.currency}。未导入：请按店铺币种给出金额。",
            column=heading,
        )

    def _ask(self, day: date | None) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
        try:
            engine = engine_at(self.url)
            with reading(engine, self.seconds) as connection:
                answer = connection.execute(self._statement(engine, day))
                names = tuple(answer.keys())
                rows = [tuple(row) for row in answer.fetchmany(self.rows + 1)]
        except (SQLAlchemyError, sqlite3.Error, ImportError) as error:
            said = without_secrets(getattr(error, "orig", None) or error, self.url)
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

    def _number(self, cell: object, key: str, heading: str, shop: Shop) -> float:
        money = words().currencies.get(shop.currency)
        unit = measures()[key]["unit"]
        amount = partial(number, money=money if unit == "money" else None)
        read: Callable[[Any], float] = seconds if unit == "seconds" else amount
        try:
            return float(cell) if isinstance(cell, bool | Decimal) else read(cell)
        except CurrencyError as error:
            raise self._other_currency(heading, str(error), shop) from None
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
    known = {**exports()["template"].known, "kind": "kind", **until.NAMES}
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
