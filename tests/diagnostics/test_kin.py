"""A parent explains its children: along the funnel, along the tree, and over a gap."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from diagnostics.book.rows import Condition
from diagnostics.diagnose import diagnose
from diagnostics.kin import ancestors, gaps, muted
from diagnostics.panel import State
from tests.diagnostics.rows import LAST, Shop, panel, shipped, shops, unit

if TYPE_CHECKING:
    from diagnostics.book.rows import Book

BOOK = shipped()


def counting() -> Book:
    """Return the book with two scenes of plain counts: fewer impressions, fewer orders."""
    plain = BOOK.scenes["S8"]
    bare = {
        key: replace(
            plain, key=key, symptoms=(Condition(metric, "low"),), causes=(), prescriptions=()
        )
        for key, metric in (("T1", "impressions"), ("T2", "orders"))
    }
    return replace(BOOK, scenes={**BOOK.scenes, **bare})


@pytest.mark.parametrize(
    ("change", "scenes"),
    [
        ({"impressions": (1, 0.4)}, {"T1"}),
        ({"impressions": (1, 0.4), "pay_rate": (1, 0.4)}, {"T1", "T2", "S3"}),
        ({"pay_rate": (1, 0.4)}, {"T2", "S3"}),
    ],
)
def test_counts_that_fall_with_a_count_above_them_are_told_once(
    change: dict[str, tuple[int, float]], scenes: set[str]
) -> None:
    found = diagnose(shops(Shop(seed=23, change=change)), counting(), LAST).findings
    assert {one.scene for one in found} == scenes
    hidden = {key for one in found for key in one.hides}
    assert ("uk-beauty|orders" in hidden) == (scenes == {"T1"})


def test_a_unit_belongs_to_its_account_and_its_shop() -> None:
    video = unit("a/video-1", "video", parent="a/account-x")
    units = {one.key: one for one in (video, unit("a/account-x", "account"), unit("a"))}
    assert list(ancestors(video, units)) == ["a/account-x", "a"]
    assert list(ancestors(units["a"], units)) == []


def test_only_what_mostly_has_figures_has_a_gap() -> None:
    units = [unit("a"), unit("a/account-x", "account"), unit("a/video-1", "video")]
    days = np.ones((3, 20))
    days[1, :] = np.nan
    days[0, -1] = np.nan
    found = panel(units, {"views": days.tolist()})
    assert gaps(found, 19) == {"a"}
    assert muted(found, 19, np.arange(3)).tolist() == [False, True, True]
    days[0, -1] = 1.0
    whole = panel(units, {"views": days.tolist()})
    assert not muted(whole, 19, np.arange(3)).any()
    assert whole.state[1, 0] == State.MISSING
