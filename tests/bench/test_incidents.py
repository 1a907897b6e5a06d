"""The planted incidents: what is planted, what counts as right, and the product's own policy."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from diagnostics.anomaly import Calendars
from tests.bench.incidents import (
    MONDAY,
    PAST,
    SHIPPED,
    WALKED,
    Incident,
    Planted,
    Scored,
    count,
    discoveries,
    merged,
    ours,
    plant,
    stretches,
    twice,
    until_quiet,
)

DAYS = 40


def scored(*rows: str) -> Scored:
    """Return days by letters: . as usual, h within its band, x out of it above, X below."""
    score = np.array(
        [[{".": 0.0, "x": 1.5, "X": -1.5, "h": 0.7}[one] for one in row] for row in rows]
    )
    mid = np.full(score.shape, 100.0)
    planted = Planted(
        mid * (1.0 + 0.3 * score),
        MONDAY + np.arange(score.shape[1]),
        np.ones(score.shape, dtype=bool),
        Calendars.of(None, len(rows)),
        np.zeros(len(rows), dtype=np.int64),
        (Incident(0, 1, 1, 0.5),),
        np.zeros(score.shape),
    )
    return Scored(planted, score, 0.7 * mid, mid, 1.3 * mid)


def days(flags: np.ndarray) -> list[int]:
    return np.flatnonzero(flags[0]).tolist()


@pytest.mark.parametrize(
    ("row", "messages", "lines"),
    [
        (".x..........", [1], [3]),
        (".xhhx.......", [1], [4, 6]),
        (".x...x......", [1], [3, 5, 7]),
        (".x.........x", [1, 11], [3]),
        (".h.h.h......", [], []),
    ],
)
def test_the_products_policy_tells_an_incident_once(
    row: str, messages: list[int], lines: list[int]
) -> None:
    told, added = ours(scored(row))
    assert (days(told), days(added)) == (messages, lines)


def test_a_message_is_right_on_the_days_and_the_day_after_the_first() -> None:
    found = scored(".x.x....")
    flags = np.abs(found.score) > 1.0
    one = count(found, flags, ~flags, np.ones(1, dtype=bool))
    assert (one.messages, one.right, one.incidents, one.caught) == (2, 1, 1, 1)
    assert (one.during, one.first_day, one.lines) == (1, 1, 6)
    assert count(found, flags, flags, np.zeros(1, dtype=bool)).messages == 0


def test_what_a_group_begins_together_is_one_message() -> None:
    found = scored("..x..", "..x..", "..X..")
    flags = np.abs(found.score) > 1.0
    assert merged(found, flags).sum(axis=0).tolist() == [0, 0, 2, 0, 0]
    apart = replace(found.planted, groups=np.arange(3))
    assert merged(replace(found, planted=apart), flags).sum() == 3


def test_the_peers_do_what_their_names_say() -> None:
    found = scored(".xx.x....x..")
    assert days(twice(found)) == [2]
    assert days(until_quiet(np.abs(found.score) > 1.0)) == [1, 9]
    assert days(discoveries(scored("." * 9 + "x"))) == [9]


def test_what_is_planted_is_planted_in_real_weeks() -> None:
    cut = stretches(SHIPPED)
    assert len(cut) == 60
    made, same, other = plant(cut, 1), plant(cut, 1), plant(cut, 2)
    assert made.incidents == same.incidents != other.incidents
    assert np.array_equal(made.figures, same.figures, equal_nan=True)
    for one in made.incidents:
        assert made.walked[one.unit, one.days].any()
        assert 0.3 <= abs(one.factor - 1.0) <= 0.6
    for stretch, walked in zip(cut, made.walked, strict=True):
        real = stretch.first + PAST + np.flatnonzero(np.isfinite(stretch.figures[PAST:]))
        common = made.days[walked]
        assert np.array_equal((real - common).astype(int) % 7, np.zeros(len(real), dtype=int))
    assert made.walked.sum(axis=1).max() == WALKED
    assert made.figures.shape == (60, PAST + WALKED + 7)
