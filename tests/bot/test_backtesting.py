"""`loudou backtest`: on the database and on a table, in two languages, for people and programs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np

from bot.backtesting import Wish, run

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


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


def test_a_wrong_question_says_what_is_near(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(home, Wish(metric="gnv"), as_json=False) == 2
    assert "GMV" in capsys.readouterr().out
    assert run(home, Wish(metric="gmv", unit="uk-beuty"), as_json=False) == 2
    assert "UK beauty" in capsys.readouterr().out
