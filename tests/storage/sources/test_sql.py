"""A query on the seller's own database: what it yields, and what it may never do."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import date
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import create_engine, text

from storage.sources import SourceError
from storage.sources.sql import SqlSource
from tests.storage.sources.desk import ID, NOW, SHOPS, UK, facts

if TYPE_CHECKING:
    from pathlib import Path

DAY = date(2026, 3, 12)
QUERY = "select day, shop, unit, kind, gmv, orders, views, odd from sales where :day is null or day = :day"


@pytest.fixture
def address(empty_url: str) -> str:
    """Give a seller's database with two days of sales."""
    address = empty_url.replace("postgresql://", "postgresql+psycopg://")
    engine = create_engine(address)
    with engine.begin() as connection:
        connection.execute(
            text(
                "create table sales (day date, shop varchar(20), unit varchar(60), kind varchar(9), "
                "gmv numeric(12, 2), orders integer, views integer, odd integer)"
            )
        )
        connection.execute(
            text(
                "insert into sales values"
                " ('2026-03-12', 'uk-beauty', null, null, 8412.50, 391, null, 1),"
                " ('2026-03-12', 'uk-beauty', 'live-0312', null, 10.25, 1, 0, 1),"
                " ('2026-03-12', 'uk-beauty', '@Mia', 'creator', 3, 1, 0, 1),"
                " ('2026-03-12', 'id-home', '', null, 1500000, 7, 9, 1),"
                " ('2026-03-11', 'uk-beauty', null, null, 1, 1, 1, 1)"
            )
        )
    engine.dispose()
    return empty_url


def test_a_day_of_two_shops(address: str) -> None:
    uk, home = SqlSource("erp", address, QUERY, SHOPS).read(DAY, NOW)
    assert facts(uk) == {
        ("uk-beauty", DAY, 1): {"gmv": 8412.5, "orders": 391},
        ("uk-beauty/live-0312", DAY, 1): {"gmv": 10.25, "orders": 1, "views": 0},
        ("uk-beauty/creator-mia", DAY, 1): {"gmv": 3, "orders": 1, "views": 0},
    }
    assert facts(home) == {("id-home", DAY, 1): {"gmv": 1_500_000, "orders": 7, "views": 9}}
    assert "odd" in uk.notes[0].text_en


def test_everything_there_is(address: str) -> None:
    batches = list(SqlSource("erp", address, QUERY, SHOPS).read(None, NOW))
    assert sum(len(batch.facts) for batch in batches) == 5


@pytest.mark.parametrize(
    "query",
    [
        "delete from sales",
        "select 1 as day; drop table sales",
        "select 1 /* ; */ ; drop table sales --",
        "with gone as (delete from sales returning *) select * from gone",
        "copy sales to program 'sh'",
        "select pg_read_file('/etc/passwd') as day",
        "attach database '/tmp/x' as y",
        "select load_extension('x') as day",
        "select * into other from sales",
        "select * from read_csv('/etc/passwd')",
        "explain select 1",
        "",
    ],
)
def test_only_one_reading_statement_is_taken(query: str) -> None:
    with pytest.raises(SourceError, match="erp"):
        SqlSource("erp", "sqlite:///none.db", query, SHOPS)


def test_words_in_texts_and_comments_do_not_matter(address: str) -> None:
    query = "select day, gmv -- delete; drop\nfrom sales where day = :day and shop = 'id-home' and 'a;drop' <> 'set'"
    (batch,) = SqlSource("erp", address, query, (ID,)).read(DAY, NOW)
    assert facts(batch) == {("id-home", DAY, 1): {"gmv": 1_500_000}}


def test_the_database_itself_refuses_to_write(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from storage.sources import sql

    with monkeypatch.context() as without_the_parser:
        without_the_parser.setattr(sql, "_problem", lambda _query: None)
        source = SqlSource("erp", address, "delete from sales returning day", (UK,))
        with pytest.raises(SourceError):
            list(source.read(DAY, NOW))
    batches = list(SqlSource("erp", address, QUERY, SHOPS).read(None, NOW))
    assert sum(len(batch.facts) for batch in batches) == 5


def test_the_address_keeps_its_secrets(tmp_path: Path) -> None:
    address = "postgresql://reader:s3cret@127.0.0.1:1/shop?connect_timeout=1"
    source = SqlSource("erp", address, "select 1 as day", (UK,))
    with pytest.raises(SourceError) as caught:
        list(source.read(DAY, NOW))
    assert "s3cret" not in str(caught.value) + repr(source)
    with pytest.raises(SourceError):
        list(
            SqlSource("erp", f"sqlite:///{tmp_path}/no.db", "select 1 as day", (UK,)).read(DAY, NOW)
        )
    assert not (tmp_path / "no.db").exists()


def test_too_many_rows_and_too_long(tmp_path: Path) -> None:
    path = tmp_path / "erp.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("create table t (day text)")
        connection.executemany("insert into t values (?)", [("2026-03-12",)] * 12)
        connection.commit()
    address = f"sqlite:///{path}"
    with pytest.raises(SourceError, match="more than 10 rows"):
        list(SqlSource("erp", address, "select day from t", (UK,), rows=10).read(DAY, NOW))
    endless = "with recursive n(x) as (select 1 union all select x + 1 from n) select max(x) as day from n"
    with pytest.raises(SourceError, match="did not answer"):
        list(SqlSource("erp", address, endless, (UK,), seconds=0).read(DAY, NOW))


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ("select 1 as gmv", "day"),
        ("select 'soon' as day", "soon"),
        ("select '2026-03-12' as day, 'many' as gmv", "many"),
        ("select '2026-03-12' as day, 'Mars' as shop", "Mars"),
        ("select '2026-03-12' as day, 'the red one' as unit", "kind"),
    ],
)
def test_what_the_query_should_yield_instead(tmp_path: Path, query: str, word: str) -> None:
    with closing(sqlite3.connect(tmp_path / "erp.db")):
        (tmp_path / "erp.db").touch()
    with pytest.raises(SourceError, match=word) as caught:
        list(SqlSource("erp", f"sqlite:///{tmp_path}/erp.db", query, (UK,)).read(DAY, NOW))
    assert "erp" in caught.value.notes[0].text_zh
