"""The slice that was planted into real noise is found, and more often than by peers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.bench.locate import METHODS, QUICK, cases, named, result, table

if TYPE_CHECKING:
    from tests.bench.locate import Case


@pytest.fixture(scope="module")
def planted() -> list[Case]:
    return cases(2 * QUICK)


def test_the_planted_slice_is_found(planted: list[Case]) -> None:
    found = result(planted, METHODS["locate"])
    assert found.f1 >= 0.55
    assert found.top >= 0.70


def test_no_peer_finds_it_as_often(planted: list[Case]) -> None:
    ours = result(planted, METHODS["locate"])
    for name, method in METHODS.items():
        if name != "locate":
            assert result(planted, method).f1 < ours.f1 - 0.05, name


def test_where_everything_moved_no_slice_is_named(planted: list[Case]) -> None:
    told = named(planted)
    assert told["all"] >= 0.6
    assert told["one"] >= 0.5


def test_the_table_is_the_same_every_time() -> None:
    assert table(quick=True) == table(quick=True)
