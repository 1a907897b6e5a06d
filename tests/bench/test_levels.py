"""On the shipped real series ours finds more than each common rule at the same false rate."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from tests.bench.levels import (
    LEAST_PAST,
    QUICK,
    RULES,
    SHIPPED,
    Family,
    Found,
    families,
    measure,
    ours,
    slides,
    table,
)

OURS = "Loudou"


@cache
def shipped() -> list[Family]:
    return families(SHIPPED, QUICK)


@cache
def found(name: str) -> Found:
    return measure(RULES[name], shipped(), quick=True)


def test_own_alarms_are_few() -> None:
    assert len(found(OURS).plain) > 200
    assert found(OURS).false() <= 1.2
    assert found(OURS).recall() >= 38.0


def test_holidays_and_the_days_beside_them_are_borne() -> None:
    chicago = shipped()[0]
    near = chicago.near & np.isfinite(chicago.value)
    days = [int(day) for day in np.flatnonzero(near.any(axis=0)) if day >= LEAST_PAST]
    scores = [ours(chicago, day)(chicago.value[:, day])[near[:, day]] for day in days]
    judged = np.concatenate(scores)
    assert len(judged) >= 90
    assert 100.0 * np.mean(judged > 1.0) <= 3.0


@pytest.mark.parametrize("peer", [name for name in RULES if name != OURS])
def test_more_is_found_than_by_any_peer_at_the_same_false_rate(peer: str) -> None:
    assert found(OURS).recall(1.0) > found(peer).recall(1.0) + 10.0


def test_a_shift_is_told_for_few_days() -> None:
    alarms = (np.array(found(OURS).shifts) > 1.0).sum(axis=1)
    assert alarms.mean() <= 3.0


def test_drifts_are_told_within_their_budget() -> None:
    assert slides(shipped()[:1], quick=True).messages <= 0.5


def test_the_table_has_a_row_per_rule() -> None:
    rows = [row for row in table(quick=True).splitlines() if row.startswith("| ")]
    assert len(rows) == len(RULES) + 1
    assert all(row.count("|") == 9 for row in rows)
