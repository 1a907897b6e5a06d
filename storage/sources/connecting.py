"""Opens a seller's database so that it can only be read, for so long and no longer."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from sqlalchemy import create_engine, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import NullPool

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine

_ALLOWED: Final = {
    sqlite3.SQLITE_SELECT,
    sqlite3.SQLITE_READ,
    sqlite3.SQLITE_FUNCTION,
    sqlite3.SQLITE_RECURSIVE,
    sqlite3.SQLITE_TRANSACTION,
}


def engine_at(address: str) -> Engine:
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
def reading(engine: Engine, seconds_allowed: int) -> Iterator[Connection]:
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


def without_secrets(error: BaseException, address: str) -> str:
    """Return the first line of an error without the address and its password."""
    said = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    try:
        password = make_url(address).password
    except ArgumentError:
        return "the address cannot be read"
    said = said.replace(address, "…")
    return said.replace(str(password), "…") if password else said
