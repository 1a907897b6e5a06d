"""What the rules would have said: planted days are told, ordinary ones are not."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from diagnostics.backtest import Drifted, Played, Replay, figure, mornings, own_series, trial
from tests.diagnostics.rows import LAST, Shop, shipped, shops
from tests.diagnostics.test_slides import sliding

DAYS = 90
PAST = LAST - timedelta(DAYS - 1)


def series(*, drop: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.default_rng(3)
    days = np.datetime64(PAST, "D") + np.arange(DAYS)
    values = np.exp(draw.normal(5.0, 0.08, (2, DAYS)))
    if drop is not None:
        values[1, drop] *= 0.4
    return days, values


def replayed(drop: int | None = None, back: int = 30) -> tuple[Played, ...]:
    days, values = series(drop=drop)
    panel, book, metric = own_series(shipped(), ("a", "b"), days, values, None)
    span = [LAST - timedelta(step) for step in range(back - 1, -1, -1)]
    return figure(panel, book, metric, ("a", "b"), span)


def test_a_planted_day_is_told_once_and_the_rest_is_quiet() -> None:
    calm, hit = replayed(drop=DAYS - 10)
    assert calm.judged == hit.judged == 30
    told = [one.day for one, word in zip(hit.readings, hit.told, strict=True) if word]
    assert LAST - timedelta(9) in told
    assert hit.stretches == 1
    assert calm.days_told <= 1
    assert hit.visible is not None
    assert 0.1 < hit.visible < 0.5


def test_a_day_is_judged_from_its_own_past() -> None:
    days, values = series()
    later = values.copy()
    later[:, -5:] *= 30.0
    span = [LAST - timedelta(6)]
    found = []
    for one in (values, later):
        panel, book, metric = own_series(shipped(), ("a", "b"), days, one, None)
        found.append(figure(panel, book, metric, ("a", "b"), span)[0].readings[0].expected)
    assert found[0] == found[1]


def test_a_range_can_be_tried_before_it_is_saved() -> None:
    days, _ = series()
    over = np.full((1, DAYS), 1200.0)
    of = np.full((1, DAYS), 60.0)
    of[0, -3] = 300.0
    lent = shipped().metrics["refund_rate"]
    panel, book, metric = own_series(shipped(), ("a",), days, of, over, lent)
    tried = trial(book, metric, None, 0.1, PAST)
    found = figure(panel, tried, metric, ("a",), [LAST - timedelta(step) for step in (2, 1, 0)])[0]
    assert found.told == ("above", "", "")
    assert all(row.key == "trial" for row in tried.ranges if row.metric == "refund_rate")


def test_three_of_twelve_never_break_a_range_and_three_hundred_do() -> None:
    days, _ = series()
    for size, told in ((12, ""), (1200, "above")):
        over = np.full((1, DAYS), float(size))
        of = np.round(0.08 * over)
        of[0, -1] = size / 4
        panel, book, metric = own_series(
            shipped(), ("a",), days, of, over, shipped().metrics["refund_rate"]
        )
        tried = trial(book, metric, None, 0.1, PAST)
        assert figure(panel, tried, metric, ("a",), [LAST])[0].told == (told,)


def test_mornings_go_through_the_same_door_and_the_same_memory() -> None:
    panel = shops(Shop(days=DAYS))
    span = [LAST - timedelta(step) for step in range(6, -1, -1)]
    played = list(mornings(panel, shipped(), span))
    assert [one.day for one, _ in played] == span
    assert not [message for _, told in played for message in told]


def test_a_slow_slide_is_told_on_one_of_the_days() -> None:
    draw = np.random.default_rng(5)
    days = np.datetime64(LAST - timedelta(139), "D") + np.arange(140)
    values = np.exp(draw.normal(5.0, 0.06, (2, 140)))
    values[1, -20:] *= 1.0 - 0.3 * np.minimum(np.arange(1, 21) / 15.0, 1.0)
    panel, book, metric = own_series(shipped(), ("a", "b"), days, values, None)
    span = [LAST - timedelta(step) for step in range(29, -1, -1)]
    calm, hit = figure(panel, book, metric, ("a", "b"), span)
    assert [len(one.drifts) for one in (calm, hit)] == [30, 30]
    assert not any(one.told for one in calm.drifts)
    told = [(day, one) for day, one in zip(span, hit.drifts, strict=True) if one.told]
    assert len(told) == 1
    day, one = told[0]
    assert LAST - timedelta(19) < day
    assert one.since == day
    assert one.change is not None
    assert one.change < -0.08
    later = hit.drifts[span.index(day) + 1]
    assert (later.since, later.told) == (day, False)


def test_little_history_leaves_the_drift_open() -> None:
    days, values = series()
    panel, book, metric = own_series(shipped(), ("a", "b"), days[:30], values[:, :30], None)
    (one, _) = figure(panel, book, metric, ("a", "b"), [days[29].item()])
    assert one.drifts == (Drifted(None, None, None, told=False),)


@pytest.mark.parametrize(("budget", "messages"), [(0, 0), (2, 1)])
def test_mornings_tell_a_slide_once_and_within_the_budget(budget: int, messages: int) -> None:
    panel = sliding(shops(Shop(days=140, seed=2)), 24)
    span = [LAST - timedelta(step) for step in range(14, -1, -1)]
    played = list(mornings(panel, shipped(), span, slides_per_week=budget))
    replay = Replay(tuple(one for one, _ in played), tuple(m for _, told in played for m in told))
    told = [one for one in replay.messages if one.key == "uk-beauty|slide:gmv"]
    assert len([one for one in told if one.reason == "first"]) == messages
    slid = [one for one in replay.slides if one.finding.key == "uk-beauty|slide:gmv"]
    assert slid
    assert slid[-1].last == LAST
    assert [one.told for one in slid if one.told] == [one.day for one in told[:messages]]


@pytest.mark.parametrize(
    ("told", "messages"),
    [("", 0), ("x", 1), ("x.x", 1), ("x..x", 2), ("xx...x.x", 2)],
)
def test_days_close_to_each_other_are_one_message(told: str, messages: int) -> None:
    words = tuple("unusual" if sign == "x" else "" for sign in told)
    assert Played("a", (), words, None).stretches == messages  # type: ignore[arg-type]  # made by sign
