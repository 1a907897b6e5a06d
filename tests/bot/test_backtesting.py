"""`loudou backtest`: on the database and on a table, in two languages, for people and programs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest

from bot.backtesting import Wish, run
from bot.team import TeamError

if TYPE_CHECKING:
    from pathlib import Path

    from diagnostics.book.rows import Lang


def test_one_figure_of_the_example(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(home, Wish(metric="refund_rate", days=10), as_json=False) == 0
    said = capsys.readouterr().out
    assert "Refund rate" in said
    assert "US apparel" in said
    assert "Smallest rise" in said


def test_whole_mornings_tell_the_planted_refunds(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(home, Wish(days=3), as_json=True) == 0
    told = json.loads(capsys.readouterr().out)["result"]
    assert [day["day"] for day in told["days"]] == ["2026-03-10", "2026-03-11", "2026-03-12"]
    assert told["slides"] == []
    assert [(one["day"], one["reason"], one["key"].split("|")[1]) for one in told["alerts"]] == [
        ("2026-03-12", "first", "S6")
    ]
    assert run(home, Wish(days=1, lang="zh"), as_json=False) == 0
    assert "首次" in capsys.readouterr().out


def test_a_table_of_figures(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    draw = np.random.default_rng(4)
    rows = ["unit,day,of,over"]
    for day in np.arange(np.datetime64("2026-01-01"), np.datetime64("2026-03-12")):
        of = 150 if str(day) == "2026-03-09" else draw.binomial(300, 0.05)
        rows.append(f"shop,{day},{of},300")
    path = home / "rates.csv"
    path.write_text("\n".join(rows), encoding="utf-8")
    assert run(home, Wish(metric="refund_rate", file=path, days=14), as_json=True) == 0
    (one,) = json.loads(capsys.readouterr().out)["result"]
    assert [day["day"] for day in one["days"] if day["told"]] == ["2026-03-09"]
    assert one["slides_told"] == []
    assert {*one["days"][-1]["drift"]} == {"change", "score", "since", "told"}
    assert run(home, Wish(file=path, days=14, unit="shap"), as_json=False) == 2
    assert "near it: ['shop']" in capsys.readouterr().err


@pytest.mark.parametrize(("lang", "word"), [(None, "shop"), ("zh", "天")])
def test_a_table_needs_no_team(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], lang: Lang | None, word: str
) -> None:
    days = np.arange(np.datetime64("2026-01-01"), np.datetime64("2026-03-12"))
    path = tmp_path / "orders.csv"
    lines = [
        f"shop,{day},{400 if str(day) == '2026-03-11' else 1000 + at % 7}"
        for at, day in enumerate(days)
    ]
    path.write_text("\n".join(("unit,day,value", *lines)), encoding="utf-8")
    assert run(tmp_path, Wish(file=path, days=7, lang=lang), as_json=False) == 0
    assert word in capsys.readouterr().out
    assert run(tmp_path, Wish(file=path, days=7), as_json=True) == 0
    (one,) = json.loads(capsys.readouterr().out)["result"]
    assert [day["day"] for day in one["days"] if day["told"]] == ["2026-03-11"]
    assert [one.name for one in tmp_path.iterdir()] == ["orders.csv"]


@pytest.mark.parametrize("metric", ["", "margin"])
def test_a_margin_below_zero_is_no_share(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], metric: str
) -> None:
    days = np.arange(np.datetime64("2026-01-01"), np.datetime64("2026-03-12"))
    path = tmp_path / "margin.csv"
    lines = [
        f"shop,{day},{-400 if str(day) == '2026-03-11' else 60 - 20 * (at % 9)},1000"
        for at, day in enumerate(days)
    ]
    path.write_text("\n".join(("unit,day,of,over", *lines)), encoding="utf-8")
    assert run(tmp_path, Wish(metric=metric, file=path, days=7), as_json=True) == 0
    (one,) = json.loads(capsys.readouterr().out)["result"]
    assert [day["day"] for day in one["days"] if day["told"]] == ["2026-03-11"]
    assert [day["value"] for day in one["days"]][-1] == pytest.approx(-0.4)
    assert all(day["low"] < day["expected"] < day["high"] for day in one["days"])
    assert run(tmp_path, Wish(metric=metric, file=path, days=7), as_json=False) == 0
    assert "Not enough history" not in capsys.readouterr().out


def test_a_wrong_question_says_what_is_near(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(home, Wish(metric="gnv"), as_json=False) == 2
    assert "GMV" in capsys.readouterr().out
    assert run(home, Wish(metric="gmv", unit="uk-beuty"), as_json=False) == 2
    assert "UK beauty" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        (Wish(metric="gmv", low=9000.0, high=5.0), "exchange them"),
        (Wish(metric="refund_rate", high=7.0), "write 0.07 for 7 %"),
    ],
)
def test_a_range_that_is_none_is_not_tried(home: Path, wish: Wish, said: str) -> None:
    with pytest.raises(TeamError, match=said):
        run(home, wish, as_json=False)
