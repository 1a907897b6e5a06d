"""Lays many rows beside the tables at once, so that one statement can merge them."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlalchemy import Connection, Table

    Columns = Mapping[str, Any]

CHUNK = 50_000
"""Rows laid beside the tables at a time: bounds the memory of an import."""


@contextmanager
def staged(connection: Connection, table: Table) -> Iterator[None]:
    """Make a temporary table, empty, that is gone afterwards."""
    if connection.dialect.name == "postgresql":
        # Compiling wide merges takes longer than they do; a table that was empty when the merge was
        # planned would be read from end to end for every row while it grows.
        connection.exec_driver_sql("SET LOCAL jit = off")
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
    table.create(connection, checkfirst=False)
    yield
    table.drop(connection, checkfirst=False)


def lay(connection: Connection, table: Table, columns: Columns) -> None:
    """Replace the rows of a temporary table by columns in its order; NaN is NULL."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"TRUNCATE {table.name}")
        _copy(connection, table, columns)
        connection.exec_driver_sql(f"ANALYZE {table.name}")
        return
    connection.exec_driver_sql(f"DELETE FROM {table.name}")  # noqa: S608  our own table's name
    places = ", ".join("?" * len(columns))
    rows = list(zip(*(_listed(values) for values in columns.values()), strict=True))
    statement = f"INSERT INTO {table.name} VALUES ({places})"  # noqa: S608
    connection.exec_driver_sql(statement, rows)


def _listed(values: Any) -> Any:
    return values if isinstance(values, list) else values.tolist()


def _copy(connection: Connection, table: Table, columns: Columns) -> None:
    """Copy the rows into PostgreSQL as one CSV stream."""
    import pyarrow as pa  # noqa: PLC0415  a second of start-up that SQLite can do without
    import pyarrow.csv  # noqa: PLC0415

    arrays = {key: pa.array(values, from_pandas=True) for key, values in columns.items()}
    text = pa.BufferOutputStream()
    bare = pa.csv.WriteOptions(include_header=False)
    pa.csv.write_csv(pa.table(arrays), text, bare)
    driver = connection.connection.driver_connection
    assert driver is not None
    with (
        driver.cursor() as cursor,
        cursor.copy(f"COPY {table.name} FROM STDIN (FORMAT csv)") as copy,
    ):
        copy.write(memoryview(text.getvalue()))
