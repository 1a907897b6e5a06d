"""A query on the seller's own database: what it yields, and what it may never do."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from sqlalchemy import create_engine, text

from diagnostics.panel import State
from storage.sources import SourceError
from storage.sources.sql import SqlSource
from tests.storage.sources.desk import ID, NOW, SHOPS, UK, facts

if TYPE_CHECKING:
    from pathlib import Path

    from storage.sources import Batch, Shop

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


def asked(tmp_path: Path, query: str, now: datetime = NOW, shop: Shop = UK) -> Batch:
    with closing(sqlite3.connect(tmp_path / "erp.db")):
        (tmp_path / "erp.db").touch()
    source = SqlSource("erp", f"sqlite:///{tmp_path}/erp.db", query, (shop,))
    (batch,) = source.read(None, now)
    return batch


def states(batch: Batch) -> list[State]:
    return [State(one) for one in batch.facts["state"]]


def test_a_day_that_is_not_over_in_the_shops_zone_is_provisional(tmp_path: Path) -> None:
    query = "select '2026-03-12' as day, 4100 as gmv"
    evening = datetime(2026, 3, 12, 16, 59, tzinfo=UTC)
    assert states(asked(tmp_path, query, evening, ID)) == [State.PROVISIONAL]
    assert states(asked(tmp_path, query, evening + timedelta(minutes=1), ID)) == [State.FINAL]


@pytest.mark.parametrize(
    ("told", "state"),
    [
        ("'2026-03-12 14:00:00' as as_of", State.PROVISIONAL),
        ("'2026-03-12T23:59:59' as as_of", State.PROVISIONAL),
        ("'2026-03-13 00:00:00' as as_of", State.FINAL),
        ("'2026-03-12 17:00:00+00:00' as as_of", State.FINAL),
        ("'2026-03-12 16:59:00Z' as \"截至\"", State.PROVISIONAL),
        ("0 as complete", State.PROVISIONAL),
        ("'false' as complete", State.PROVISIONAL),
        ("1 as complete", State.FINAL),
        ("null as complete", State.FINAL),
        ("null as complete, '2026-03-12 14:00' as as_of", State.PROVISIONAL),
        ("1 as complete, '2026-03-12 14:00' as as_of", State.FINAL),
        ("null as as_of", State.FINAL),
    ],
)
def test_a_row_says_how_far_its_day_goes(tmp_path: Path, told: str, state: State) -> None:
    query = f"select '2026-03-12' as day, 4100 as gmv, {told}"
    batch = asked(tmp_path, query, shop=ID)
    assert states(batch) == [state]
    assert facts(batch) == {("id-home", DAY, 1): {"gmv": 4100}}
    assert [(one.kind, one.day, one.blocks) for one in batch.doubts] == (
        [("partial", DAY, True)] if state == State.PROVISIONAL else []
    )


def test_until_when_a_half_day_goes_is_told(tmp_path: Path) -> None:
    query = "select '2026-03-12' as day, 41 as gmv, '2026-03-12 14:35' as as_of"
    (doubt,) = asked(tmp_path, query).doubts
    assert (doubt.value, doubt.other, doubt.file, doubt.feed) == (14.0, 24.0, "erp", "sql")
    (again,) = asked(tmp_path, "select '2026-03-12' as day, 41 as gmv, 'no' as complete").doubts
    assert again.value is None


def test_a_product_that_is_half_loaded_leaves_its_shop_alone(tmp_path: Path) -> None:
    batch = asked(
        tmp_path,
        "select '2026-03-12' as day, null as unit, 41 as gmv, 1 as complete"
        " union all select '2026-03-12', 'product-77', 3, 0",
    )
    assert dict(zip(batch.facts["unit"], states(batch), strict=True)) == {
        "uk-beauty": State.FINAL,
        "uk-beauty/product-77": State.PROVISIONAL,
    }
    assert batch.doubts == ()


def test_a_day_that_had_not_begun_when_it_was_loaded_has_no_figures(tmp_path: Path) -> None:
    batch = asked(
        tmp_path,
        "select '2026-03-11' as day, 41 as gmv, '2026-03-12 00:00' as as_of"
        " union all select '2026-03-12', 0, '2026-03-12 00:00'",
    )
    assert facts(batch) == {("uk-beauty", date(2026, 3, 11), 1): {"gmv": 41}}
    assert any("2026-03-12" in note.text_en for note in batch.notes)


@pytest.mark.parametrize(
    "told", ["'2026-03-12' as as_of", "'soon' as as_of", "'maybe' as complete"]
)
def test_what_does_not_say_how_far_a_day_goes_is_refused(tmp_path: Path, told: str) -> None:
    with pytest.raises(SourceError, match=r"as_of|complete") as caught:
        asked(tmp_path, f"select '2026-03-12' as day, 41 as gmv, {told}")
    assert "列" in caught.value.notes[0].text_zh


def test_amounts_in_another_currency_are_refused(tmp_path: Path) -> None:
    for query in (
        "select '2026-03-12' as day, 41 as gmv, 'USD' as currency",
        "select '2026-03-12' as day, 41 as gmv, '$' as \"币种\"",
        "select '2026-03-12' as day, 41 as \"GMV ($)\"",
        "select '2026-03-12' as day, '$41' as gmv",
    ):
        with pytest.raises(SourceError, match="GBP"):
            asked(tmp_path, query)
    for query in (
        "select '2026-03-12' as day, 41 as gmv, 'gbp' as currency",
        "select '2026-03-12' as day, 41 as gmv, null as currency",
        "select '2026-03-12' as day, '£41' as \"GMV (£)\"",
    ):
        assert facts(asked(tmp_path, query)) == {("uk-beauty", DAY, 1): {"gmv": 41}}


def test_a_warehouse_that_writes_zeros_for_days_to_come_in_says_nothing_of_them(
    tmp_path: Path,
) -> None:
    rows = [f"select '2026-11-{day}' as day, {41 * (day < 21)} as gmv" for day in range(15, 22)]
    batch = asked(tmp_path, " union all ".join(rows))
    assert batch.facts["day"].max() == pd.Timestamp(2026, 11, 20)
    sure = [f"{row}, 1 as complete" for row in rows]
    assert asked(tmp_path, " union all ".join(sure)).facts["gmv"].iloc[-1] == 0.0
