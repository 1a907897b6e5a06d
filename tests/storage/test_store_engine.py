"""The database is opened safely, and its trouble is told in a sentence with the remedy."""

from __future__ import annotations

import sqlite3
import stat
from contextlib import closing
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from diagnostics.panel import Unit
from storage.engine import StoreError, open_engine, reading, writing
from storage.facts import Wanted, query_of, text_of
from storage.ledger import Ledger, Post
from storage.sources import Batch
from storage.store import Store
from storage.units import unit_table

if TYPE_CHECKING:
    from pathlib import Path

    from tests.databases import Postgres

NOW = datetime(2026, 3, 13, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("", "cannot be read"),
        ("no address at all", "cannot be read"),
        ("sqlite://", "in memory"),
        ("sqlite:///:memory:", "in memory"),
        ("mysql://lin:geheim@host/x", '"mysql" are not supported'),
        ("postgresql://lin:geheim@127.0.0.1:1/x?connect_timeout=2", "Check that the server runs"),
    ],
)
def test_a_wrong_address_is_told_without_its_password(url: str, words: str) -> None:
    with pytest.raises(StoreError, match=words) as trouble:
        Store(url)
    assert "geheim" not in str(trouble.value)


def test_a_file_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "loudou.db"
    with closing(Store(f"sqlite:///{path}")) as store:
        store.migrate()
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        path.chmod(0o644)
    Store(f"sqlite:///{path}").close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_sqlite_is_set_to_lose_nothing(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'a.db'}")
    with reading(engine) as connection:
        names = ("journal_mode", "synchronous", "busy_timeout", "foreign_keys")
        set_to = [connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in names]
    engine.dispose()
    assert set_to == ["wal", 2, 5000, 1]


def test_a_writer_takes_the_writers_place_at_once(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    engine = open_engine(f"sqlite:///{path}")
    with closing(sqlite3.connect(path, timeout=0)) as other:
        with writing(engine), pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
        with reading(engine) as connection:
            connection.exec_driver_sql("SELECT * FROM sqlite_master")
            other.execute("BEGIN IMMEDIATE")
    engine.dispose()


def test_a_damaged_file_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "loudou.db"
    with closing(Store(f"sqlite:///{path}")) as store:
        store.migrate()
    content = bytearray(path.read_bytes())
    for start in range(8192, len(content), 4096):
        content[start : start + 64] = b"\xff" * 64
    path.write_bytes(content)
    with pytest.raises(StoreError, match=r"is damaged .* put a backup in its place"):
        Store(f"sqlite:///{path}")
    assert path.read_bytes() == content
    path.write_bytes(b"not a database at all, but long enough to look like one" * 99)
    with pytest.raises(StoreError, match="damaged"):
        Store(f"sqlite:///{path}")


def test_a_folder_in_the_place_of_the_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="choose another place"):
        Store(f"sqlite:///{tmp_path}")


def test_a_full_disk_leaves_nothing_half_written(tmp_path: Path) -> None:
    with closing(Store(f"sqlite:///{tmp_path / 'a.db'}")) as store:
        store.migrate()
        ledger = Ledger(store)
        post = Post("a", "slack", "C1", "x" * 500_000)
        with writing(store.engine) as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
            connection.exec_driver_sql(f"PRAGMA max_page_count={pages + 5}")
        small = Post("small", "slack", "C1", "{}")
        with pytest.raises(StoreError, match="Make room on the disk"):
            ledger.enqueue([small, post], NOW)
        assert ledger.posted("small") is None
        assert ledger.enqueue([small], NOW) == 1


def test_a_file_that_may_not_be_written_is_told(tmp_path: Path) -> None:
    with closing(Store(f"sqlite:///{tmp_path / 'a.db'}")) as store:
        store.migrate()
        with reading(store.engine) as connection:
            connection.exec_driver_sql("PRAGMA query_only=ON")
        with pytest.raises(StoreError, match="right to write"):
            store.put_units([Unit("a", "shop", "A")])


def test_one_unit_is_read_by_the_index(store: Store) -> None:
    dialect = store.engine.dialect.name
    numbers = unit_table.select().with_only_columns(unit_table.c.id).where(unit_table.c.key == "a")
    wanted = Wanted(date(2026, 1, 1), date(2026, 3, 12), ("gmv", "own"), None, numbers)
    units = tuple(Unit(f"u{number}", "video", "U", shop="s") for number in range(100))
    days = pd.date_range("2026-01-01", periods=50, name="day")
    keys = pd.MultiIndex.from_product([[unit.key for unit in units], days], names=["unit", "day"])
    facts = pd.DataFrame({"span": 1, "state": 2, "gmv": 1.0}, index=keys).reset_index()
    store.keep(Batch("orders", "s", units, facts), NOW)
    word = "EXPLAIN QUERY PLAN " if dialect == "sqlite" else "ANALYZE; EXPLAIN "
    with reading(store.engine) as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        with closing(driver.cursor()) as cursor:
            for part in (word + text_of(query_of(wanted, dialect), dialect)).split("; "):
                cursor.execute(part)
            plan = "\n".join(str(row) for row in cursor.fetchall())
    index = "(unit_id=? AND day>? AND day<?)" if dialect == "sqlite" else "uq_fact_revision"
    assert index in plan


def test_reading_in_bulk_disturbs_no_writer(store: Store, url: str) -> None:
    with closing(Store(url)) as other:
        for number in range(5):
            store.put_units([Unit(f"u{number}", "shop", "U")])
            assert len(store.panel(date(2026, 1, 1), date(2026, 1, 1), ["gmv"]).units) == number + 1
            assert len(other.units()) == number + 1


def test_a_server_that_went_away_is_told(postgres: Postgres) -> None:
    url = postgres.database()
    with closing(Store(url)) as store:
        with writing(store.engine) as connection:
            name = connection.exec_driver_sql("SELECT current_database()").scalar_one()
        with closing(Store(postgres.database())) as other, writing(other.engine) as connection:
            connection.exec_driver_sql(
                f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
            )
        store.migrate()
        with pytest.raises(StoreError, match="administrator command") as trouble:
            _while_killed(store, url)
    assert "postgresql" in str(trouble.value)


def _while_killed(store: Store, url: str) -> None:
    """Write in a transaction whose connection the server cuts."""
    with writing(store.engine) as connection:
        number = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
        with closing(Store(url)) as other, writing(other.engine) as killing:
            killing.exec_driver_sql(f"SELECT pg_terminate_backend({number})")
        connection.exec_driver_sql("SELECT 1")
