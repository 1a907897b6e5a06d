"""What every source keeps to: the same morning told by files and by a query is the same facts."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Protocol

import numpy as np
import pandas as pd
import pytest

from diagnostics.panel import State
from storage.sources import Shop, SourceError
from storage.sources.rows import measures, toml
from storage.sources.sheet import SheetSource
from storage.sources.sql import SqlSource

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from storage.sources import Source

UK = Shop("uk-beauty", "UK Beauty", "GB", "Europe/London", "GBP", "beauty", "mature")
ID = Shop("id-home", "Rumah", "ID", "Asia/Jakarta", "IDR")
NOW = datetime(2026, 3, 12, 17, 30, tzinfo=UTC)
HEAD = ("date", "shop", "unit", "gmv", "orders", "views")
ROWS: list[tuple[str | None, ...]] = [
    ("2026-03-11", "uk-beauty", None, "100.50", "10", None),
    ("2026-03-12", "uk-beauty", None, "80", "8", "0"),
    ("2026-03-12", "uk-beauty", "live-0312", "20", "2", "300"),
    ("2026-03-12", "id-home", None, "1500000", "7", None),
    ("2026-03-13", "id-home", None, "200", "1", None),
]


class Make(Protocol):
    """Makes a source that holds these rows."""

    def __call__(self, folder: Path, rows: Sequence[tuple[str | None, ...]]) -> Source: ...


def sheet(folder: Path, rows: Sequence[tuple[str | None, ...]]) -> Source:
    lines = [",".join(cell or "-" for cell in row) for row in (HEAD, *rows)]
    (folder / "sheet.csv").write_text("\n".join(lines), encoding="utf-8")
    return SheetSource("kept", (folder,), (UK, ID))


def sql(folder: Path, rows: Sequence[tuple[str | None, ...]]) -> Source:
    with closing(sqlite3.connect(folder / "erp.db")) as connection:
        connection.execute(f"create table kept ({', '.join(HEAD)})")
        connection.executemany("insert into kept values (?, ?, ?, ?, ?, ?)", rows)
        connection.commit()
    query = "select * from kept where :day is null or date = :day"
    return SqlSource("kept", f"sqlite:///{folder / 'erp.db'}", query, (UK, ID))


@pytest.fixture(params=[sheet, sql], ids=["sheet", "sql"])
def make(request: pytest.FixtureRequest) -> Make:
    chosen: Make = request.param
    return chosen


def test_all_days(tmp_path: Path, make: Make) -> None:
    batches = {batch.shop: batch for batch in make(tmp_path, ROWS).read(None, NOW)}
    uk = batches["uk-beauty"].facts
    assert uk["unit"].tolist() == ["uk-beauty", "uk-beauty", "uk-beauty/live-0312"]
    assert uk["gmv"].tolist() == [100.5, 80, 20]
    assert batches["id-home"].facts["orders"].tolist() == [7, 1]


def test_one_day(tmp_path: Path, make: Make) -> None:
    batches = list(make(tmp_path, ROWS).read(date(2026, 3, 11), NOW))
    facts = pd.concat([batch.facts for batch in batches if len(batch.facts)])
    assert facts["day"].tolist() == [pd.Timestamp(2026, 3, 11)]
    assert {batch.shop for batch in batches if len(batch.facts)} == {"uk-beauty"}


def test_the_shape_of_a_batch(tmp_path: Path, make: Make) -> None:
    source = make(tmp_path, ROWS)
    assert source.name == "kept"
    for batch in source.read(None, NOW):
        facts = batch.facts
        assert list(facts.columns[:4]) == ["unit", "day", "span", "state"]
        assert [str(kind) for kind in facts.dtypes.iloc[1:4]] == ["datetime64[ns]", "int64", "int8"]
        assert set(facts.columns[4:]) <= set(measures())
        assert {str(kind) for kind in facts.dtypes.iloc[4:]} == {"float64"}
        assert (facts["span"] == 1).all()
        assert not facts.duplicated(["unit", "day", "span"]).any()
        assert batch.feed in toml("feeds.toml")
        keys = [unit.key for unit in batch.units]
        assert len(set(keys)) == len(keys)
        assert set(facts["unit"]) <= set(keys)
        assert all(unit.shop == batch.shop for unit in batch.units)
        assert all(unit.currency in {"GBP", "IDR"} for unit in batch.units)


def test_missing_is_not_zero(tmp_path: Path, make: Make) -> None:
    (uk, *_) = make(tmp_path, ROWS).read(None, NOW)
    views = uk.facts["views"].to_numpy()
    assert np.isnan(views[0])
    assert views[1] == 0


def test_the_running_day_is_provisional_where_it_still_runs(tmp_path: Path, make: Make) -> None:
    batches = {batch.shop: batch for batch in make(tmp_path, ROWS).read(None, NOW)}
    assert batches["uk-beauty"].facts["state"].tolist() == [
        State.FINAL, State.PROVISIONAL, State.PROVISIONAL,
    ]  # fmt: skip
    assert batches["id-home"].facts["state"].tolist() == [State.FINAL, State.PROVISIONAL]


def test_reading_twice_says_the_same(tmp_path: Path, make: Make) -> None:
    source = make(tmp_path, ROWS)
    first, second = (list(source.read(None, NOW)) for _ in range(2))
    for one, other in zip(first, second, strict=True):
        pd.testing.assert_frame_equal(one.facts, other.facts)
        assert one.units == other.units


def test_nothing_there_is_no_error_and_no_zero(tmp_path: Path, make: Make) -> None:
    batches = list(make(tmp_path, ()).read(None, NOW))
    assert len(batches) == 1
    assert all(batch.facts.empty for batch in batches)


def test_a_shop_that_is_not_set_up_is_refused_with_the_names_of_those_that_are(
    tmp_path: Path, make: Make
) -> None:
    with pytest.raises(SourceError, match="uk-beauty, id-home") as caught:
        list(make(tmp_path, [("2026-03-12", "mars", None, "1", "1", "1")]).read(None, NOW))
    assert "mars" in caught.value.notes[0].text_zh
