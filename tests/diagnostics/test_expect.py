"""What was to be expected, and from which past."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from diagnostics.book.rows import CalendarRow
from diagnostics.expect import Asked, outlook, outlooks, sum_of, together
from diagnostics.panel import Panel, State
from tests.diagnostics.rows import LAST, NOTHING, Shop, live, panel, shipped, shops, unit

BOOK = shipped()
GMV, CTR, AOV = BOOK.metrics["gmv"], BOOK.metrics["click_rate"], BOOK.metrics["aov"]
CAMPAIGN = CalendarRow("big", NOTHING, ("UK",), LAST, LAST, "campaign", 2.0, before=1, after=1)


def flat(days: int, value: float = 100.0, last: float | None = None) -> Panel:
    row = [value] * days
    row[-1] = value if last is None else last
    return panel([unit("uk-beauty")], {"gmv": [row]})


@pytest.mark.parametrize(
    ("days", "basis"), [(60, "weekday"), (23, "weekday"), (12, "recent"), (4, "none"), (1, "none")]
)
def test_what_it_is_learnt_from_depends_on_the_past(days: int, basis: str) -> None:
    found = outlook(flat(days), BOOK, GMV, LAST)
    assert found.basis[0] == basis
    assert np.isfinite(found.mid[0]) == (basis != "none")


def test_an_even_past_is_expected_to_go_on() -> None:
    found = outlook(flat(60, last=50.0), BOOK, GMV, LAST)
    assert found.mid[0] == pytest.approx(100.0)
    assert found.score[0] > 1
    assert found.days[0] == 59


@pytest.mark.parametrize("state", [State.MISSING, State.PROVISIONAL])
def test_days_that_are_not_final_teach_nothing(state: State) -> None:
    draft = flat(60)
    draft.values[0, 0, 30:50] = 5.0
    draft.state[0, 30:50] = state
    assert outlook(draft, BOOK, GMV, LAST).mid[0] == pytest.approx(100.0)


def test_a_figure_that_has_not_settled_is_provisional() -> None:
    slow = replace(GMV, settles_after=7)
    one = flat(60)
    assert outlook(one, BOOK, slow, LAST).state[0] == State.PROVISIONAL
    assert outlook(one, BOOK, slow, LAST - timedelta(7)).state[0] == State.FINAL
    assert outlook(one, BOOK, slow, LAST).days[0] == 53


def test_nothing_after_the_day_is_read() -> None:
    one = shops(Shop())
    other = replace(one, values=one.values.copy())
    other.values[:, :, 60:] *= 7
    day = one.days[60].item()
    for metric in (GMV, CTR, AOV):
        before, after = outlook(one, BOOK, metric, day), outlook(other, BOOK, metric, day)
        np.testing.assert_array_equal(before.mid, after.mid)


@pytest.mark.parametrize("campaign", [False, True])
def test_several_metrics_are_expected_as_each_alone(*, campaign: bool) -> None:
    calendar = (CAMPAIGN, replace(CAMPAIGN, key="old", first=LAST - timedelta(30)))
    book = replace(BOOK, calendar=calendar if campaign else ())
    sizes = (400_000.0, 160_000.0, 30_000.0, 5_000.0)
    every = [Shop(f"uk-{at}", seed=at, impressions=size) for at, size in enumerate(sizes)]
    one = shops(*every)
    one.values[one.measures.index("likes"), 1:] = np.nan
    keys = ["gmv", "click_rate", "profit", "aov", "like_rate", "orders", "refund_rate", "roas"]
    groups, rows = np.zeros(len(one.units), dtype=np.int64), np.arange(len(one.units))
    hush = np.zeros((len(rows), 28), dtype=bool)
    hush[:2, -3:] = True
    asked = [Asked(book.metrics[key], rows, groups) for key in keys]
    asked += [Asked(book.metrics[key], rows[1:], hush=hush[1:]) for key in keys]
    for ask, found in zip(asked, outlooks(one, book, LAST, asked), strict=True):
        alone = outlook(one, book, ask.metric, LAST, ask.rows, groups=ask.groups, hush=ask.hush)
        assert list(vars(found)) == list(vars(alone))
        for key, value in vars(alone).items():
            np.testing.assert_array_equal(getattr(found, key), value, err_msg=key)
        assert bool(found.calendar) == (campaign and not ask.metric.over)


def test_a_campaign_day_has_the_books_effect_until_one_is_learnt() -> None:
    book = replace(BOOK, calendar=(CAMPAIGN,))
    found = outlook(flat(60), book, GMV, LAST)
    assert found.mid[0] == pytest.approx(200.0, rel=0.02)
    assert found.calendar == {"UK": ("big",)}
    assert found.basis[0] == "weekday"
    assert outlook(flat(60), BOOK, GMV, LAST).high[0] < found.high[0]


def test_a_campaign_day_is_learnt_from_the_last_ones() -> None:
    rows = [
        replace(CAMPAIGN, key=f"big{ago}", first=day, last=day, before=0, after=0)
        for ago in (0, 20, 40)
        for day in (LAST - timedelta(ago),)
    ]
    one = flat(60, last=300.0)
    one.values[0, 0, [-41, -21]] = 300.0
    found = outlook(one, replace(BOOK, calendar=tuple(rows)), GMV, LAST)
    assert found.basis[0] == "calendar"
    assert found.mid[0] == pytest.approx(100 * (3 * 3 * 2) ** (1 / 3), rel=0.02)
    assert found.score[0] < 1


def test_the_ramp_and_the_dip_do_not_teach_ordinary_days() -> None:
    book = replace(
        BOOK, calendar=(replace(CAMPAIGN, first=LAST - timedelta(2), last=LAST - timedelta(2)),)
    )
    one = flat(60)
    one.values[0, 0, -4:-1] = 900.0
    found = outlook(one, book, GMV, LAST)
    assert found.mid[0] == pytest.approx(100.0)
    assert found.calendar == {}


def test_another_countrys_campaign_is_none_of_ours() -> None:
    book = replace(BOOK, calendar=(replace(CAMPAIGN, countries=("ID",)),))
    assert outlook(flat(60), book, GMV, LAST).mid[0] == pytest.approx(100.0)


def test_a_rate_is_a_ratio_of_sums() -> None:
    one = panel(
        [unit("uk-beauty")],
        {"product_clicks": [[0.0, 900.0] * 30], "views": [[3.0, 30_000.0] * 30]},
    )
    assert outlook(one, BOOK, CTR, LAST).mid[0] == pytest.approx(900 / 30_003, rel=0.1)


def test_money_per_order_has_a_band_of_its_own_size() -> None:
    one = shops(Shop())
    found = outlook(one, BOOK, AOV, LAST)
    assert 0.7 * found.mid[0] < found.low[0] < found.mid[0] < found.high[0] < 1.3 * found.mid[0]


def evenings(values: list[float], **fields: str) -> tuple[Panel, str]:
    days = [LAST - timedelta(3 * step) for step in range(len(values))][::-1]
    units = [live(f"uk-beauty/live-{day:%m%d}", day, **fields) for day in days]
    first = min(days) - timedelta(3)
    row = np.full((len(units), (LAST - first).days + 1), np.nan)
    for place, (day, value) in enumerate(zip(days, values, strict=True)):
        row[place, (day - first).days] = value
    clicks = np.where(np.isfinite(row), 1000.0, np.nan)
    made = panel(
        units,
        {"gmv": row.tolist(), "orders": (row / 20).tolist(), "product_clicks": clicks.tolist()},
    )
    return made, units[-1].key


def test_a_live_is_compared_with_earlier_lives() -> None:
    one, key = evenings([1000, 1100, 900, 1000, 950, 1050, 1000, 980, 400])
    found = outlook(one, BOOK, GMV, LAST)
    last = found.place(one.index(key))
    assert found.basis[last] == "sessions"
    assert found.mid[last] == pytest.approx(1000, rel=0.05)
    assert found.score[last] > 1
    rate = outlook(one, BOOK, BOOK.metrics["ctor"], LAST)
    assert rate.mid[last] == pytest.approx(0.05, rel=0.05)
    assert rate.score[last] > 1


def test_a_first_live_has_nothing_to_be_compared_with() -> None:
    one, key = evenings([1000, 1100, 900, 400])
    found = outlook(one, BOOK, GMV, LAST)
    assert found.basis[found.place(one.index(key))] == "none"


def test_a_young_video_is_compared_at_the_same_age() -> None:
    units = [unit(f"uk-beauty/video-{number:06d}", "video") for number in range(10)]
    row = np.full((10, 40), np.nan)
    for number in range(10):
        begin = 3 * number + 2 if number < 9 else 38
        row[number, begin:] = 5000 * 0.5 ** np.arange(40 - begin)
    one = panel(units, {"views": row.tolist(), "gmv": row.tolist()})
    found = outlook(one, BOOK, BOOK.metrics["views"], LAST)
    assert found.mid[9] == pytest.approx(2500, rel=0.02)
    assert found.score[9] < 1


def test_several_days_are_summed_against_the_sum() -> None:
    one = shops(Shop())
    days = [LAST - timedelta(ago) for ago in (2, 1, 0)]
    whole = together([outlook(one, BOOK, CTR, day) for day in days])
    of, over = one.measure("product_clicks")[0, -3:], one.measure("views")[0, -3:]
    assert whole.value[0] == pytest.approx(of.sum() / over.sum())
    sums = together([outlook(one, BOOK, GMV, day) for day in days])
    assert sums.value[0] == pytest.approx(one.measure("gmv")[0, -3:].sum())
    single = outlook(one, BOOK, GMV, LAST)
    narrow, wide = (sums.high - sums.mid) / sums.mid, (single.high - single.mid) / single.mid
    assert narrow[0] < wide[0]


def test_a_missing_day_is_left_out_of_both_sides() -> None:
    one = flat(60)
    one.values[0, 0, -2] = np.nan
    one.state[0, -2] = State.MISSING
    whole = together([outlook(one, BOOK, GMV, LAST - timedelta(ago)) for ago in (2, 1, 0)])
    assert whole.value[0] == pytest.approx(200.0)
    assert whole.mid[0] == pytest.approx(200.0)
    none = together([outlook(one, BOOK, GMV, LAST - timedelta(1))])
    assert np.isnan(none.value[0])
    assert none.state[0] == State.MISSING


def test_a_measure_without_a_metric_is_its_own_sum() -> None:
    assert sum_of(BOOK, "gmv") is BOOK.metrics["gmv"]
    made = sum_of(BOOK, "likes", ("comments",))
    assert [term.measure for term in made.of] == ["likes", "comments"]


def test_a_day_outside_the_panel_is_refused() -> None:
    with pytest.raises(KeyError):
        outlook(flat(10), BOOK, GMV, date(2020, 1, 1))
