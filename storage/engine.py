"""Opens the database, SQLite or PostgreSQL, so that nothing acknowledged is ever lost."""

from __future__ import annotations

import os
import sqlite3
import stat
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import create_engine, event, make_url
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from numpy.typing import NDArray
    from sqlalchemy import URL, Connection, Engine, Table

    Columns = Mapping[str, NDArray[Any]]

BUSY_MS = 5000
"""How long a SQLite writer waits for another one."""
BATCH_ROWS = 2_048
"""Rows that a bulk read of SQLite hands over at a time: few enough to stay in the cache."""


class StoreError(Exception):
    """The database cannot do what was asked; the text says what to do and holds no secret."""


def open_engine(address: str) -> Engine:
    """Return an engine for "sqlite:///file" or "postgresql://user@host/name"; raises StoreError.

    A SQLite file and its folder are made when they are not there (readable by the owner alone) and
    checked for damage; a PostgreSQL server is asked once, so that a wrong address shows at once.
    """
    url = _url(address)
    if url.get_backend_name() == "sqlite":
        _prepare_file(Path(url.database or ""))
    engine = create_engine(
        url,
        pool_pre_ping=url.get_backend_name() != "sqlite",
        execution_options={"preserve_rowcount": True},
    )
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _settle)
        event.listen(engine, "begin", _begin)
    try:
        with reading(engine) as connection:
            connection.exec_driver_sql("SELECT 1")
    except StoreError:
        engine.dispose()
        raise
    return engine


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Give a connection that only looks, and blocks nobody."""
    with _told(engine), engine.connect().execution_options(reading=True) as connection:
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Give a connection in one transaction: kept as a whole, or not at all on an exception.

    On SQLite it takes the writer's place at its start (BEGIN IMMEDIATE), so that what it reads is
    still true when it writes.
    """
    with _told(engine), engine.begin() as connection:
        yield connection


def inserting(place: Engine | Connection | str, table: Table) -> Any:
    """Return an INSERT (for a database or a dialect) that can say what becomes of a known row."""
    dialect = place if isinstance(place, str) else place.dialect.name
    return (postgresql if dialect == "postgresql" else sqlite).insert(table)


def alone(connection: Connection, place: int) -> None:
    """Wait until no other transaction holds this place (SQLite has one writer anyway)."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({place:d})")


def columns(engine: Engine, query: str) -> Iterator[Columns]:
    """Yield the rows of a query in bulk, as arrays by column, past the row-by-row road.

    No value may be NULL. Text comes as objects, a day as datetime64 or as text of ten signs.
    PostgreSQL is read by its Arrow driver. SQLite is read by Python's own library: the Arrow driver
    brings a second copy of SQLite, and two copies in one process drop each other's locks, which
    showed as stale reads.
    """
    if engine.dialect.name == "sqlite":
        yield from _sqlite_columns(engine, query)
        return
    from adbc_driver_postgresql import dbapi  # noqa: PLC0415  brings pandas, for PostgreSQL only

    address = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with (
        _told(engine, dbapi.Error),
        closing(dbapi.connect(address)) as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute("SET jit = off")  # compiling such wide statements takes longer than they do
        cursor.execute(query)
        with closing(cursor.fetch_record_batch()) as reader:
            for batch in reader:
                if batch.num_rows:
                    yield {
                        name: batch[name].to_numpy(zero_copy_only=False)
                        for name in batch.schema.names
                    }


def _sqlite_columns(engine: Engine, query: str) -> Iterator[Columns]:
    """Yield the rows of a SQLite query."""
    with reading(engine) as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        with closing(driver.execute(query)) as cursor:
            names = [column[0] for column in cursor.description]
            while rows := cursor.fetchmany(BATCH_ROWS):
                yield dict(zip(names, map(_array, zip(*rows, strict=True)), strict=True))


def _array(values: tuple[Any, ...]) -> NDArray[Any]:
    """Return a column as an array; text stays as it is."""
    return np.array(values, object if isinstance(values[0], str) else None)


def joined(parts: Iterable[Columns]) -> Columns:
    """Return the columns of several parts as one; {} for none."""
    some = list(parts)
    return {name: np.concatenate([part[name] for part in some]) for name in (some or [{}])[0]}


def _url(address: str) -> URL:
    """Return the address with the driver that is used for it."""
    example = 'write "sqlite:///loudou.db" or "postgresql://user:password@host/name"'
    try:
        url = make_url(address)
        backend = url.get_backend_name()
    except (ArgumentError, NoSuchModuleError, ValueError):
        raise StoreError(f"LOUDOU_DATABASE_URL cannot be read: {example}") from None
    match backend:
        case "sqlite" if url.database and url.database != ":memory:":
            return url.set(drivername="sqlite")
        case "sqlite":
            raise StoreError(f"a database in memory forgets everything: {example}")
        case "postgresql" | "postgres":
            return url.set(drivername="postgresql+psycopg")
        case _:
            raise StoreError(f'databases of the kind "{backend}" are not supported: {example}')


def _prepare_file(path: Path) -> None:
    """Make the folder and the file (0600) when missing; refuse a damaged file."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        if stat.S_IMODE(path.stat().st_mode) != 0o600:
            path.chmod(0o600)
    except OSError as error:
        raise StoreError(
            f"the database file {path} cannot be opened ({error.strerror}): "
            "choose another place by LOUDOU_DATABASE_URL or give this user the right to write there"
        ) from None
    try:
        with closing(sqlite3.connect(path, timeout=BUSY_MS / 1000)) as connection:
            found = [row[0] for row in connection.execute("PRAGMA quick_check(3)")]
    except sqlite3.DatabaseError as error:
        found = [str(error)]
    if found != ["ok"]:
        raise StoreError(
            f"the database file {path} is damaged ({found[0]}): put a backup in its place; "
            "the damaged file was left as it is"
        )


def _settle(connection: Any, _record: object) -> None:
    """Set what SQLite forgets between connections; transactions are begun by `_begin` alone."""
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        f"busy_timeout={BUSY_MS}",
        "foreign_keys=ON",
    ):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin(connection: Connection) -> None:
    """Begin a transaction: a reader's plainly, a writer's with the writer's place."""
    read = connection.get_execution_options().get("reading", False)
    connection.exec_driver_sql("BEGIN" if read else "BEGIN IMMEDIATE")


@contextmanager
def _told(engine: Engine, *others: type[Exception]) -> Iterator[None]:
    """Turn a database's trouble into a sentence with the remedy."""
    troubles: tuple[type[Exception], ...] = (DBAPIError, *others)
    try:
        yield
    except troubles as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        text = _scrubbed(engine.url, str(cause).strip().splitlines()[:1])
        if isinstance(error, DBAPIError) and not _operational(error):
            raise
        place = engine.url.render_as_string(hide_password=True)
        raise StoreError(f"the database {place} says: {text}. {_remedy(text)}") from None


def _operational(error: DBAPIError) -> bool:
    """Say whether the trouble is the database's, not the statement's."""
    return (
        type(error).__name__ in {"OperationalError", "InterfaceError"}
        or type(error.orig) is sqlite3.DatabaseError
        or type(error.orig).__name__ == "UndefinedTable"
    )


def _scrubbed(url: URL, lines: list[str]) -> str:
    """Return a driver's text without the password."""
    text = "".join(lines)
    return text.replace(str(url.password), "***") if url.password else text


REMEDIES = (
    (("full",), "Make room on the disk; nothing was half written."),
    (("readonly", "read-only"), "Give this user the right to write the file and its folder."),
    (("locked", "busy"), "Another program holds the database; close it or wait, then try again."),
    (("malformed", "not a database"), "The file is damaged: put a backup in its place."),
    (("no such table", "does not exist"), 'Run "loudou doctor" to bring the tables up to date.'),
    (("password", "authentication"), "Check user and password in LOUDOU_DATABASE_URL."),
)


def _remedy(text: str) -> str:
    """Return what to do about a driver's text."""
    lowered = text.casefold()
    for words, remedy in REMEDIES:
        if any(word in lowered for word in words):
            return remedy
    return "Check that the server runs and that LOUDOU_DATABASE_URL names it."
