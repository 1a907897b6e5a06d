"""Which slice moved: the one that did, apart from all others, or none."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from diagnostics.decompose import locate
from diagnostics.locate import FOUND, search

DAYS = 90


@dataclass
class Leaves:
    """A shop's leaves: three countries by four categories, with a weekday habit and noise."""

    labels: dict[str, list[str]]
    past: np.ndarray[tuple[int, int], np.dtype[np.float64]]
    today: np.ndarray[tuple[int], np.dtype[np.float64]]

    def where(self, **labels: str) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        inside = np.ones(len(self.today), dtype=bool)
        for name, label in labels.items():
            inside &= np.array(self.labels[name]) == label
        return inside


def leaves(noise: float = 0.1) -> Leaves:
    chance = np.random.default_rng(3)
    pairs = [(country, category) for country in ("UK", "US", "ID") for category in "abcd"]
    size = chance.lognormal(5.0, 0.6, len(pairs))[:, None]
    week = 1.0 + 0.3 * np.sin(np.arange(DAYS + 1) * 2 * np.pi / 7)
    values = size * week * np.exp(noise * chance.standard_normal((len(pairs), DAYS + 1)))
    labels = {"country": [one for one, _ in pairs], "category": [one for _, one in pairs]}
    return Leaves(labels, values[:, :-1], values[:, -1])


@pytest.mark.parametrize("factor", [0.5, 1.9])
@pytest.mark.parametrize(
    "where", [{"country": "US"}, {"category": "b"}, {"country": "ID", "category": "c"}]
)
def test_the_slice_that_moved_is_named(where: dict[str, str], factor: float) -> None:
    one = leaves()
    today = np.where(one.where(**where), factor * one.today, one.today)
    (found,) = locate(today, one.labels, one.past)
    assert found.where == where
    assert found.score > FOUND
    assert found.observed == pytest.approx(float(today[one.where(**where)].sum()))
    assert found.change == pytest.approx(found.observed - found.expected)
    assert found.expected == pytest.approx(found.observed / factor, rel=0.2)
    assert (found.change > 0) == (factor > 1)


def test_two_slices_that_moved_are_both_named() -> None:
    one = leaves()
    today = np.where(one.where(country="US"), 0.5 * one.today, one.today)
    today = np.where(one.where(country="UK", category="a"), 2.2 * today, today)
    named = [found.where for found in locate(today, one.labels, one.past)]
    assert named == [{"country": "US"}, {"country": "UK", "category": "a"}]


def test_where_everything_moved_there_is_no_single_slice() -> None:
    one = leaves()
    found = search(0.5 * one.today, one.labels, one.past)
    assert found.slices == ()
    assert found.reason == "everywhere"
    assert len(found.nearest) == 3
    assert locate(0.5 * one.today, one.labels, one.past) == []


def test_on_an_ordinary_day_nothing_is_sure() -> None:
    one = leaves()
    assert all(found.score < FOUND for found in locate(one.today, one.labels, one.past))


def test_a_noisy_slice_is_held_to_its_own_noise() -> None:
    one = leaves()
    wild = one.where(country="UK")
    swing = np.exp(0.9 * np.random.default_rng(5).standard_normal(DAYS))
    past = np.where(wild[:, None], one.past * swing, one.past)
    today = np.where(wild, 0.6 * one.today, one.today)
    assert locate(today, one.labels, one.past)[0].where == {"country": "UK"}
    assert all(found.score < FOUND for found in locate(today, one.labels, past))


def test_missing_days_and_leaves_are_never_zero() -> None:
    one = leaves()
    past, today = one.past.copy(), np.where(one.where(country="US"), 0.5 * one.today, one.today)
    past[::3, 10:30] = np.nan
    past[0, :] = np.nan
    today[7] = np.nan
    (found,) = locate(today, one.labels, past)
    assert found.where == {"country": "US"}
    known = one.where(country="US") & np.isfinite(today)
    assert found.observed == pytest.approx(float(today[known].sum()))


def test_the_order_of_leaves_and_dimensions_does_not_matter() -> None:
    one = leaves()
    today = np.where(one.where(category="b"), 0.5 * one.today, one.today)
    order = np.random.default_rng(1).permutation(len(today))
    labels = {key: [one.labels[key][place] for place in order] for key in ("category", "country")}
    (found,) = locate(today, one.labels, one.past)
    (turned,) = locate(today[order], labels, one.past[order])
    assert turned.where == found.where
    assert turned.score == pytest.approx(found.score)


def test_too_little_to_say_is_said() -> None:
    one = leaves()
    assert search(one.today, one.labels, one.past[:, :10]).reason == "too_little"
    assert search(one.today, {}, one.past).reason == "too_little"
    assert search(one.today[:1], {"country": ["UK"]}, one.past[:1]).reason == "too_little"
    with pytest.raises(ValueError, match="same length"):
        locate(one.today[:3], one.labels, one.past)
