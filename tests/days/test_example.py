"""The example goes the whole road: files, importer, store, panel, diagnosis; and is found out."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from diagnostics.book import load
from diagnostics.diagnose import diagnose
from storage.example import LAST_DAY, SHOPS, incidents, units, write
from storage.example.days import FIRST
from storage.sources import Upload
from storage.sources.sheet import read_file
from storage.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from diagnostics.book.rows import Book
    from diagnostics.panel import Panel
    from diagnostics.reading import Diagnosis
    from storage.sources import Note

NOW = datetime(2026, 3, 13, 9, tzinfo=UTC)
TABLE = Path(__file__).with_name("example.md")
THIRD = 3
"""Every third morning of nine weeks is looked at: each weekday has its turn."""


@dataclass(frozen=True)
class World:
    """The example imported: its files, its store, the panel of all its days."""

    paths: tuple[Path, ...]
    store: Store
    book: Book
    panel: Panel
    notes: tuple[Note, ...]


@dataclass(frozen=True)
class Row:
    """One row of the table."""

    day: date
    shop: str
    what: str
    scene: str
    unit: str


def table() -> list[Row]:
    lines = [line for line in TABLE.read_text(encoding="utf-8").splitlines() if line[:3] == "| 2"]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [Row(date.fromisoformat(day), *rest) for day, *rest in cells]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("example")
    paths = write(folder)
    store = Store(f"sqlite:///{folder / 'facts.db'}")
    store.migrate()
    store.put_units(units())
    notes: list[Note] = []
    for path in paths:
        for batch in read_file(Upload(path), SHOPS, NOW):
            store.keep(batch, NOW)
            notes += batch.notes
    book = load()
    yield World(paths, store, book, panel_of(store, book), tuple(notes))
    store.close()


def panel_of(store: Store, book: Book) -> Panel:
    measures = [measure for metric in book.metrics.values() for measure in metric.measures]
    measures += [measure for funnel in book.funnels.values() for measure in funnel.chain]
    roll_up = {key: row.from_kinds for key, row in book.measures.items() if row.from_kinds}
    return store.panel(FIRST, LAST_DAY, tuple(dict.fromkeys(measures)), roll_up=roll_up)


@pytest.fixture(scope="module")
def judged(world: World) -> Callable[[str, date], Diagnosis]:
    @cache
    def one(shop: str, day: date) -> Diagnosis:
        mine = world.panel.only(unit.key for unit in world.panel.units if unit.shop == shop)
        return diagnose(mine.until(day), world.book, day)

    return one


def lines(world: World, shop: str, stem: str) -> list[dict[str, str]]:
    path = next(one for one in world.paths if one.parent.name == shop and stem in one.name)
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("shop", [shop.key for shop in SHOPS])
def test_what_comes_in_is_what_was_planned(world: World, shop: str) -> None:
    paid = [row for row in lines(world, shop, "orders_") if row["Paid Time"].strip()]
    row = world.panel.index(shop)
    totals = {name: np.nansum(world.panel.measure(name)[row]) for name in ("gmv", "orders")}
    money = sum(float(line["SKU Subtotal After Discount"]) for line in paid)
    assert totals["gmv"] == pytest.approx(money, rel=1e-9)
    assert totals["orders"] == len({line["Order ID"] for line in paid})
    asked = world.panel.measure("refund_requests")[row]
    assert np.nansum(asked) == len(lines(world, shop, "returns_"))


@pytest.mark.parametrize("shop", [shop.key for shop in SHOPS])
def test_the_shop_s_funnel_is_whole_on_every_day(world: World, shop: str) -> None:
    row, chain = world.panel.index(shop), world.book.funnels["shop"].chain
    counts = np.stack([world.panel.measure(name)[row] for name in chain])
    assert np.isfinite(counts).all()
    assert (np.diff(counts[:-1], axis=0) <= 0).all()


def test_products_add_up_to_their_shop(world: World) -> None:
    at = world.panel.at(LAST_DAY)
    for shop in SHOPS:
        mine = [
            row
            for row, unit in enumerate(world.panel.units)
            if unit.shop == shop.key and unit.kind == "product"
        ]
        for name in ("gmv", "orders"):
            whole = world.panel.measure(name)[world.panel.index(shop.key), at]
            assert world.panel.measure(name)[mine, at].sum() == pytest.approx(whole, rel=1e-6)


def test_importing_it_again_changes_nothing(world: World) -> None:
    for path in world.paths:
        if path.parent.name == "id-home" and path.suffix == ".csv":
            for batch in read_file(Upload(path), SHOPS, NOW):
                kept = world.store.keep(batch, NOW)
                assert (kept.new, kept.revised) == (0, 0), path.name


def test_nothing_of_the_files_is_refused_or_unreadable(world: World) -> None:
    assert [note for note in world.notes if note.level != "info"] == []


def test_the_last_session_is_found_by_its_slug(world: World) -> None:
    (found,) = world.store.find_unit("live-0312")
    assert found.key == "uk-beauty/live-0312"
    assert found.started is not None
    assert f"{found.started:%H:%M}" == "20:00"


@pytest.mark.parametrize(
    "row",
    [row for row in table() if row.scene != "quiet"],
    ids=lambda row: f"{row.scene} {row.shop} {row.day}",
)
def test_what_is_planted_is_found_on_its_day(
    row: Row, judged: Callable[[str, date], Diagnosis]
) -> None:
    diagnosis = judged(row.shop, row.day)
    assert (row.scene, row.unit) in {(one.scene, one.unit) for one in diagnosis.findings}


@pytest.mark.parametrize(
    "row",
    [row for row in table() if row.scene == "quiet"],
    ids=lambda row: f"{row.shop} {row.day}",
)
def test_an_ordinary_day_stays_quiet(row: Row, judged: Callable[[str, date], Diagnosis]) -> None:
    diagnosis = judged(row.shop, row.day)
    assert [one.key for one in diagnosis.findings] == []


def test_of_all_other_mornings_hardly_any_tells_of_anything(
    judged: Callable[[str, date], Diagnosis],
) -> None:
    planted = {
        (row.shop, row.first + timedelta(ago))
        for row in incidents()
        if row.kind == "incident"
        for ago in range((row.last - row.first).days + 1)
    }
    mornings = [
        (shop.key, LAST_DAY - timedelta(ago)) for shop in SHOPS for ago in range(0, 63, THIRD)
    ]
    told = [
        one.key
        for shop, day in mornings
        if (shop, day) not in planted
        for one in judged(shop, day).findings
    ]
    assert len(told) <= 1, told


def test_the_table_tells_of_every_planted_scene() -> None:
    planted = {(row.scene, row.shop, row.unit) for row in incidents() if row.kind == "incident"}
    assert planted == {(row.scene, row.shop, row.unit) for row in table() if row.scene != "quiet"}
