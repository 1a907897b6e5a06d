"""Lays many rows beside the tables at once, so that one statement can merge them."""

from __future__ import annotations

import io
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.csv as pa_csv
from sqlalchemy import Column, MetaData, Table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pandas as pd
    from sqlalchemy import Connection
    from sqlalchemy.sql.type_api import TypeEngine

CHUNK = 50_000
"""Rows laid beside the tables at a time: bounds the memory of an import."""


@contextmanager
def staged(
    connection: Connection, name: str, columns: Mapping[str, TypeEngine[Any]]
) -> Iterator[Table]:
    """Give a temporary table, empty, that is gone afterwards."""
    table = Table(
        name,
        MetaData(),
        *(Column(key, kind) for key, kind in columns.items()),
        prefixes=["TEMPORARY"],
        postgresql_on_commit="DROP",
    )
    if connection.dialect.name == "postgresql":  # compiling wide merges takes longer than they do
        connection.exec_driver_sql("SET LOCAL jit = off")
    table.create(connection)
    yield table
    table.drop(connection)


def lay(connection: Connection, table: Table, frame: pd.DataFrame) -> None:
    """Replace the rows of a temporary table; the frame's columns are the table's, NaN is NULL."""
    connection.execute(table.delete())
    if connection.dialect.name == "postgresql":
        _copy(connection, table, frame)
        connection.exec_driver_sql(f"ANALYZE {table.name}")
        return
    places = ", ".join("?" * len(frame.columns))
    rows = list(zip(*(frame[key].tolist() for key in frame.columns), strict=True))
    statement = f"INSERT INTO {table.name} VALUES ({places})"  # noqa: S608  our own table's name
    connection.exec_driver_sql(statement, rows)


def _copy(connection: Connection, table: Table, frame: pd.DataFrame) -> None:
    """Copy the rows into PostgreSQL as one CSV stream."""
    text = io.BytesIO()
    arrow = pa.Table.from_pandas(frame, preserve_index=False)
    pa_csv.write_csv(arrow, text, pa_csv.WriteOptions(include_header=False))
    driver = connection.connection.driver_connection
    assert driver is not None
    with (
        driver.cursor() as cursor,
        cursor.copy(f"COPY {table.name} FROM STDIN (FORMAT csv)") as copy,
    ):
        copy.write(text.getbuffer())
